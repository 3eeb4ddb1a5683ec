"""Sessions end: when idle, after a working day, and at once when somebody's sign-in is taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.middleware import OTPMiddleware

from bankops.core import clock
from staff import session_clock
from staff.models import User
from staff.services.signing_in import record_session_ended


class OneDeviceMiddleware(OTPMiddleware):
    """Django-otp's, which asks for the device that the session names. Here a person has one, and it came with them."""

    def _verify_user_sync(self, request: HttpRequest, user: Any) -> Any:
        self._init_user_fields(user)
        if user.is_authenticated:
            device = getattr(user, "one_time_code_device", None)
            proved = device and device.persistent_id == request.session.get(DEVICE_ID_SESSION_KEY)
            user.otp_device = self._finalize_device(request, user, device if proved else None)
        return user


class SessionLimitMiddleware:
    """Stands after authentication. Sends whose session is over to the sign-in page, which says why and leads back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, User):
            return self._within_limits(request, request.user)
        if _was_signed_in(request):
            request.session.flush()
            request.session_ended = "elsewhere"  # type: ignore[attr-defined]  # the admin's sign-in redirect tells
        return self.get_response(request)

    def _within_limits(self, request: HttpRequest, user: User) -> HttpResponse:
        now = clock.now()
        limit = session_clock.limit_reached(request.session, now)
        if limit:
            record_session_ended(user=user, limit=limit, now=now)
            logout(request)
            return redirect(sign_in_address(request, ended=limit))
        session_clock.touch(request.session, now)
        return self.get_response(request)


def sign_in_address(request: HttpRequest, *, ended: str = "") -> str:
    """Return the sign-in page's address with the way back to the page asked for, and why the session ended."""
    back = request.get_full_path() if request.method == "GET" else request.path
    query = {"next": back} | ({"ended": ended} if ended else {})
    return f"{reverse('staff:sign_in')}?{urlencode(query)}"


def _was_signed_in(request: HttpRequest) -> bool:
    """Tell whether the browser comes with a session whose person may not go on.

    Django empties the session when the password changed or the sessions were ended, and keeps it, with nobody in it,
    when the person is disabled.
    """
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return SESSION_KEY in request.session or request.session.is_empty()
