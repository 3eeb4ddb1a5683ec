"""Transfers and withdrawals. While one waits for approval, the transaction is on record and its money is held."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import chart
from accounts.locks import accounts_for_update
from accounts.models import Account
from bankops.core import clock
from bankops.core.audit import Subject
from bankops.core.errors import BankOpsError
from bankops.core.money import Money
from bankops.core.operations import Description, Ending, Facts, Operation, Order
from transactions import errors, refusals, selectors
from transactions import services as transaction_services
from transactions.models import Channel, HoldState, Kind, Side, State, Transaction
from transactions.operations import effects
from transactions.operations.payloads import (
    Payload,
    account_pk,
    amount,
    branch_of,
    customer_accounts,
    money_of,
    public_id,
    subjects_of,
    words,
)
from transactions.services.telling import subject_of
from transactions.wording import named

_ENDINGS: dict[str, tuple[State, Promise]] = {
    Ending.REJECTED: (State.REJECTED, _("A reviewer rejected it.")),
    Ending.WITHDRAWN: (State.REJECTED, _("Its maker withdrew it.")),
    Ending.AMENDED: (State.REJECTED, _("Its maker replaced it by an amended version.")),
    Ending.EXPIRED: (State.EXPIRED, _("It was not approved in time.")),
    Ending.STALE: (State.FAILED, _("What it touches had changed before it was approved.")),
    Ending.FAILED: (State.FAILED, _("It was approved, but could not be carried out.")),
}


class Movement(Operation):
    """A movement that takes money off a customer's account, the payer's.

    Attributes:
        kind: of the transaction it becomes.
        payer_field: where the payload names the payer.

    """

    kind: ClassVar[Kind]
    payer_field: ClassVar[str]

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises FieldMissing, InvalidId, InvalidAmount, AmountNotPositive, TextTooLong: naming what is at fault."""
        return {
            **{field: public_id(payload, field, Account.ID_PREFIX) for field in self.account_fields()},
            **amount(payload),
            "narrative": words(payload, "narrative"),
            "external_reference": words(payload, "external_reference"),
        }

    def facts(self, payload: Payload) -> Facts:
        """:raises UnknownAccount: when the payer's account does not exist."""
        return Facts(amount=money_of(payload), branch=branch_of(payload, self.payer_field))

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return subjects_of(payload, *self.account_fields())

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises UnknownAccount, NotACustomerAccount, SameAccount, PostingRefused: as the service would."""
        try:
            self.refuse_as_it_is(payload)
        except BankOpsError:
            # An equal order of the same maker may have taken, a moment ago, the money that this one lacks.
            if self.earlier(payload, order) is None:
                raise

    def earlier(self, payload: Payload, order: Order) -> Transaction | None:
        """:raises IdempotencyConflict: when the key was used for something else."""
        row = selectors.under_key(order.actor, order.idempotency_key)
        if row is not None and not self.is_same(row, payload):
            raise errors.IdempotencyConflict
        return row

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        accounts = self.accounts(payload)
        own_hold = money_of(payload).minor if self.is_parked(payload) else 0
        return {
            "accounts": {account.number: effects.fingerprint(account) for account in accounts},
            "covered": refusals.is_covered(accounts[0].balance, money_of(payload), own_hold=own_hold),
        }

    def park(self, payload: Payload, order: Order) -> None:
        self.parking(**self.terms(payload, order))

    def release(self, payload: Payload, order: Order, ending: str) -> None:
        state, reason = _ENDINGS[ending]
        transaction_services.end_parked(
            approval_request_id=order.request_id, state=state, reason=str(reason), actor=order.actor, now=order.now
        )

    def execute(self, payload: Payload, order: Order) -> Transaction:
        return self.service(**self.terms(payload, order))

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result)

    # -- What a subclass says ------------------------------------------------------------------------------------

    @abstractmethod
    def refuse_as_it_is(self, payload: Payload) -> None:
        """Refuse what the books would not take at this moment."""

    @property
    @abstractmethod
    def service(self) -> Callable[..., Transaction]:
        """The service that carries it out."""

    @property
    @abstractmethod
    def parking(self) -> Callable[..., Transaction]:
        """The service that parks it."""

    # -- What they share -----------------------------------------------------------------------------------------

    def account_fields(self) -> Sequence[str]:
        """Return where the payload names customers' accounts."""
        return (self.payer_field,)

    def payer(self, payload: Payload) -> Account:
        """Return the account whose money moves; see `customer_accounts`."""
        return customer_accounts(payload, self.payer_field)[0]

    def accounts(self, payload: Payload) -> list[Account]:
        """Return the customers' accounts, the payer's first."""
        return customer_accounts(payload, *self.account_fields())

    def terms(self, payload: Payload, order: Order) -> dict[str, Any]:
        """Return what both services are told."""
        return {
            **{f"{field}_id": account_pk(payload, field) for field in self.account_fields()},
            "amount": money_of(payload),
            "narrative": payload["narrative"],
            "external_reference": payload["external_reference"],
            "channel": Channel(order.channel.upper()),
            "idempotency_key": order.idempotency_key or None,
            "reason": order.reason,
            "approval_request_id": order.request_id,
            "actor": order.actor,
            "now": order.now,
            "business_date": clock.business_date(order.now),
        }

    def is_same(self, row: Transaction, payload: Payload) -> bool:
        """Tell whether a transaction carried out this payload."""
        asked = (self.kind, account_pk(payload, self.payer_field), money_of(payload))
        told = (payload["narrative"], payload["external_reference"])
        same = asked == (row.kind, row.debit_account_id, row.money)
        return same and told == (row.narrative, row.external_reference)

    def is_parked(self, payload: Payload) -> bool:
        """Tell whether this payload waits for approval and holds its money; no second identical request can be open."""
        waiting = Transaction.objects.filter(
            holds__account=account_pk(payload, self.payer_field),
            holds__state=HoldState.PENDING,
            state=State.AWAITING_APPROVAL,
            kind=self.kind,
            amount=money_of(payload).minor,
        ).only("kind", "debit_account", "credit_account", "amount", "currency", "narrative", "external_reference")
        return any(self.is_same(row, payload) for row in waiting)

    def said(self, summary: str, payload: Payload) -> str:
        """Return the summary with what the customer will read on the statement."""
        if not payload["narrative"]:
            return summary
        return gettext("%(summary)s Narrative: “%(narrative)s”.") % {
            "summary": summary,
            "narrative": payload["narrative"],
        }


