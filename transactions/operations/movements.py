"""Transfers and withdrawals. While one waits for approval, the transaction is on record and its money is held."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from typing import Any, ClassVar, Self
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import chart
from accounts.locks import accounts_for_update
from accounts.models import Account
from bankops.core import clock
from bankops.core.audit import Subject
from bankops.core.errors import BankOpsError
from bankops.core.money import Money
from bankops.core.operations import Description, Facts, Operation, Order, Review, refuse_around_gate
from bankops.core.texts import require_reason
from risk.assessment.answer import Assessment
from transactions import errors, limits, partner_rights, refusals, selectors
from transactions import services as transaction_services
from transactions.models import BOOKED, Channel, HoldState, Kind, Side, State, Transaction
from transactions.operations import effects
from transactions.operations.endings import ENDINGS
from transactions.operations.memory import Memory
from transactions.operations.origins import origin_in, origin_of
from transactions.operations.payloads import (
    Payload,
    account_pk,
    amount,
    customer_accounts,
    customers_among,
    genuine_in,
    money_of,
    partner_in,
    partner_pk,
    public_id,
    words,
)
from transactions.services.risk_checks import assess_order
from transactions.services.telling import subject_of
from transactions.wording import named


class Movement(Operation):
    """A movement that takes money off a customer's account, the payer's.

    Attributes:
        kind: of the transaction it becomes.
        payer_field: where the payload names the payer.

    """

    kind: ClassVar[Kind]
    payer_field: ClassVar[str]
    memory: Memory | None = None
    usual_review = Review.FROM_AMOUNT

    def for_one_order(self) -> Self:
        """Return one that reads the accounts once before it locks them, and once when it has."""
        bound = copy(self)
        bound.memory = Memory()
        return bound

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises FieldMissing, InvalidId, InvalidAmount, AmountNotPositive, TextTooLong: naming what is at fault."""
        return {
            **{field: public_id(payload, field, Account.ID_PREFIX) for field in self.account_fields()},
            **amount(payload),
            "narrative": words(payload, "narrative"),
            "external_reference": words(payload, "external_reference"),
            **partner_in(payload),
            **origin_in(payload),
            **genuine_in(payload),
        }

    def facts(self, payload: Payload) -> Facts:
        """:raises UnknownAccount, NotACustomerAccount: naming the account."""
        branch = self.accounts(payload)[0].branch
        said = self.memory.assessment if self.memory else None
        return Facts(
            amount=money_of(payload), branch=branch.code if branch else "", risk_band=str(said.band) if said else ""
        )

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [Subject("account", account.public_id, account.number) for account in self.accounts(payload)]

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises UnknownAccount, NotACustomerAccount, SameAccount, PostingRefused, PartnerNotAllowed, ReasonRequired: if so."""
        self.check_rights(payload, order)
        if "genuine" in payload:
            require_reason(order.reason)
        try:
            self.refuse_as_it_is(payload)
            self._refuse_beyond_limits(payload, order)
        except BankOpsError:
            # An equal order of the same maker may have taken, a moment ago, the money that this one lacks.
            if self.earlier(payload, order) is None:
                raise

    def stop(self, payload: Payload, order: Order) -> Transaction | None:
        """Ask risk, once for each order; record what it stops, held back or declined, and return that.

        :raises BankOpsError: as `execute`, which does so: nothing that risk stops is posted there.
        """
        self._check_rights_once(payload, order)
        if self.assessed(payload, order).stops:
            return self.execute(payload, order)
        return None

    def foresee(self, payload: Payload, order: Order) -> None:
        """Ask risk about what an amended request asks for; behind the locks `park` refuses what it stops."""
        self.assessed(payload, order)

    def assessed(self, payload: Payload, order: Order) -> Assessment:
        """Return what risk says of this order."""
        assert self.memory is not None  # the gate asks the operation for one order only
        if self.memory.assessment is None:
            payer, payee = self.sides(payload)
            self.memory.assessed_locked = bool(self.memory.locked)
            self.memory.assessment = assess_order(
                kind=self.kind,
                payer=payer,
                payee=payee,
                amount=money_of(payload),
                channel=Channel(order.channel.upper()),
                now=order.now,
                narrative=payload["narrative"],
                origin=origin_of(payload),
            )
        return self.memory.assessment

    def sides(self, payload: Payload) -> tuple[Account | None, Account | None]:
        """Return the customers' accounts that pay and are paid; None for the other side of cash."""
        payer, *payee = self.accounts(payload)
        return payer, payee[0] if payee else None

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

    def lock(self, payload: Payload) -> None:
        """Lock the accounts; what was read of them before is forgotten."""
        locked = {balance.account_id: balance for balance in accounts_for_update(self.to_lock(payload))}
        if self.memory:
            found = {account_id: balance.account for account_id, balance in locked.items()}
            accounts = customers_among(found, payload, *self.account_fields())
            self.memory.accounts, self.memory.locked = accounts, locked

    def park(self, payload: Payload, order: Order) -> None:
        self.parking(**self.terms(payload, order))
        if self.memory:
            self.memory.is_parked = True

    def release(self, payload: Payload, order: Order, ending: str) -> None:
        state, reason = ENDINGS[ending]
        transaction_services.end_parked(
            approval_request_id=order.request_id, state=state, reason=str(reason), actor=order.actor, now=order.now
        )

    def execute(self, payload: Payload, order: Order) -> Transaction:
        refuse_around_gate(self.key)
        self._check_rights_once(payload, order)
        return self.service(**self.terms(payload, order))

    def is_done(self, result: Any) -> bool:
        """Tell whether money has moved: what was held back as a possible duplicate is on record only."""
        return result.state in BOOKED

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

    def credited(self, payload: Payload) -> UUID:
        """Return the account that a partner must be allowed to credit; its payer where there is no other."""
        return account_pk(payload, self.payer_field)

    def check_rights(self, payload: Payload, order: Order) -> None:
        """Ask whether a partner may use these accounts, and whether it orders in its own name; see `partner_rights.check`."""
        debit, credit = account_pk(payload, self.payer_field), self.credited(payload)
        partner_rights.check(order, payload, debit=debit, credit=credit, kind=self.kind)

    def _check_rights_once(self, payload: Payload, order: Order) -> None:
        if self.memory is None or not self.memory.may_order:
            self.check_rights(payload, order)
        if self.memory:
            self.memory.may_order = True

    def to_lock(self, payload: Payload) -> Iterable[UUID]:
        """Return the accounts whose balances it moves."""
        return [account_pk(payload, field) for field in self.account_fields()]

    def accounts(self, payload: Payload) -> list[Account]:
        """Return the customers' accounts, the payer's first; see `customer_accounts`."""
        known = self.memory.accounts if self.memory else []
        accounts = known or customer_accounts(payload, *self.account_fields())
        if self.memory:
            self.memory.accounts = accounts
        return accounts

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
            "partner_id": partner_pk(payload),
            "origin": origin_of(payload),
            "is_genuine": payload.get("genuine", False),
            "actor": order.actor,
            "now": order.now,
            "business_date": clock.business_date(order.now),
            "locked": self.memory.locked if self.memory else {},
            "assessment": self._that_counts(),
            "foreseen": self.memory.assessment if self.memory else None,
        }

    def _that_counts(self) -> Assessment | None:
        """Return what risk has said, where it stops the order or was asked behind the locks.

        Of two who order at once, each would else count without the other: the service asks again, behind its locks.
        """
        if self.memory is None or self.memory.assessment is None:
            return None
        return self.memory.assessment if self.memory.assessed_locked or self.memory.assessment.stops else None

    def is_same(self, row: Transaction, payload: Payload) -> bool:
        """Tell whether a transaction carried out this payload."""
        asked = (self.kind, account_pk(payload, self.payer_field), money_of(payload), partner_pk(payload))
        told = (payload["narrative"], payload["external_reference"])
        same = asked == (row.kind, row.debit_account_id, row.money, row.partner_id)
        return same and told == (row.narrative, row.external_reference)

    def _refuse_beyond_limits(self, payload: Payload, order: Order) -> None:
        if self.kind not in limits.COUNTED:
            return
        channel, day = Channel(order.channel.upper()), clock.business_date(order.now)
        limits.check(self.accounts(payload)[0], money_of(payload), channel=channel, business_date=day)

    def is_parked(self, payload: Payload) -> bool:
        """Tell whether this payload waits for approval and holds its money; no second identical request can be open."""
        if self.memory and self.memory.is_parked:
            return True
        waiting = Transaction.objects.filter(
            holds__account=account_pk(payload, self.payer_field),
            holds__state=HoldState.PENDING,
            state=State.AWAITING_APPROVAL,
            kind=self.kind,
            amount=money_of(payload).minor,
        ).only(
            "kind",
            "debit_account",
            "credit_account",
            "amount",
            "currency",
            "narrative",
            "external_reference",
            "partner",
        )
        return any(self.is_same(row, payload) for row in waiting)

    def said(self, summary: str, payload: Payload) -> str:
        """Return the summary with what the customer will read on the statement."""
        if not payload["narrative"]:
            return summary
        told = {"summary": summary, "narrative": payload["narrative"]}
        return gettext("%(summary)s Narrative: “%(narrative)s”.") % told


