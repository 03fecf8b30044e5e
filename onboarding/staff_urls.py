"""Pages of Kleep's staff, below /console/."""

from django.urls import path

from onboarding.staff_views import components, people

urlpatterns = [
    path("companies/new", people.merchant_new, name="merchant_new"),
    path("components", components.components, name="components"),
]
