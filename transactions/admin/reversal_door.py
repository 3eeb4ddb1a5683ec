"""Reverse a transaction: say why, see the entry that will be posted."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core import clock
from bankops.core.admin.confirmed import OnceForm
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm
from staff.actors import actor_of
from transactions import selectors
from transactions import services as transaction_services
from transactions.admin import t_accounts
from transactions.models import Kind, State


class ReverseForm(ReasonForm, OnceForm):
    """Why, with the key that makes a double click one reversal."""


class Reverse(Door):
    name = "reverse"
    label = _("Reverse")
    permission = "transactions.reverse"
    form_class = ReverseForm
    template = "transactions/reverse.html"
    dangerous = True
    icon = "undo"

    def offered(self, record: Any) -> bool:
        return bool(record.state == State.POSTED and record.kind != Kind.REVERSAL)

    def summary(self, record: Any) -> str | Promise:
        text = _("%(reference)s stays in the books. This entry, its mirror image, is posted beside it, today:")
        return text % {"reference": record.reference}

    def perform(self, request: HttpRequest, form: ReverseForm, record: Any) -> Done:
        now = clock.now()
        reversal = transaction_services.reverse(
            transaction_id=record.pk,
            reason=form.cleaned_data["reason"],
            actor=actor_of(request),
            now=now,
            business_date=clock.business_date(now),
            idempotency_key=form.cleaned_data["idempotency_key"],
        )
        text = _("%(original)s is reversed by %(reversal)s.")
        return Done(text % {"original": record.reference, "reversal": reversal.reference}, reversal)

    def render(self, request: HttpRequest, record: Any, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        postings = selectors.entry_lines(record.entry) if record.entry else ()
        mirror = {"t_accounts": t_accounts.t_accounts(request, postings, mirrored=True)}
        return super().render(request, record, {**context, **mirror}, **kwargs)
