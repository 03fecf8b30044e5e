"""Where every page lives."""

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path

from kleep_portal import health, metrics


def not_found(request: HttpRequest, **_kwargs: str) -> HttpResponse:
    raise Http404


def favicon(request: HttpRequest) -> HttpResponse:
    """Pages of others, the administration's, name no icon: browsers ask here then."""
    return redirect(static("img/mark.svg"))


urlpatterns = [
    path("favicon.ico", favicon, name="favicon"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    path("admin/", admin.site.urls),
    # A person is known by the address that was invited: another address is another invitation.
    path("accounts/email/", not_found),
    path("accounts/confirm-email/", not_found),
    path("accounts/confirm-email/<str:key>/", not_found),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("onboarding.api.urls")),
    path("console/", include("onboarding.staff_urls")),
    path("", include("onboarding.urls")),
]
