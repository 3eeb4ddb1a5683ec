"""What somebody reads who is not served: not allowed, an old form, no such page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from staff.views.pages import page


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403 with the reason, when there is one, and the way back."""
    return page(request, "staff/refused.html", status=403, title=gettext("Not allowed"), why=str(exception))


def stale_form(request: HttpRequest, **_reason: str) -> HttpResponse:
    """Answer 403 to a form that another sign-in, in another tab for instance, has made invalid (its CSRF token)."""
    return page(request, "staff/stale_form.html", status=403, title=gettext("This page is out of date"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # as Django calls it
    """Answer 404 without repeating what was asked for."""
    return page(request, "staff/not_found.html", status=404, title=gettext("There is no such page"))
