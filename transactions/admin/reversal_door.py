"""Reverse a transaction: say why, see the entry that will be posted."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core import clock, operations
from bankops.core.admin.confirmed import ReasonOnceForm
from bankops.core.admin.doors import Done
from bankops.core.admin.submitting import told
from staff.actors import actor_of
from staff.admin.submitting import SubmittingDoor
from transactions import selectors
from transactions.admin import reviews, t_accounts
from transactions.admin.outcomes import transaction_of
from transactions.models import Kind, State, Transaction


class Reverse(SubmittingDoor):
    name = "reverse"
    label = _("Reverse")
    permission = "transactions.reverse"
    form_class = ReasonOnceForm
    template = "transactions/reverse.html"
    dangerous = True
    icon = "undo"

    def offered(self, record: Any) -> bool:
        return bool(record.state == State.POSTED and record.kind != Kind.REVERSAL)

    def summary(self, record: Any) -> str | Promise:
        text = _("%(reference)s stays in the books. This entry, its mirror image, is posted beside it, today:")
        return text % {"reference": record.reference}

    def perform(self, request: HttpRequest, form: ReasonOnceForm, record: Any) -> Done:
        outcome = self.outcome(request, form, _payload(record))
        if not outcome.done:
            return told(outcome, done="")
        reversal = transaction_of(outcome)
        text = _("%(original)s is reversed by %(reversal)s.")
        return Done(text % {"original": record.reference, "reversal": reversal.reference}, reversal)

    def render(self, request: HttpRequest, record: Any, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        postings = selectors.entry_lines(record.entry) if record.entry else ()
        order = operations.Order(actor=actor_of(request), now=clock.now())
        more = {
            "t_accounts": t_accounts.t_accounts(request, postings, mirrored=True),
            "review": reviews.notice(self.permission, _payload(record), order),
        }
        return super().render(request, record, {**context, **more}, **kwargs)


def _payload(transaction: Transaction) -> dict[str, str]:
    return {"transaction": transaction.public_id}
