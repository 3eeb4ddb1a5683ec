"""Signing in: password, then one-time code or recovery code. Nobody is signed in before both."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp import login as otp_login

from bankops.core import clock
from bankops.core.errors import BankOpsError
from staff import locks, pending, session_clock
from staff.actors import is_verified
from staff.errors import CodeRefused, RecoveryCodeRefused, WrongPassword
from staff.forms import CodeForm, RecoveryCodeForm, SignInForm
from staff.models import OneTimeCodeDevice, User
from staff.models.user import EMPLOYEE_NUMBER
from staff.pending import Pending
from staff.services.recovery_codes import codes_left, use_recovery_code
from staff.services.second_factor import verify_code
from staff.services.signing_in import record_sign_in_failed, record_signed_in
from staff.views.client_address import client_address
from staff.views.lockout import count_failure, is_locked, locked_out, note_lockout
from staff.views.pages import own_target, page, posted, refuse

_BACKEND = "staff.backends.RoleBackend"
_FEW_CODES = 3
_NOT_RIGHT = _("Employee number or password is not right.")

# Why a session ended, by the code that the session limits put into the address.
ENDED = {
    "idle": _("You were signed out because nothing was done for a while. Sign in again to go on where you were."),
    "absolute": _("A session lasts one working day at most. Sign in again to go on where you were."),
    "elsewhere": _(
        "Your session has ended: your sign-in was changed, or you signed out elsewhere. Please sign in again."
    ),
    "pending": _("Signing in took too long. Please begin again."),
    "signed_out": _("You are signed out."),
}

# Either code proves the second factor; every other step has one page.
_PAGES_OF = {"staff:enter_code": {"staff:enter_code", "staff:enter_recovery_code"}}

Step = Callable[[HttpRequest, Pending, User, datetime], HttpResponse]


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Take employee number and password."""
    target = own_target(request, request.POST.get("next") or request.GET.get("next", ""))
    if is_verified(request):
        return redirect(target or "admin:index")
    form = SignInForm(posted(request))
    if form.is_bound and form.is_valid():
        user = _check_password(request, form.cleaned_data["employee_number"], form.cleaned_data["password"])
        if user:
            pending.begin(request, user, target=target, now=clock.now())
            return go_on(request)
        form.add_error(None, _NOT_RIGHT)
    notice = ENDED.get(request.GET.get("ended", ""), "") if request.method == "GET" else ""
    return page(request, "staff/sign_in.html", form=form, next=target, notice=notice, title=gettext("Sign in"))


def step(view: Step) -> Callable[[HttpRequest], HttpResponse]:
    """Let a page in only when it is due for somebody who is signing in; send everybody else where they belong."""

    @never_cache
    @sensitive_post_parameters()
    @require_http_methods(["GET", "POST"])
    @functools.wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        now = clock.now()
        found = pending.current(request, now=now)
        if found is None:
            return redirect(f"{reverse('staff:sign_in')}?{urlencode({'ended': 'pending'})}")
        due = pending.due_step(*found)
        if f"staff:{view.__name__}" not in _PAGES_OF.get(due, {due}):
            return go_on(request)
        return view(request, *found, now)

    return guarded


@step
def enter_code(request: HttpRequest, state: Pending, user: User, now: datetime) -> HttpResponse:
    """Take the code that the phone shows."""
    form = CodeForm(posted(request))
    if form.is_bound and form.is_valid():
        return _prove(request, state, user, form, method="one_time_code", now=now)
    return page(request, "staff/enter_code.html", form=form, title=gettext("One-time code"))


@step
def enter_recovery_code(request: HttpRequest, state: Pending, user: User, now: datetime) -> HttpResponse:
    """Take a recovery code instead."""
    form = RecoveryCodeForm(posted(request))
    if form.is_bound and form.is_valid():
        return _prove(request, state, user, form, method="recovery_code", now=now)
    return page(request, "staff/enter_recovery_code.html", form=form, title=gettext("Recovery code"))


def go_on(request: HttpRequest) -> HttpResponse:
    """Redirect to the step that is due, or finish when none is."""
    now = clock.now()
    found = pending.current(request, now=now)
    if found is None:
        return redirect("staff:sign_in")
    state, user = found
    due = pending.due_step(state, user)
    return redirect(due) if due else _finish(request, state, user, now)


def _check_password(request: HttpRequest, employee_number: str, password: str) -> User | None:
    """Return whose password it is, or None after recording why not; the caller shows one text for every reason."""
    if not re.fullmatch(EMPLOYEE_NUMBER, employee_number):
        _record_failure(request, None, "unknown_user")
        return None
    with locks.one_guess_at_a_time(employee_number):
        return _guess(request, employee_number, password)


def _guess(request: HttpRequest, employee_number: str, password: str) -> User | None:
    was_locked = is_locked(request, employee_number)
    user = authenticate(request, employee_number=employee_number, password=password)
    if isinstance(user, User):
        return user
    tried = User.objects.filter(employee_number=employee_number).first()
    _record_failure(request, tried, _why(tried, was_locked))
    if not was_locked:
        note_lockout(request, tried)
    return None


def _why(tried: User | None, was_locked: bool) -> str:
    if was_locked:
        return "locked"
    if tried is None:
        return "unknown_user"
    return "wrong_password" if tried.is_active else "disabled"


def _prove(
    request: HttpRequest, state: Pending, user: User, form: CodeForm | RecoveryCodeForm, *, method: str, now: datetime
) -> HttpResponse:
    if is_locked(request, user.employee_number):
        _record_failure(request, user, "locked")
        pending.forget(request)
        return locked_out(request)
    try:
        if method == "one_time_code":
            verify_code(user=user, code=form.cleaned_data["code"], now=now)
        else:
            use_recovery_code(user=user, code=form.cleaned_data["recovery_code"], now=now)
    except BankOpsError as refusal:
        count_refusal(request, user, refusal)
        refuse(form, refusal)
        template = "staff/enter_code.html" if method == "one_time_code" else "staff/enter_recovery_code.html"
        return page(request, template, form=form, title=gettext("One-time code"), status=refusal.http_status)
    pending.advance(request, state, user, now=now, proved=method)
    return go_on(request)


def count_refusal(request: HttpRequest, user: User, refusal: BankOpsError) -> None:
    """Record a refused code or password; a wrong one counts towards the lockout, a used or hurried code does not."""
    _record_failure(request, user, refusal.code)
    if isinstance(refusal, (CodeRefused, RecoveryCodeRefused, WrongPassword)):
        count_failure(request, user)
        note_lockout(request, user)


def _finish(request: HttpRequest, state: Pending, user: User, now: datetime) -> HttpResponse:
    device = OneTimeCodeDevice.objects.get(user=user, confirmed=True)
    pending.forget(request)
    login(request, user, backend=_BACKEND)  # a new session key, and the failures so far are forgotten
    otp_login(request, device)
    session_clock.start(request.session, now)
    record_signed_in(user=user, method=state.proved, address=client_address(request) or "", now=now)
    if state.proved == "recovery_code":
        _warn_few_codes(request, user)
    return redirect(state.target or "admin:index")


def _warn_few_codes(request: HttpRequest, user: User) -> None:
    left = codes_left(user)
    if left <= _FEW_CODES:
        text = ngettext(
            "%(left)s recovery code is left. Make new ones under “My sign-in”.",
            "%(left)s recovery codes are left. Make new ones under “My sign-in”.",
            left,
        )
        messages.warning(request, text % {"left": left})


def _record_failure(request: HttpRequest, user: User | None, why: str) -> None:
    record_sign_in_failed(user=user, why=why, address=client_address(request) or "", now=clock.now())
