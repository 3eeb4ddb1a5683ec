"""What is done with cases: opened, added to, handed on, left waiting, closed, opened again."""

from __future__ import annotations

from copy import copy
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.widgets import CHECKBOX_CLASSES

from bankops.core import clock, operations
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import DoorForm, ReasonForm, capitalised
from bankops.core.admin.submitting import told
from risk import errors, services
from risk.access import visible_alerts, visible_cases
from risk.models import Alert, AlertCustomer, AlertOutcome, AlertState, Case, CaseState
from risk.services.case_closing import closing_of
from risk.services.cases import WORK
from staff.actors import actor_of, person_at
from staff.admin.submitting import SubmittingDoor, order_of
from staff.models import User
from staff.selectors import active_with_right

_OTHERS_OFFERED = 50


class OpenCaseForm(ReasonForm):
    others = forms.MultipleChoiceField(
        label=_("Together with"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": " ".join(CHECKBOX_CLASSES)}),
        help_text=_("Alerts about the same customers that nobody else works."),
    )

    def offer(self, alerts: list[Alert]) -> None:
        """Let these be chosen besides."""
        others: forms.MultipleChoiceField = self.fields["others"]  # type: ignore[assignment]
        others.choices = [(str(one.pk), f"{one.reference} · {one.score}") for one in alerts]
        if not alerts:
            del self.fields["others"]


class OpenCase(Door):
    name = "open_case"
    label = _("Open case")
    permission = WORK
    form_class = OpenCaseForm
    icon = "create_new_folder"

    def offered_to(self, request: HttpRequest, record: Any) -> bool:
        mine = record.state == AlertState.ASSIGNED and record.assignee_id == request.user.pk
        return (mine or record.state == AlertState.NEW) and super().offered_to(request, record)

    def summary(self, record: Any) -> str | Promise:
        return _("The alert, and those you choose besides, become one case in your hands.")

    def respond(self, request: HttpRequest, record: Any) -> Any:
        alerts = _joinable(request, record)

        class Offering(OpenCaseForm):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.offer(alerts)

        door = copy(self)  # the door itself serves others at this moment
        door.form_class = Offering  # type: ignore[misc]
        return super(OpenCase, door).respond(request, record)

    def perform(self, request: HttpRequest, form: Any, record: Alert) -> Done:
        chosen = [UUID(one) for one in form.cleaned_data.get("others", [])]
        case = services.open_case(
            alert_ids=[record.pk, *chosen],
            person=person_at(request),
            reason=form.cleaned_data["reason"],
            now=clock.now(),
        )
        return Done(_("Case %(case)s is open and yours.") % {"case": case.reference}, case)


def _joinable(request: HttpRequest, alert: Alert) -> list[Alert]:
    """Return the alerts about the same customers that wait or are in this person's own hands."""
    customers = alert.about_customers.values("customer")
    same = AlertCustomer.objects.filter(customer__in=customers).exclude(alert=alert).values("alert")
    found = visible_alerts(request.user, Alert.objects.filter(pk__in=same))
    mine = found.filter(state=AlertState.ASSIGNED, assignee=request.user.pk)
    return list((mine | found.filter(state=AlertState.NEW)).order_by("urgent_since", "id")[:_OTHERS_OFFERED])


class AddToCaseForm(DoorForm):
    case = forms.CharField(label=_("Case"), max_length=20, help_text=_("Its reference, for instance RC-2026-000123."))


class AddToCase(Door):
    name = "add_to_case"
    label = _("Add to case")
    permission = WORK
    form_class = AddToCaseForm
    icon = "note_stack_add"

    def offered_to(self, request: HttpRequest, record: Any) -> bool:
        mine = record.state == AlertState.ASSIGNED and record.assignee_id == request.user.pk
        return (mine or record.state == AlertState.NEW) and super().offered_to(request, record)

    def summary(self, record: Any) -> str | Promise:
        return _("The alert becomes part of a case that is in your hands.")

    def perform(self, request: HttpRequest, form: Any, record: Alert) -> Done:
        reference = form.cleaned_data["case"].strip().upper()
        found = visible_cases(request.user).filter(reference=reference).first()
        if found is None:
            raise errors.UnknownCase
        case = services.add_alert_to_case(
            case_id=found.pk, alert_id=record.pk, person=person_at(request), now=clock.now()
        )
        return Done(_("It is part of case %(case)s.") % {"case": case.reference}, case)


class OwnCaseDoor(Door):
    """A door for whoever works the open case; the button shows to them alone."""

    permission = WORK

    def offered_to(self, request: HttpRequest, record: Any) -> bool:
        return record.is_open and record.assignee_id == request.user.pk and super().offered_to(request, record)


class ParkForm(DoorForm):
    waiting_for = forms.CharField(label=_("Waits for"), max_length=200)
    until = forms.DateField(
        label=_("Look again on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class ParkCase(OwnCaseDoor):
    name = "park_case"
    label = _("Leave waiting")
    form_class = ParkForm
    icon = "hourglass_empty"

    def offered(self, record: Case) -> bool:
        return record.state == CaseState.OPEN

    def summary(self, record: Any) -> str | Promise:
        return _("It waits for something or somebody. It stays yours, and due when it was.")

    def perform(self, request: HttpRequest, form: Any, record: Case) -> Done:
        data = form.cleaned_data
        services.park_case(
            case_id=record.pk,
            waiting_for=data["waiting_for"],
            until=data["until"],
            person=person_at(request),
            now=clock.now(),
        )
        return Done(_("Case %(case)s waits.") % {"case": record.reference})


class ResumeCase(OwnCaseDoor):
    name = "resume_case"
    label = _("Go on")
    icon = "play_arrow"

    def offered(self, record: Case) -> bool:
        return record.state == CaseState.WAITING

    def summary(self, record: Any) -> str | Promise:
        return _("It waits no longer.")

    def perform(self, request: HttpRequest, form: Any, record: Case) -> Done:
        services.resume_case(case_id=record.pk, person=person_at(request), now=clock.now())
        return Done(_("Case %(case)s is worked again.") % {"case": record.reference})


class ReassignCaseForm(ReasonForm):
    to = forms.ModelChoiceField(label=_("Hand to"), queryset=User.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert isinstance(self.record, Case)
        others = active_with_right(WORK).exclude(pk=self.record.assignee_id)
        self.fields["to"].queryset = others.order_by("full_name")  # type: ignore[attr-defined]


class ReassignCase(Door):
    name = "reassign_case"
    label = _("Hand to somebody")
    permission = "risk.reassign_case"
    form_class = ReassignCaseForm
    icon = "forward"

    def offered(self, record: Case) -> bool:
        return record.is_open

    def summary(self, record: Any) -> str | Promise:
        return _("It is in their hands. Whom it is about, and who made what it is about, cannot have it.")

    def perform(self, request: HttpRequest, form: Any, record: Case) -> Done:
        to = form.cleaned_data["to"]
        services.reassign_case(
            case_id=record.pk, to=to, reason=form.cleaned_data["reason"], actor=actor_of(request), now=clock.now()
        )
        return Done(_("Case %(case)s is in the hands of %(name)s.") % {"case": record.reference, "name": to.full_name})


class CloseCaseForm(ReasonForm):
    outcome = forms.ChoiceField(label=_("What it came to"), widget=forms.RadioSelect, choices=capitalised(AlertOutcome))


class CloseCase(SubmittingDoor):
    """Submits the operation that the case's priority asks for."""

    name = "close_case"
    label = _("Close case")
    permission = "risk.close_case"
    form_class = CloseCaseForm
    icon = "task_alt"

    def offered_to(self, request: HttpRequest, record: Any) -> bool:
        return record.is_open and record.assignee_id == request.user.pk and super().offered_to(request, record)

    def summary(self, record: Case) -> str | Promise:
        if closing_of(record) != self.permission:
            return _("It is of high priority: two reviewers have to agree first. With it, its alerts are decided.")
        return _("With it, its alerts are decided. Closed as reported, its report is frozen and must be complete.")

    def perform(self, request: HttpRequest, form: Any, record: Case) -> Done:
        payload = {"case": record.public_id, "outcome": form.cleaned_data["outcome"]}
        outcome = operations.submit(closing_of(record), payload, order_of(request, form))
        return told(outcome, done=_("Case %(case)s is closed.") % {"case": record.reference}, record=record)


class ReopenCase(Door):
    name = "reopen_case"
    label = _("Open again")
    permission = WORK
    form_class = ReasonForm
    icon = "folder_open"

    def offered(self, record: Case) -> bool:
        return not record.is_open

    def summary(self, record: Any) -> str | Promise:
        return _("It is yours to work, with its alerts, and due anew. A report that was frozen stays as it is.")

    def perform(self, request: HttpRequest, form: Any, record: Case) -> Done:
        services.reopen_case(
            case_id=record.pk, reason=form.cleaned_data["reason"], person=person_at(request), now=clock.now()
        )
        return Done(_("Case %(case)s is open again.") % {"case": record.reference})
