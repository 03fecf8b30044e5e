"""Pages of Kleep's staff, below /console/."""

from django.urls import path

from onboarding.staff_views import components, golive, people, pipeline, shop, statistics

urlpatterns = [
    path("", pipeline.pipeline, name="pipeline"),
    path("bulk", pipeline.bulk, name="pipeline_bulk"),
    path("views", pipeline.save_view, name="view_save"),
    path("views/<int:view>/delete", pipeline.delete_view, name="view_delete"),
    path("figures", statistics.statistics, name="statistics"),
    path("look-away", shop.look_away, name="look_away"),
    path("shops/<slug:slug>", shop.shop, name="console_shop"),
    path("shops/<slug:slug>/check", shop.recheck, name="console_check"),
    path("shops/<slug:slug>/pulls/<int:cursor>/retry", shop.retry, name="console_retry"),
    path("shops/<slug:slug>/pulls/<int:cursor>/range", shop.repull, name="console_range"),
    path("shops/<slug:slug>/pause", shop.pause, name="console_pause"),
    path("shops/<slug:slug>/resume", shop.resume, name="console_resume"),
    path("shops/<slug:slug>/note", shop.note, name="console_note"),
    path("shops/<slug:slug>/owner", shop.assign, name="console_owner"),
    path("shops/<slug:slug>/look", shop.look, name="console_look"),
    path("companies/new", people.merchant_new, name="merchant_new"),
    path("shops/<slug:slug>/golive", golive.golive, name="console_golive"),
    path("shops/<slug:slug>/golive/sign", golive.sign, name="console_sign"),
    path("shops/<slug:slug>/golive/approve", golive.approve, name="console_approve"),
    path("shops/<slug:slug>/golive/send-back", golive.send_back, name="console_send_back"),
    path("shops/<slug:slug>/golive/undo", golive.undo, name="console_undo"),
    path("components", components.components, name="components"),
]
