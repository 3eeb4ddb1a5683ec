"""The usual door of an operation that may need consent: it submits, and says whether it is done or waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Model
from django.http import HttpRequest

from bankops.core import clock, operations
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import DoorForm, ReasonForm
from bankops.core.admin.submitting import told
from staff.actors import actor_of


class SubmittingDoor(Door):
    """A door that submits the operation of its permission's name."""

    form_class: ClassVar[type[DoorForm]] = ReasonForm

    def submit(
        self,
        request: HttpRequest,
        form: DoorForm,
        payload: Mapping[str, Any],
        *,
        done: str,
        record: Model | None = None,
    ) -> Done:
        """Submit; see `told` for `done` and `record`."""
        return told(self.outcome(request, form, payload), done=done, record=record)

    def outcome(self, request: HttpRequest, form: DoorForm, payload: Mapping[str, Any]) -> operations.Outcome:
        """Submit, for a door that has more to say than a sentence known before."""
        return operations.submit(self.permission, payload, order_of(request, form))


def order_of(request: HttpRequest, form: DoorForm) -> operations.Order:
    """Return the order that a filled-in form gives: with its key, and its reason where it asks for one."""
    return operations.Order(
        actor=actor_of(request),
        now=clock.now(),
        reason=form.cleaned_data.get("reason", ""),
        idempotency_key=form.cleaned_data["idempotency_key"],
    )
