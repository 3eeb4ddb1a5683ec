"""From the outcome of a submission to what a door says: done, held back, or waiting for reviewers, never one for another.

A door whose operation may need consent is a `staff.admin.submitting.SubmittingDoor`; it fills in the order with the form's key:

    def perform(self, request, form, record):
        done = _("Account %(number)s is frozen.") % {"number": record.number}
        return self.submit(request, form, {"account": record.public_id}, done=done)
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.utils.translation import gettext as _

from bankops.core.admin.doors import Done
from bankops.core.operations import Outcome

_WAITING = "PENDING"


def told(outcome: Outcome, *, done: str, record: Model | None = None) -> Done:
    """Return what the person at the door is told, and which page comes next.

    The approval request of a parked outcome is known by its shape only, because the kernel knows no app: a record with
    an admin page, `reference` (`AP-2026-000123`), `state` and `where_it_stands()` (a few words: `first review`).

    :param done: the sentence for an operation that was carried out. A parked one is never told so.
    :param record: the page to show when it was carried out (default: where the door is). A parked one shows its request.
    """
    if outcome.done:
        return Done(done, record)
    if outcome.request is None:
        return Done(_on_record(outcome.result), outcome.result, level=messages.WARNING)
    return Done(_not_done(outcome.request), outcome.request, level=messages.WARNING)


def _on_record(result: Any) -> str:
    """Return what is said of a record that was made and not carried out: it too has `reference` and `where_it_stands()`."""
    words = {"reference": result.reference, "where": result.where_it_stands()}
    return _("Not carried out: %(reference)s is on record (%(where)s).") % words


def _not_done(request: Any) -> str:
    words = {"reference": request.reference, "where": request.where_it_stands()}
    if request.state == _WAITING:
        return _("Waits for approval: %(reference)s (%(where)s). It has not been carried out yet.") % words
    # The same order was given before, under the same key, and its request has come to an end since.
    return _("%(reference)s was not carried out (%(where)s). Nothing has been changed.") % words
