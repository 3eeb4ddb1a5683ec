"""Say whether a payment held back as a possible duplicate is genuine: release it, or cancel it."""

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
        return bool(record.state == State.HELD)

    def summary(self, record: Any) -> str | Promise:
        text = _(
            "%(reference)s looks like %(twin)s and was held back. Released, its %(amount)s move now, or when reviewers agree. "
            "Ask the customer or the partner first whether both payments are wanted."
        )
        return text % _about(record)

    def perform(self, request: HttpRequest, form: ReasonOnceForm, record: Any) -> Done:
        done = _("%(reference)s is released and posted.") % {"reference": record.reference}
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
        text = _("%(reference)s looks like %(twin)s and was held back. Cancelled, its %(amount)s never move.")
        return text % _about(record)

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        transaction_services.cancel_held(
            transaction_id=record.pk, reason=form.cleaned_data["reason"], actor=actor_of(request), now=clock.now()
        )
        return Done(_("%(reference)s is cancelled. Nothing was moved.") % {"reference": record.reference})
