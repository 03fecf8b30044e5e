"""Pages of the merchants."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
