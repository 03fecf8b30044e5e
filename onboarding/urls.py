"""Pages of the merchants. A shop is named by its slug in every address of its own."""

from django.urls import path

from onboarding.views import (
    check,
    configuration,
    credentials,
    data,
    hand_offs,
    home,
    invitations,
    people,
    platform,
    pull,
    readiness,
    reference,
    sharing,
    shop,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("language", home.language, name="language"),
    path("appearance", home.appearance, name="appearance"),
    path("datasets", reference.datasets, name="datasets"),
    path("shops/new", home.shop_new, name="shop_new"),
    path("shops/<slug:slug>/", shop.shop, name="shop"),
    path("shops/<slug:slug>/platform", platform.platform, name="platform"),
    path("companies/choose", people.choose, name="company_choose"),
    path("companies/<uuid:merchant>/people", people.people, name="people"),
    path("companies/<uuid:merchant>/people/invite", people.invite, name="people_invite"),
    path("companies/<uuid:merchant>/people/<int:member>/role", people.role, name="people_role"),
    path(
        "companies/<uuid:merchant>/people/<int:member>/remove", people.remove, name="people_remove"
    ),
    path(
        "companies/<uuid:merchant>/invitations/<int:invitation>/renew",
        people.renew,
        name="invitation_renew",
    ),
    path(
        "companies/<uuid:merchant>/invitations/<int:invitation>/revoke",
        people.revoke,
        name="invitation_revoke",
    ),
    path("invitation", invitations.accept, name="invitation_accept"),
    path("invitation/<str:token>", invitations.open, name="invitation"),
    path("hand-off/<str:token>", hand_offs.hand_off_open, name="hand_off_open"),
    path("shops/<slug:slug>/hand-offs", hand_offs.hand_offs, name="hand_offs"),
    path(
        "shops/<slug:slug>/hand-offs/<int:link>/revoke",
        hand_offs.hand_off_revoke,
        name="hand_off_revoke",
    ),
    path(
        "shops/<slug:slug>/hand-offs/<int:link>/renew",
        hand_offs.hand_off_renew,
        name="hand_off_renew",
    ),
    path("shops/<slug:slug>/access", credentials.access, name="access"),
    path("shops/<slug:slug>/access/hints", credentials.hints, name="access_hints"),
    path("shops/<slug:slug>/access/compare", credentials.compare, name="access_compare"),
    path("shops/<slug:slug>/access/share", sharing.share, name="access_share"),
    path("shops/<slug:slug>/check", check.check, name="check"),
    path("shops/<slug:slug>/check/lines", check.check_lines, name="check_lines"),
    path("shops/<slug:slug>/check/start", check.check_start, name="check_start"),
    path("shops/<slug:slug>/check/again/<str:resource>", check.check_again, name="check_again"),
    path("shops/<slug:slug>/pull", pull.pull, name="pull"),
    path("shops/<slug:slug>/pull/progress", pull.pull_progress, name="pull_progress"),
    path("shops/<slug:slug>/pull/start", pull.pull_start, name="pull_start"),
    path("shops/<slug:slug>/data", data.data, name="data"),
    path("shops/<slug:slug>/data/export", data.export, name="export"),
    path("shops/<slug:slug>/configuration", configuration.configuration, name="configuration"),
    path(
        "shops/<slug:slug>/configuration/dimensions.csv",
        configuration.dimensions,
        name="dimensions_template",
    ),
    path("shops/<slug:slug>/readiness", readiness.page, name="readiness"),
    path("shops/<slug:slug>/readiness.json", readiness.document, name="readiness_json"),
]
