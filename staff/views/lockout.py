"""Five failures, and the door stays shut for a while."""

from __future__ import annotations

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse

from bankops.core import clock
from staff import pending
from staff.models import User
from staff.services.signing_in import record_locked_out
from staff.views.client_address import client_address
from staff.views.pages import page


def is_locked(request: HttpRequest, employee_number: str) -> bool:
    """Tell whether a number, anybody's or nobody's, is locked."""
    return not AxesProxyHandler.is_allowed(request, _credentials(employee_number))


def count_failure(request: HttpRequest, user: User) -> None:
    """Count a wrong second factor like a wrong password, so that entering the password again wins no new guesses."""
    user_login_failed.send(sender=__name__, credentials=_credentials(user.employee_number), request=request)


def note_lockout(request: HttpRequest, user: User | None) -> None:
    """Record that the failure just counted was the last one allowed, if it was."""
    if getattr(request, "axes_locked_out", False):
        record_locked_out(user=user, address=client_address(request) or "", now=clock.now())
        pending.forget(request)


def locked_out(request: HttpRequest, *_args: object) -> HttpResponse:
    """Say what happened and what to do. The same page for every number, whether somebody has it or not."""
    cool_off = get_cool_off(request)
    minutes = int(cool_off.total_seconds() // 60) if cool_off else 0
    response = page(request, "staff/locked.html", status=settings.AXES_HTTP_RESPONSE_CODE, minutes=minutes)
    response["Retry-After"] = str(minutes * 60)
    return response.render() if hasattr(response, "render") else response


def _credentials(employee_number: str) -> dict[str, str]:
    return {settings.AXES_USERNAME_FORM_FIELD: employee_number}
