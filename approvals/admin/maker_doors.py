"""What the maker can do with an own request: withdraw it, or amend it when it came back. And the remarks of all concerned."""

from __future__ import annotations

import json
import re
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from approvals import selectors, services
from approvals.admin.request_doors import RequestDoor
from approvals.errors import NotForYou, NotTheMaker, RequestNotAmendable
from approvals.models import ApprovalRequest, State
from approvals.permissions import VIEW
from bankops.core import clock
from bankops.core.admin.doors import Done
from bankops.core.admin.forms import DoorForm
from bankops.core.errors import BankOpsError
from bankops.core.texts import REASON_MAX
from staff.actors import person_at

_PUBLIC_ID = re.compile(r"[a-z]+_[0-9a-z]{26}")
_LONG = 60


class MakersDoor(RequestDoor):
    """For the maker of the request, and nobody else."""

    permission = VIEW

    def refusal(self, request: HttpRequest, record: ApprovalRequest) -> BankOpsError | None:
        if record.maker_user_id != request.user.pk:
            return NotTheMaker(reference=record.reference, maker=record.maker_name)
        return None


class WithdrawForm(DoorForm):
    reason = forms.CharField(
        label=_("Reason"), max_length=REASON_MAX, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class Withdraw(MakersDoor):
    name = "withdraw"
    label = _("Withdraw")
    form_class = WithdrawForm
    dangerous = True
    icon = "undo"

    def offered(self, record: Any) -> bool:
        return bool(record.is_open)

    def summary(self, record: Any) -> str | Promise:
        return _("Nobody has to decide it any more, and what was reserved for it is released. It stays on record.")

    def perform(self, request: HttpRequest, form: WithdrawForm, record: ApprovalRequest) -> Done:
        reason = form.cleaned_data["reason"]
        services.withdraw_request(request_id=record.pk, maker=person_at(request), reason=reason, now=clock.now())
        return Done(_("%(reference)s is withdrawn.") % {"reference": record.reference})


class AmendForm(DoorForm):
    """The words and figures of the payload. The records it is about stay: another account is another request."""

    reason = forms.CharField(
        label=_("Reason"), max_length=REASON_MAX, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert isinstance(self.record, ApprovalRequest)
        version = self.record.versions.get(number=self.record.version)
        self.before: dict[str, Any] = version.payload
        self.fields["reason"].initial = version.reason
        editable = {name: _field(name, value) for name, value in self.before.items() if _is_editable(value)}
        self.fields = {**{f"payload_{name}": field for name, field in editable.items()}, **self.fields}
        self.dress()

    def payload(self) -> dict[str, Any]:
        """Return the payload as amended; the operation's own `clean` says whether it will do."""
        amended = {
            name: self.cleaned_data[f"payload_{name}"] for name in self.before if f"payload_{name}" in self.fields
        }
        return {**self.before, **amended}


class Amend(MakersDoor):
    name = "amend"
    label = _("Amend and submit again")
    form_class = AmendForm
    icon = "edit"

    def offered(self, record: Any) -> bool:
        return record.state in (State.RETURNED, State.FAILED)

    def refusal(self, request: HttpRequest, record: ApprovalRequest) -> BankOpsError | None:
        if refusal := super().refusal(request, record):
            return refusal
        if not self.offered(record):
            return RequestNotAmendable(reference=record.reference, state=State(record.state).label)
        return None

    def summary(self, record: Any) -> str | Promise:
        return _("It becomes a new version. Whatever was decided before is void, and everybody decides anew.")

    def perform(self, request: HttpRequest, form: AmendForm, record: ApprovalRequest) -> Done:
        amended = services.amend_request(
            request_id=record.pk,
            maker=person_at(request),
            payload=form.payload(),
            reason=form.cleaned_data["reason"],
            now=clock.now(),
        )
        words = {"reference": amended.reference, "where": amended.where_it_stands()}
        return Done(_("%(reference)s is submitted again: %(where)s.") % words)


class CommentForm(DoorForm):
    text = forms.CharField(
        label=_("Comment"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class CommentOn(RequestDoor):
    name = "comment"
    label = _("Comment")
    permission = VIEW
    form_class = CommentForm

    def offered(self, record: Any) -> bool:
        """Keep the button out of the header: the form stands in the page."""
        return False

    def refusal(self, request: HttpRequest, record: ApprovalRequest) -> BankOpsError | None:
        return None if selectors.takes_part(record, person_at(request)) else NotForYou(reference=record.reference)

    def summary(self, record: Any) -> str | Promise:
        return _("Everybody who may read the request sees it. It cannot be taken back.")

    def perform(self, request: HttpRequest, form: CommentForm, record: ApprovalRequest) -> Done:
        text = form.cleaned_data["text"]
        services.comment_on_request(request_id=record.pk, author=person_at(request), text=text, now=clock.now())
        return Done(str(_("Your comment is kept with the request.")))


class JsonField(forms.JSONField):
    """A part of a payload that has parts itself, as it is stored."""

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _is_editable(value: Any) -> bool:
    return isinstance(value, dict | list) or (isinstance(value, str) and not _PUBLIC_ID.fullmatch(value))


def _field(name: str, value: Any) -> forms.Field:
    label = name.replace("_", " ").capitalize()
    if isinstance(value, str):
        widget = forms.Textarea(attrs={"rows": 3}) if len(value) > _LONG else forms.TextInput()
        return forms.CharField(label=label, initial=value, required=False, widget=widget)
    rows = forms.Textarea(attrs={"rows": 16, "spellcheck": "false"})
    return JsonField(label=label, initial=value, widget=rows)
