"""Refunds. While one waits for approval it is on record, its money is held, and it counts against the original."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.locks import accounts_for_update
from accounts.models import Account
from bankops.core import ids
from bankops.core.operations import Description, Order
from transactions import locks, partner_rights, refusals
from transactions import services as transaction_services
from transactions.errors import UnknownTransaction
from transactions.models import Kind, State, Transaction
from transactions.operations import effects
from transactions.operations.movements import Movement
from transactions.operations.origins import origin_in
from transactions.operations.payloads import Payload, amount, money_of, partner_in, partner_pk, public_id, words
from transactions.operations.reversal import original_of
from transactions.services.refunds import refuse_refund
from transactions.wording import named


class Refund(Movement):
    """Payload: `{"transaction": "tr_…", "amount": "80.00", "currency": "CNY", "narrative": "", "external_reference": ""}`,
    with `"partner": "ptn_…"` and a `context` (`origins`) when one orders.
    """

    key = "transactions.refund"
    label = _("Refund")
    partner_scope = "refunds:write"
    locks_first = True
    kind = Kind.REFUND
    service = property(lambda self: transaction_services.refund)
    parking = property(lambda self: transaction_services.park_refund)

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises FieldMissing, InvalidId, InvalidAmount, AmountNotPositive, TextTooLong: naming what is at fault."""
        return {
            "transaction": public_id(payload, "transaction", Transaction.ID_PREFIX),
            **amount(payload),
            "narrative": words(payload, "narrative"),
            "external_reference": words(payload, "external_reference"),
            **partner_in(payload),
            **origin_in(payload),
        }

    def check_rights(self, payload: Payload, order: Order) -> None:
        """:raises UnknownTransaction: when a partner refunds what it did not order."""
        original = original_of(payload)
        if "partner" in payload and original.partner_id != partner_pk(payload):
            raise UnknownTransaction(reference=payload["transaction"])
        debit, credit = original.credit_account_id, original.debit_account_id
        partner_rights.check(order, payload, debit=debit, credit=credit, kind=self.kind)

    def refuse_as_it_is(self, payload: Payload) -> None:
        refuse_refund(original_of(payload), money_of(payload))
        payer, payee = self.accounts(payload)
        refusals.check_two_sides(payer.balance, payee.balance, money_of(payload))

    def describe(self, payload: Payload) -> Description:
        original, money = original_of(payload), money_of(payload)
        payer, payee = self.accounts(payload)
        text = gettext("Give %(amount)s of the %(paid)s of %(reference)s back: from %(payer)s to %(payee)s.")
        said = {"amount": money.format(), "paid": original.money.format(), "reference": original.reference}
        return Description(
            summary=self.said(text % {**said, "payer": named(payer), "payee": named(payee)}, payload),
            changes={**effects.balance_change(payer, -money), **effects.balance_change(payee, money)},
            warnings=[*effects.overdrawn(payer, money), *effects.restricted([payer, payee])],
        )

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        return {**super().preconditions(payload), "original": str(original_of(payload).state)}

    def lock(self, payload: Payload) -> None:
        """Lock the accounts and the original; what was read of them before is forgotten."""
        locked = {balance.account_id: balance for balance in accounts_for_update(self.to_lock(payload))}
        locks.transaction_for_update(_original_pk(payload))
        if self.memory:
            self.memory.accounts = [locked[pk].account for pk in self.to_lock(payload)]
            self.memory.locked = locked

    def to_lock(self, payload: Payload) -> Iterable[UUID]:
        """Return the accounts whose balances it moves, its payer's first."""
        original = original_of(payload)
        return [original.credit_account_id, original.debit_account_id]

    def accounts(self, payload: Payload) -> list[Account]:
        """Return the two accounts, the refund's payer first: the one that was paid."""
        if self.memory and self.memory.accounts:
            return self.memory.accounts
        original = original_of(payload)
        accounts = [original.credit_account, original.debit_account]
        if self.memory:
            self.memory.accounts = accounts
        return accounts

    def terms(self, payload: Payload, order: Order) -> dict[str, Any]:
        return {**super().terms(payload, order), "transaction_id": _original_pk(payload)}

    def account_fields(self) -> tuple[str, ...]:
        return ()

    def is_same(self, row: Transaction, payload: Payload) -> bool:
        asked = (self.kind, _original_pk(payload), money_of(payload), partner_pk(payload))
        told = (payload["narrative"], payload["external_reference"])
        same = asked == (row.kind, row.refunds_id, row.money, row.partner_id)
        return same and told == (row.narrative, row.external_reference)

    def is_parked(self, payload: Payload) -> bool:
        if self.memory and self.memory.is_parked:
            return True
        waiting = Transaction.objects.filter(refunds=_original_pk(payload), state=State.AWAITING_APPROVAL)
        return any(self.is_same(row, payload) for row in waiting)


def _original_pk(payload: Payload) -> UUID:
    return ids.decode(Transaction.ID_PREFIX, payload["transaction"])
