"""Where every page lives."""

from django.contrib import admin
from django.urls import include, path

from kleep_portal import health, metrics

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("console/", include("onboarding.staff_urls")),
    path("", include("onboarding.urls")),
]
