"""Signing out."""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from bankops.core import clock
from staff.models import User
from staff.services.signing_in import record_signed_out


@require_POST
@csrf_protect
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session. A POST, so that no link or picture on another page can do it."""
    if isinstance(request.user, User):
        record_signed_out(user=request.user, now=clock.now())
    logout(request)
    return redirect(f"{reverse('staff:sign_in')}?ended=signed_out")