class Transfer(Movement):
    """Payload: `{"from_account": "acc_…", "to_account": "acc_…", "amount": "2000000.00", "currency": "CNY",
    "narrative": "", "external_reference": ""}`.
    """

    key = "transactions.transfer"
    label = _("Transfer")
    kind = Kind.TRANSFER
    payer_field = "from_account"
    service = property(lambda self: transaction_services.transfer)
    parking = property(lambda self: transaction_services.park_transfer)

    def account_fields(self) -> Sequence[str]:
        return ("from_account", "to_account")

    def refuse_as_it_is(self, payload: Payload) -> None:
        payer, payee = self.accounts(payload)
        if payer == payee:
            raise errors.SameAccount(account=payer.number)
        refusals.check_two_sides(payer.balance, payee.balance, money_of(payload))

    def describe(self, payload: Payload) -> Description:
        money, (payer, payee) = money_of(payload), self.accounts(payload)
        text = gettext("Move %(amount)s from %(payer)s to %(payee)s.")
        summary = text % {"amount": money.format(), "payer": named(payer), "payee": named(payee)}
        return Description(
            summary=self.said(summary, payload),
            changes={**effects.balance_change(payer, -money), **effects.balance_change(payee, money)},
            warnings=[
                *effects.alike(debit=payer.pk, credit=payee.pk, amount=money, now=clock.now()),
                *effects.overdrawn(payer, money),
                *effects.restricted([payer, payee]),
            ],
        )

    def lock(self, payload: Payload) -> None:
        accounts_for_update(account_pk(payload, field) for field in self.account_fields())

    def is_same(self, row: Transaction, payload: Payload) -> bool:
        return super().is_same(row, payload) and row.credit_account_id == account_pk(payload, "to_account")


class Withdraw(Movement):
    """Payload: `{"account": "acc_…", "amount": "2000000.00", "currency": "CNY", "narrative": "", "external_reference": ""}`."""

    key = "transactions.withdraw"
    label = _("Withdraw")
    kind = Kind.WITHDRAWAL
    payer_field = "account"
    service = property(lambda self: transaction_services.withdraw)
    parking = property(lambda self: transaction_services.park_withdrawal)

    def refuse_as_it_is(self, payload: Payload) -> None:
        refusals.check_line(self.payer(payload).balance, Side.DEBIT, money_of(payload))

    def describe(self, payload: Payload) -> Description:
        money, payer = money_of(payload), self.payer(payload)
        text = gettext("Pay out %(amount)s in cash from %(account)s.")
        return Description(
            summary=self.said(text % {"amount": money.format(), "account": named(payer)}, payload),
            changes=effects.balance_change(payer, -money),
            warnings=[
                *(self._alike(payer, money)),
                *effects.overdrawn(payer, money),
                *effects.restricted([payer]),
            ],
        )

    def lock(self, payload: Payload) -> None:
        """Lock the cash account too: its lock comes in account order with the customer's, whichever is first."""
        accounts_for_update({account_pk(payload, "account"), *_cash(payload["currency"])})

    def _alike(self, payer: Account, money: Money) -> Sequence[str]:
        return [
            warning
            for cash in _cash(money.currency)
            for warning in effects.alike(debit=payer.pk, credit=cash, amount=money, now=clock.now())
        ]


def _cash(currency: str) -> Sequence[UUID]:
    """Return the bank's cash account in this currency: one, or none before it was first needed."""
    return list(Account.objects.filter(number=chart.own_number(chart.CASH, currency)).values_list("pk", flat=True))
