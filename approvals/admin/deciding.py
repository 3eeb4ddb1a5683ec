"""Approve, reject, return: one person, one request, one code."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from approvals import eligibility, services
from approvals.admin.request_doors import RequestDoor
from approvals.admin.wording import undone
from approvals.models import ApprovalRequest, State, Verdict
from approvals.selectors.chains import needs_code
from approvals.services import Decided, Seen
from approvals.services.decisions import DECIDE
from approvals.services.proofs import refuse_locked
from bankops.core import clock
from bankops.core.admin.doors import Done
from bankops.core.admin.forms import DoorForm
from bankops.core.errors import BankOpsError, PermissionRefused
from staff.actors import person_at
from staff.models import User


class CodeInput(forms.TextInput):
    """Never shows a code again: by then it is used up, or wrong."""

    def __init__(self) -> None:
        super().__init__(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "7", "spellcheck": "false"}
        )

    def format_value(self, value: Any) -> None:
        return None


class CodeField(forms.CharField):
    """The six digits. Whether they are needed and right, the service says."""

    def __init__(self) -> None:
        super().__init__(
            label=_("One-time code"),
            max_length=16,
            required=False,
            widget=CodeInput(),
            help_text=_("From your phone, for this decision only. If you have just used one, wait for the next."),
        )

    def clean(self, value: Any) -> str:
        """Return the digits alone: an East Asian keyboard may type full-width ones, and apps show a gap."""
        return unicodedata.normalize("NFKC", "".join(super().clean(value).split()))


class DecisionForm(DoorForm):
    sight = forms.CharField(max_length=64, widget=forms.HiddenInput, required=False)
    comment = forms.CharField(
        label=_("Comment"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    code = CodeField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.record, ApprovalRequest) and not needs_code(self.record):
            del self.fields["code"]


class RefusalForm(DecisionForm):
    """For a verdict that needs a word why. The service insists on it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].label = _("Why")
        self.fields["comment"].help_text = _("The maker reads it. It is kept for ever.")


class DecidingDoor(RequestDoor):
    """One verdict on one request, about what its page shows (the hidden hash says what that was).

    Attributes:
        effect: what the verdict leads to.

    """

    permission = DECIDE
    verdict: ClassVar[Verdict]
    effect: ClassVar[str | Promise]

    def offered(self, record: Any) -> bool:
        """Keep the buttons out of the header: they stand in the page, below what is to be decided."""
        return False

    def refusal(self, request: HttpRequest, record: ApprovalRequest) -> BankOpsError | None:
        return refusal_for(record, person_at(request), now=clock.now())

    def summary(self, record: Any) -> str | Promise:
        return self.effect

    def initial(self, request: HttpRequest, record: ApprovalRequest) -> dict[str, Any]:
        return {"sight": record.sight.hex()}

    def perform(self, request: HttpRequest, form: DecisionForm, record: ApprovalRequest) -> Done:
        data, now = form.cleaned_data, clock.now()
        decided = services.decide(
            seen=seen(record, data["sight"]),
            verdict=self.verdict,
            reviewer=person_at(request),
            code=data.get("code", ""),
            comment=data["comment"],
            now=now,
        )
        text, level = told(decided, now)
        return Done(text, decided.request, level)


class Approve(DecidingDoor):
    name = "approve"
    label = _("Approve")
    verdict = Verdict.APPROVE
    form_class = DecisionForm
    icon = "check"
    effect = _("After the last approval it is carried out at once, exactly as shown here.")


class Return(DecidingDoor):
    name = "return"
    label = _("Return to the maker")
    verdict = Verdict.RETURN
    form_class = RefusalForm
    icon = "undo"
    effect = _("The maker can change it and submit it again; then everybody decides anew.")


class Reject(DecidingDoor):
    name = "reject"
    label = _("Reject")
    verdict = Verdict.REJECT
    form_class = RefusalForm
    icon = "block"
    dangerous = True
    effect = _("It ends here and is not carried out. What was reserved for it is released.")


def refusal_for(request: ApprovalRequest, person: User, *, now: datetime) -> BankOpsError | None:
    """Return why somebody may not decide a request now, in the order in which the service looks; None when they may."""
    if refusal := eligibility.authority(request, person, now=now).refusal:
        return refusal
    if not person.has_perm(DECIDE):
        return PermissionRefused(actor=person.full_name, permission=DECIDE)
    try:
        refuse_locked(person)
    except BankOpsError as locked:
        return locked
    return None


def seen(request: ApprovalRequest, sight: str) -> Seen:
    """Return what the reviewer saw; of a text that is none, something that fits no request."""
    try:
        return Seen(request.pk, bytes.fromhex(sight))
    except ValueError:
        return Seen(request.pk, b"")


def told(decided: Decided, now: datetime) -> tuple[str, int]:
    """Return what really came of a decision, and how to show it: success is said of what is done only."""
    request = decided.request
    words = {"reference": request.reference, "maker": request.maker_name, "result": request.result_label}
    if decided.refusal:
        return str(decided.refusal), messages.ERROR
    if request.state == State.PENDING:
        return _further(request, now), messages.SUCCESS
    if request.state == State.EXECUTED and (where := undone(request)):
        text = gettext("%(reference)s is approved, but not done: %(result)s is %(where)s.")
        return text % {**words, "where": where}, messages.WARNING
    if request.state == State.EXECUTED:
        done = gettext("%(reference)s is approved and carried out: %(result)s.")
        return (
            done if request.result_label else gettext("%(reference)s is approved and carried out.")
        ) % words, messages.SUCCESS
    if request.state in (State.REJECTED, State.RETURNED):
        ended = {
            State.REJECTED: gettext("%(reference)s is rejected. %(maker)s is told."),
            State.RETURNED: gettext("%(reference)s is returned to %(maker)s."),
        }
        return ended[State(request.state)] % words, messages.SUCCESS
    text = gettext("Your decision is recorded, but %(reference)s was not carried out: %(why)s Nothing was changed.")
    return text % {**words, "why": request.closing_note}, messages.ERROR


def _further(request: ApprovalRequest, now: datetime) -> str:
    """Say who has to agree next."""
    names = ", ".join(person.full_name for person in eligibility.deciders(request, now=now))
    words = {"reference": request.reference, "where": request.where_it_stands(), "names": names}
    if names:
        return gettext("%(reference)s: your approval is recorded. Now %(where)s, by %(names)s.") % words
    return (
        gettext("%(reference)s: your approval is recorded. Now %(where)s, but nobody may decide it at present.") % words
    )
