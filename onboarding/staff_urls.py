"""Pages of Kleep's staff, below /console/."""

from django.urls import path

from onboarding.staff_views import components

urlpatterns = [
    path("components", components.components, name="components"),
]
