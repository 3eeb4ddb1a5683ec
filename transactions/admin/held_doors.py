"""Decide about a payment that is held back: it is genuine, risk releases or declines it, or it is cancelled."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core import clock
from bankops.core.admin.confirmed import ReasonOnceForm
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm
from staff.actors import actor_of
from staff.admin.submitting import SubmittingDoor
from transactions import services as transaction_services
from transactions.models import State, Transaction


def _about(record: Transaction) -> dict[str, str]:
    twin = record.twin
    return {
        "reference": record.reference,
        "amount": record.money.format(),
        "twin": f"{twin.reference} ({twin.get_state_display()}, {twin.maker_name})" if twin else "—",
    }


class Release(SubmittingDoor):
    name = "release"
    label = _("Release")
    permission = "transactions.release"
    form_class = ReasonOnceForm
    icon = "check_circle"

    def offered(self, record: Any) -> bool:
        return bool(record.waits_for_word)

    def summary(self, record: Any) -> str | Promise:
        text = _(
            "%(reference)s looks like %(twin)s and was held back. Released, its %(amount)s move now, or when reviewers agree. "
            "Ask the customer or the partner first whether both payments are wanted."
        )
        return text % _about(record)

    def perform(self, request: HttpRequest, form: ReasonOnceForm, record: Any) -> Done:
        done = _("%(reference)s is released and posted.") % {"reference": record.reference}
        return self.submit(request, form, {"transaction": record.public_id}, done=done)


class ReleaseRiskHeld(SubmittingDoor):
    name = "release_risk_held"
    label = _("Release after review")
    permission = "transactions.release_risk_held"
    form_class = ReasonOnceForm
    icon = "verified_user"

    def offered(self, record: Any) -> bool:
        return bool(record.waits_for_risk)

    def summary(self, record: Any) -> str | Promise:
        text = _(
            "%(reference)s was stopped by risk. When two other people have agreed, its %(amount)s move, unless it is held as a "
            "possible duplicate, too. Say what you have found out: they read it."
        )
        return text % _about(record)

    def perform(self, request: HttpRequest, form: ReasonOnceForm, record: Any) -> Done:
        done = _("%(reference)s is released and posted.") % {"reference": record.reference}
        return self.submit(request, form, {"transaction": record.public_id}, done=done)


class DeclineRiskHeld(SubmittingDoor):
    name = "decline_risk_held"
    label = _("Decline")
    permission = "transactions.decline_risk_held"
    form_class = ReasonOnceForm
    dangerous = True
    icon = "block"

    def offered(self, record: Any) -> bool:
        return bool(record.waits_for_risk)

    def summary(self, record: Any) -> str | Promise:
        text = _(
            "%(reference)s was stopped by risk. Declined, its %(amount)s never move, and nobody outside is told why."
        )
        return text % _about(record)

    def perform(self, request: HttpRequest, form: ReasonOnceForm, record: Any) -> Done:
        done = _("%(reference)s is declined. Nothing was moved.") % {"reference": record.reference}
        return self.submit(request, form, {"transaction": record.public_id}, done=done)


class CancelHeld(Door):
    name = "cancel_held"
    label = _("Cancel")
    permission = "transactions.cancel_held"
    form_class = ReasonForm
    dangerous = True
    icon = "cancel"

    def offered(self, record: Any) -> bool:
        return bool(record.state == State.HELD)

    def summary(self, record: Any) -> str | Promise:
        if record.twin is None:
            return _("%(reference)s is held back. Cancelled, its %(amount)s never move.") % _about(record)
        text = _("%(reference)s looks like %(twin)s and was held back. Cancelled, its %(amount)s never move.")
        return text % _about(record)

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        transaction_services.cancel_held(
            transaction_id=record.pk, reason=form.cleaned_data["reason"], actor=actor_of(request), now=clock.now()
        )
        return Done(_("%(reference)s is cancelled. Nothing was moved.") % {"reference": record.reference})
