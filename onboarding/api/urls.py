"""Where the API answers."""

from django.urls import URLPattern, URLResolver, path

from onboarding.api.routes import api

_patterns, _app, _namespace = api.urls
urlpatterns: list[URLPattern | URLResolver] = [path("", (_patterns, _app, _namespace))]
