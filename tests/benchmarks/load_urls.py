"""The portal's pages, and beside them the one that the others are compared with."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from kleep_portal import urls


def nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [path("nothing", nothing), *urls.urlpatterns]
