"""The first sign-in: an own password, an authenticator app, recovery codes."""

from __future__ import annotations

from datetime import datetime

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from bankops.core.errors import BankOpsError
from staff import one_time_codes, pending
from staff.forms import CodeForm, NewPasswordForm, StoredForm
from staff.models import OneTimeCodeDevice, User
from staff.pending import Pending
from staff.services.passwords import replace_temporary_password
from staff.services.recovery_codes import make_recovery_codes, mark_recovery_codes_stored
from staff.services.second_factor import begin_enrolment, confirm_enrolment, secret_of
from staff.views.pages import page, posted, refuse
from staff.views.signing_in import go_on, step


@step
def choose_password(request: HttpRequest, state: Pending, user: User, now: datetime) -> HttpResponse:
    """Replace the password somebody else knows."""
    form = NewPasswordForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            user = replace_temporary_password(user=user, new=form.cleaned_data["new"], now=now)
        except BankOpsError as refusal:
            refuse(form, refusal)
        else:
            pending.advance(request, state, user, now=now)
            return go_on(request)
    return page(request, "staff/choose_password.html", form=form, person=user, title=gettext("Choose your password"))


@step
def set_up_second_factor(request: HttpRequest, state: Pending, user: User, now: datetime) -> HttpResponse:
    """Show the QR code until a right code comes back, then the recovery codes."""
    form = CodeForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            confirm_enrolment(user=user, code=form.cleaned_data["code"], now=now)
        except BankOpsError as refusal:
            refuse(form, refusal)
        else:
            pending.advance(request, state, user, now=now, proved="one_time_code")
            return show_recovery_codes(request, make_recovery_codes(user=user, now=now))
    device = begin_enrolment(user=user, shown=state.shown_device)
    pending.remember_device(request, state, device)
    qr, secret = _qr(device)
    title = gettext("Set up your second factor")
    return page(request, "staff/set_up.html", form=form, title=title, qr=qr, secret=secret)


@step
def store_recovery_codes(request: HttpRequest, state: Pending, user: User, now: datetime) -> HttpResponse:
    """Go on once the codes are stored. Whoever lost the page before that gets new codes, never the old ones again."""
    if request.method == "POST" and "make" in request.POST:
        return show_recovery_codes(request, make_recovery_codes(user=user, now=now))
    form = StoredForm(posted(request))
    if form.is_bound and form.is_valid():
        mark_recovery_codes_stored(user=user, now=now)
        pending.advance(request, state, user, now=now)
        return go_on(request)
    return page(request, "staff/recovery_codes.html", form=form, title=gettext("Recovery codes"))


def show_recovery_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Render the codes, this once."""
    return page(request, "staff/recovery_codes.html", form=StoredForm(), codes=codes, title=gettext("Recovery codes"))


def _qr(device: OneTimeCodeDevice) -> tuple[str, str]:
    """Return the QR code as an image address, and the secret in groups of four to type."""
    secret = secret_of(device)
    uri = one_time_codes.provisioning_uri(secret, issuer=settings.BANKOPS_NAME, account=device.user.employee_number)
    text = one_time_codes.readable(secret)
    groups = " ".join(text[start : start + 4] for start in range(0, len(text), 4))
    return segno.make(uri, error="m").svg_data_uri(border=2), groups
