"""What is done with alerts: taken, handed back, handed on, stepped aside from, closed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core import clock
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm, capitalised
from risk import services
from risk.bands import Band
from risk.models import Alert, AlertOutcome, AlertState
from risk.services.alert_work import ALONE, WORK
from staff.actors import actor_of, person_at
from staff.models import User
from staff.selectors import active_with_right


class TakeNext(Door):
    name = "take_next"
    label = _("Take next")
    permission = WORK
    on_list = True
    icon = "play_arrow"

    def summary(self, record: Any) -> str | Promise:
        return _(
            "The most urgent alert that waits is put into your hands, and into nobody else's. Alerts about yourself or about"
            " what you made are passed over."
        )

    def perform(self, request: HttpRequest, form: Any, record: Any) -> Done:
        alert = services.take_next_alert(person=person_at(request), now=clock.now())
        return Done(_("Alert %(alert)s is yours.") % {"alert": alert.reference}, alert)


class TakeAlert(Door):
    name = "take_alert"
    label = _("Take")
    permission = WORK
    icon = "front_hand"

    def offered(self, record: Alert) -> bool:
        return record.state == AlertState.NEW

    def summary(self, record: Any) -> str | Promise:
        return _("It is put into your hands, and into nobody else's, until you decide it or hand it back.")

    def perform(self, request: HttpRequest, form: Any, record: Alert) -> Done:
        alert = services.take_alert(alert_id=record.pk, person=person_at(request), now=clock.now())
        return Done(_("Alert %(alert)s is yours.") % {"alert": alert.reference})


class _InHands(Door):
    """A door for whoever works the alert; the button shows to them alone."""

    permission = WORK
    form_class = ReasonForm

    def offered_to(self, request: HttpRequest, record: Any) -> bool:
        mine = record.state == AlertState.ASSIGNED and record.assignee_id == request.user.pk
        return mine and super().offered_to(request, record)


class HandBack(_InHands):
    name = "hand_back"
    label = _("Hand back")
    icon = "undo"

    def summary(self, record: Any) -> str | Promise:
        return _("It waits in the queue again, in its old place, for anybody.")

    def perform(self, request: HttpRequest, form: Any, record: Alert) -> Done:
        alert = services.hand_back_alert(
            alert_id=record.pk, person=person_at(request), reason=form.cleaned_data["reason"], now=clock.now()
        )
        return Done(_("Alert %(alert)s waits again.") % {"alert": alert.reference})


class DeclareConflict(Door):
    name = "declare_conflict"
    label = _("Conflict of interest")
    permission = WORK
    form_class = ReasonForm
    icon = "person_off"

    def offered_to(self, request: HttpRequest, record: Any) -> bool:
        mine = record.state == AlertState.ASSIGNED and record.assignee_id == request.user.pk
        return (mine or record.state == AlertState.NEW) and super().offered_to(request, record)

    def summary(self, record: Any) -> str | Promise:
        return _(
            "You know somebody it is about, or had to do with it. It is for others, and never offered to you again."
        )

    def perform(self, request: HttpRequest, form: Any, record: Alert) -> Done:
        alert = services.declare_conflict(
            alert_id=record.pk, person=person_at(request), reason=form.cleaned_data["reason"], now=clock.now()
        )
        return Done(_("Alert %(alert)s is for others.") % {"alert": alert.reference})


class ReassignForm(ReasonForm):
    to = forms.ModelChoiceField(label=_("Hand to"), queryset=User.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert isinstance(self.record, Alert)
        others = active_with_right(WORK)
        if self.record.assignee_id:
            others = others.exclude(pk=self.record.assignee_id)
        self.fields["to"].queryset = others.order_by("full_name")  # type: ignore[attr-defined]


class Reassign(Door):
    name = "reassign"
    label = _("Hand to somebody")
    permission = "risk.reassign_alert"
    form_class = ReassignForm
    icon = "forward"

    def offered(self, record: Alert) -> bool:
        return record.state in (AlertState.NEW, AlertState.ASSIGNED)

    def summary(self, record: Any) -> str | Promise:
        return _("It is put into their hands. Whom it is about, and who made what it is about, cannot have it.")

    def perform(self, request: HttpRequest, form: Any, record: Alert) -> Done:
        to = form.cleaned_data["to"]
        alert = services.reassign_alert(
            alert_id=record.pk, to=to, reason=form.cleaned_data["reason"], actor=actor_of(request), now=clock.now()
        )
        return Done(
            _("Alert %(alert)s is in the hands of %(name)s.") % {"alert": alert.reference, "name": to.full_name}
        )


class CloseForm(ReasonForm):
    outcome = forms.ChoiceField(label=_("What it came to"), widget=forms.RadioSelect, choices=capitalised(ALONE))


class CloseAlert(_InHands):
    name = "close_alert"
    label = _("Close")
    form_class = CloseForm
    icon = "task_alt"

    def offered(self, record: Alert) -> bool:
        return record.priority != Band.HIGH

    def summary(self, record: Any) -> str | Promise:
        return _("It is decided, for good. What is to be reported, and what is of high priority, is decided in a case.")

    def perform(self, request: HttpRequest, form: Any, record: Alert) -> Done:
        alert = services.close_alert(
            alert_id=record.pk,
            outcome=AlertOutcome(form.cleaned_data["outcome"]),
            reason=form.cleaned_data["reason"],
            person=person_at(request),
            now=clock.now(),
        )
        return Done(_("Alert %(alert)s is closed.") % {"alert": alert.reference})
