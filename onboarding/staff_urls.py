"""Pages of Kleep's staff, below /console/."""

from django.urls import path

from onboarding.staff_views import components, golive, people

urlpatterns = [
    path("companies/new", people.merchant_new, name="merchant_new"),
    path("shops/<slug:slug>/golive", golive.golive, name="console_golive"),
    path("shops/<slug:slug>/golive/sign", golive.sign, name="console_sign"),
    path("shops/<slug:slug>/golive/approve", golive.approve, name="console_approve"),
    path("shops/<slug:slug>/golive/send-back", golive.send_back, name="console_send_back"),
    path("shops/<slug:slug>/golive/undo", golive.undo, name="console_undo"),
    path("components", components.components, name="components"),
]
