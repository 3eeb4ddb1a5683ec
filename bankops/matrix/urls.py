"""The product's addresses as they are, with plain refusals: the page that says no in full takes longer than the no."""

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseNotFound

from bankops.urls import urlpatterns

__all__ = ["handler403", "handler404", "urlpatterns"]


def handler403(_request: HttpRequest, **_fault: Exception) -> HttpResponse:
    return HttpResponseForbidden()


def handler404(_request: HttpRequest, **_fault: Exception) -> HttpResponse:
    return HttpResponseNotFound()
