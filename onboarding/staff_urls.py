"""Pages of Kleep's staff, below /console/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
