"""What somebody reads who may not do what they tried."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from staff.views.pages import page


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403 with the reason, when there is one, and the way back."""
    return page(request, "staff/refused.html", status=403, title=gettext("Not allowed"), why=str(exception))
