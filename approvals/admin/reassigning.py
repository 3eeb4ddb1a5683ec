"""A supervisor asks somebody else to decide. Whom the rules exclude is shown with the reason, and cannot be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from approvals import services
from approvals.admin.request_doors import RequestDoor
from approvals.eligibility import exclusions, refusal_by
from approvals.errors import AssignedAlready, CannotReassignOwn, RequestNotPending
from approvals.models import ApprovalRequest, State
from approvals.selectors.chains import asked
from bankops.core import clock
from bankops.core.admin.doors import Done
from bankops.core.admin.forms import ReasonForm
from bankops.core.errors import BankOpsError
from staff.actors import person_at
from staff.models import User
from staff.selectors import active_holders


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who holds the role of the present stage: who may be asked, and why the others may not."""

    eligible: list[User]
    excluded: Mapping[User, BankOpsError]


def candidates(request: ApprovalRequest) -> Candidates:
    """Return everybody active in the role that decides now, by name."""
    holders = list(active_holders(request.stage_role).order_by("full_name"))
    codes = exclusions(request, [person.pk for person in holders])
    excluded: dict[User, BankOpsError] = {
        person: refusal_by(codes[person.pk], request, person) for person in holders if person.pk in codes
    }
    already = {person.pk for person in asked(request)}
    for person in holders:
        if person.pk in already and person not in excluded:
            excluded[person] = AssignedAlready(reference=request.reference, name=person.full_name)
    return Candidates([person for person in holders if person not in excluded], excluded)


class ReassignForm(ReasonForm):
    to = forms.ModelChoiceField(label=_("Ask"), queryset=User.objects.none(), empty_label=None)
    instead_of = forms.ModelChoiceField(
        label=_("Instead of"), queryset=User.objects.none(), required=False, empty_label=_("nobody: in addition")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert isinstance(self.record, ApprovalRequest)
        eligible = candidates(self.record).eligible
        self._offer("to", eligible)
        if not eligible:
            self.fields["to"].help_text = _("There is nobody else who could be asked.")
        self._offer("instead_of", asked(self.record))

    def _offer(self, name: str, people: list[User]) -> None:
        field: forms.ModelChoiceField[User] = self.fields[name]  # type: ignore[assignment]
        field.queryset = User.objects.filter(pk__in=[person.pk for person in people]).order_by("full_name")


class Reassign(RequestDoor):
    name = "reassign"
    label = _("Reassign")
    permission = "approvals.reassign_request"
    form_class = ReassignForm
    template = "approvals/reassign.html"
    icon = "swap_horiz"

    def offered(self, record: Any) -> bool:
        return bool(record.state == State.PENDING)

    def refusal(self, request: HttpRequest, record: ApprovalRequest) -> BankOpsError | None:
        if record.maker_user_id == request.user.pk or record.concerns.filter(person=request.user.pk).exists():
            return CannotReassignOwn(reference=record.reference)
        if record.state != State.PENDING:
            return RequestNotPending(reference=record.reference, state=State(record.state).label)
        return None

    def summary(self, record: Any) -> str | Promise:
        return _("Whom you ask can read the request and decide it at once. Whom the rules exclude stays excluded.")

    def perform(self, request: HttpRequest, form: ReassignForm, record: ApprovalRequest) -> Done:
        data = form.cleaned_data
        services.reassign_request(
            request_id=record.pk,
            to=data["to"],
            instead_of=data["instead_of"],
            supervisor=person_at(request),
            reason=data["reason"],
            now=clock.now(),
        )
        return Done(
            _("%(name)s is asked to decide %(reference)s.")
            % {"name": data["to"].full_name, "reference": record.reference}
        )

    def render(self, request: HttpRequest, record: Any, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        excluded = candidates(record).excluded if record.state == State.PENDING else {}
        return super().render(request, record, {**context, "excluded": excluded.items()}, **kwargs)
