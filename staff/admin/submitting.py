"""The usual door of an operation that may need consent: it submits, and says whether it is done or waits."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from bankops.core import clock, operations
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm
from bankops.core.admin.submitting import told
from staff.actors import actor_of


class SubmittingDoor(Door):
    """A door that submits the operation of its permission's name."""

    form_class = ReasonForm

    def submit(self, request: HttpRequest, form: ReasonForm, payload: dict[str, Any], *, done: str) -> Done:
        order = operations.Order(
            actor=actor_of(request),
            now=clock.now(),
            reason=form.cleaned_data["reason"],
            idempotency_key=form.cleaned_data["idempotency_key"],
        )
        return told(operations.submit(self.permission, payload, order), done=done)