class Transfer(Movement):
    """Payload: `{"from_account": "acc_…", "to_account": "acc_…", "amount": "2000000.00", "currency": "CNY",
    "narrative": "", "external_reference": ""}`, with `"partner": "ptn_…"` and a `context` (`origins`) when one orders.
    """

    key = "transactions.transfer"
    label = _("Transfer")
    partner_scope = "transfers:write"
    locks_first = True
    kind = Kind.TRANSFER
    payer_field = "from_account"
    payee_field: ClassVar[str] = "to_account"
    service = property(lambda self: transaction_services.transfer)
    parking = property(lambda self: transaction_services.park_transfer)

    def account_fields(self) -> Sequence[str]:
        return (self.payer_field, self.payee_field)

    def credited(self, payload: Payload) -> UUID:
        return account_pk(payload, self.payee_field)

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

    def is_same(self, row: Transaction, payload: Payload) -> bool:
        return super().is_same(row, payload) and row.credit_account_id == self.credited(payload)


class Withdraw(Movement):
    """Payload: `{"account": "acc_…", "amount": "2000000.00", "currency": "CNY", "narrative": "", "external_reference": ""}`."""

    key = "transactions.withdraw"
    label = _("Withdraw")
    kind = Kind.WITHDRAWAL
    payer_field = "account"
    service = property(lambda self: transaction_services.withdraw)
    parking = property(lambda self: transaction_services.park_withdrawal)

    def refuse_as_it_is(self, payload: Payload) -> None:
        refusals.check_line(self.accounts(payload)[0].balance, Side.DEBIT, money_of(payload))

    def describe(self, payload: Payload) -> Description:
        money, payer = money_of(payload), self.accounts(payload)[0]
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

    def to_lock(self, payload: Payload) -> Iterable[UUID]:
        """Return the cash account too: its lock comes in account order with the customer's, whichever is first."""
        return [*super().to_lock(payload), *_cash(payload["currency"])]

    def _alike(self, payer: Account, money: Money) -> Sequence[str]:
        return [
            warning
            for cash in _cash(money.currency)
            for warning in effects.alike(debit=payer.pk, credit=cash, amount=money, now=clock.now())
        ]


def _cash(currency: str) -> Sequence[UUID]:
    """Return the bank's cash account in this currency: one, or none before it was first needed."""
    return list(Account.objects.filter(number=chart.own_number(chart.CASH, currency)).values_list("pk", flat=True))
