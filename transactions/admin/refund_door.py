"""Give money of a transfer back, in one part or several: how much, why, and what it will do before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import access
from bankops.core import clock, operations
from bankops.core.actor import Actor
from bankops.core.admin.confirmed import ConfirmedDoor, ReasonOnceForm
from bankops.core.admin.doors import Done
from bankops.core.admin.submitting import told
from bankops.core.money import Money
from staff.actors import actor_of
from transactions import selectors
from transactions.admin import reviews
from transactions.admin.money_doors import Effect, effect_on
from transactions.admin.outcomes import transaction_of
from transactions.models import Kind, State, Transaction
from transactions.wording import named


class RefundForm(ReasonOnceForm):
    amount = forms.CharField(
        label=_("Amount"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("At most what is left of the transfer; the rest can be given back later."),
    )
    narrative = forms.CharField(
        label=_("Narrative"), max_length=200, required=False, help_text=_("The customer reads this on the statement.")
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to be given back, and which of the two accounts the person may see."""

    original: Transaction
    amount: Money
    narrative: str
    order: operations.Order
    seen: frozenset[Any]

    @property
    def payload(self) -> dict[str, str]:
        """What is submitted."""
        told = {"amount": str(self.amount), "currency": self.amount.currency, "narrative": self.narrative}
        return {"transaction": self.original.public_id, **told}


class Refund(ConfirmedDoor):
    name = "refund"
    label = _("Refund")
    permission = operation = "transactions.refund"
    form_class = RefundForm
    confirmation_template = "transactions/confirm_movement.html"
    icon = "assignment_return"

    def offered(self, record: Any) -> bool:
        return bool(record.kind == Kind.TRANSFER and record.state == State.POSTED and _left(record).minor)

    def summary(self, record: Any) -> str | Promise:
        text = _(
            "%(payer)s paid %(payee)s %(paid)s. Given back so far, what waits for approval included: %(given)s. Left: %(left)s."
        )
        words = {"payer": named(record.debit_account), "payee": named(record.credit_account)}
        left = _left(record)
        given = (record.money - left).format()
        return text % {**words, "paid": record.money.format(), "given": given, "left": left.format()}

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {"amount": str(_left(record))}

    def plan(self, request: HttpRequest, form: RefundForm, record: Any) -> Plan:
        data = form.cleaned_data
        accounts = (record.debit_account, record.credit_account)
        return Plan(
            original=record,
            amount=Money.parse(data["amount"], record.currency),
            narrative=data["narrative"],
            order=_order(actor_of(request), data["idempotency_key"], data["reason"]),
            seen=frozenset(account.pk for account in accounts if access.may_see(request.user, account)),
        )

    def confirmation(self, plan: Plan) -> dict[str, Any]:
        operation = operations.get(self.operation)
        operation.refuse(operation.clean(plan.payload), plan.order)
        text = _("You are about to give %(amount)s of %(reference)s back: from %(payee)s to %(payer)s.")
        payer, payee = plan.original.debit_account, plan.original.credit_account
        words = {"amount": plan.amount.format(), "reference": plan.original.reference}
        return {
            "headline": text % {**words, "payer": named(payer), "payee": named(payee)},
            "effects": list(_effects(plan)),
            "narrative": plan.narrative,
            "review": reviews.notice(self.operation, plan.payload, plan.order),
        }

    def carry_out(self, request: HttpRequest, plan: Plan) -> Done:
        outcome = operations.submit(self.operation, plan.payload, plan.order)
        if not outcome.done:
            return told(outcome, done="")
        refund = transaction_of(outcome)
        text = _("%(amount)s of %(original)s given back: %(refund)s.")
        words = {"original": plan.original.reference, "refund": refund.reference}
        return Done(text % {"amount": refund.money.format(), **words}, refund)


def _left(original: Transaction) -> Money:
    return original.money - selectors.refunded(original)


def _effects(plan: Plan) -> list[Effect]:
    sides = ((plan.original.credit_account, -plan.amount), (plan.original.debit_account, plan.amount))
    return [effect_on(account, change) for account, change in sides if account.pk in plan.seen]


def _order(actor: Actor, key: str, reason: str) -> operations.Order:
    return operations.Order(actor=actor, now=clock.now(), idempotency_key=key, reason=reason)
