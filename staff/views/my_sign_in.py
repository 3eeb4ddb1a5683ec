"""One's own sign-in: password, second factor, recovery codes."""

from __future__ import annotations

import functools
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from bankops.core import clock
from bankops.core.errors import BankOpsError
from staff.actors import is_verified
from staff.errors import WrongPassword
from staff.forms import ChangePasswordForm, CodeForm, StoredForm
from staff.middleware import sign_in_address
from staff.models import User
from staff.services.passwords import change_own_password
from staff.services.recovery_codes import codes_left, make_recovery_codes, mark_recovery_codes_stored
from staff.services.second_factor import verify_code
from staff.views.lockout import is_locked, locked_out
from staff.views.pages import page, posted, refuse
from staff.views.signing_in import count_refusal

View = Callable[[HttpRequest, User], HttpResponse]


def own(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """Let in only who has signed in with a one-time code, and nobody whose guesses are used up."""

    @never_cache
    @sensitive_post_parameters()
    @require_http_methods(["GET", "POST"])
    @functools.wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or not is_verified(request):
            return redirect(sign_in_address(request))
        if request.method == "POST" and is_locked(request, user.employee_number):
            return locked_out(request)
        return view(request, user)

    return guarded


@own
def my_sign_in(request: HttpRequest, user: User) -> HttpResponse:
    """Show what there is."""
    device = user.one_time_code_device
    return page(
        request, "staff/my_sign_in.html", device=device, codes_left=codes_left(user), title=gettext("My sign-in")
    )


@own
def change_password(request: HttpRequest, user: User) -> HttpResponse:
    """Change the password; every other session of the person ends."""
    form = ChangePasswordForm(posted(request))
    if form.is_bound and form.is_valid():
        present, new = form.cleaned_data["present"], form.cleaned_data["new"]
        try:
            user = change_own_password(user=user, present=present, new=new, now=clock.now())
        except WrongPassword as refusal:
            count_refusal(request, user, refusal)
            refuse(form, refusal)
        except BankOpsError as refusal:
            refuse(form, refusal)
        else:
            update_session_auth_hash(request, user)
            messages.success(request, gettext("Your password is changed. Other sessions of yours have ended."))
            return redirect("staff:my_sign_in")
    return page(request, "staff/change_password.html", form=form, title=gettext("Change password"))


@own
def new_recovery_codes(request: HttpRequest, user: User) -> HttpResponse:
    """Make ten new recovery codes, for a fresh one-time code."""
    form = CodeForm(posted(request))
    if form.is_bound and form.is_valid():
        now = clock.now()
        try:
            verify_code(user=user, code=form.cleaned_data["code"], now=now)
        except BankOpsError as refusal:
            count_refusal(request, user, refusal)
            refuse(form, refusal)
        else:
            codes = make_recovery_codes(user=user, now=now)
            return _show_codes(request, StoredForm(), codes)
    return page(request, "staff/new_recovery_codes.html", form=form, title=gettext("New recovery codes"))


@own
def confirm_recovery_codes(request: HttpRequest, user: User) -> HttpResponse:
    """Take the word that the new codes are stored."""
    form = StoredForm(posted(request))
    if form.is_bound and form.is_valid():
        mark_recovery_codes_stored(user=user, now=clock.now())
        return redirect("staff:my_sign_in")
    return _show_codes(request, form, [])


def _show_codes(request: HttpRequest, form: StoredForm, codes: list[str]) -> HttpResponse:
    title = gettext("Recovery codes")
    return page(request, "staff/recovery_codes.html", form=form, codes=codes, settled=True, title=title)
