"""Deposit, withdraw, transfer, charge a fee: offered on a customer's account, asked twice, booked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts import access, chart, numbers
from accounts import selectors as account_selectors
from accounts.admin.badges import unusual
from accounts.models import Account, AccountStatus, Restriction
from bankops.core import clock, operations
from bankops.core.actor import Actor
from bankops.core.admin.confirmed import ConfirmedDoor, OnceForm
from bankops.core.admin.doors import Done
from bankops.core.admin.submitting import told
from bankops.core.money import Money
from bankops.core.texts import REASON_MAX
from staff.actors import actor_of
from transactions import errors
from transactions import services as transaction_services
from transactions.admin import reviews
from transactions.admin.look_alikes import LookAlike, look_alike
from transactions.admin.outcomes import transaction_of
from transactions.models import BOOKED, Kind, Transaction
from transactions.wording import named, whose


class MoneyForm(OnceForm):
    amount = forms.CharField(
        label=_("Amount"), max_length=40, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    )
    narrative = forms.CharField(
        label=_("Narrative"), max_length=200, required=False, help_text=_("The customer reads this on the statement.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.record, Account):
            self.fields["amount"].label = _("Amount in %(currency)s") % {"currency": self.record.currency}


class GatedMoneyForm(MoneyForm):
    """A movement that may look like another one: asked on the confirmation, and only then, why both are wanted."""

    no_duplicate_because = forms.CharField(max_length=REASON_MAX, required=False, widget=forms.HiddenInput)


class TransferForm(GatedMoneyForm):
    to_account = forms.CharField(
        label=_("To account"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Twelve digits, with or without spaces."),
    )

    field_order = ["to_account", "amount", "narrative"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to be booked: `payee` for a transfer only, and whether the person may see what is on it."""

    account: Account
    payee: Account | None
    amount: Money
    narrative: str
    idempotency_key: str
    actor: Actor
    sees_payee: bool = False
    no_duplicate_because: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a plan does to one account's balance, as far as can be seen before it is booked."""

    number: str
    holder: str
    standing: SafeString
    before: Money
    after: Money


class MoneyDoor(ConfirmedDoor):
    """One movement of money on the customer's account whose page it stands on.

    Attributes:
        debits: it takes money off the account; otherwise it brings some.
        headline: what is about to happen, with `amount`, `account` and, for a transfer, `payee`.
        done: what has happened, with `amount` and `reference`.

    """

    form_class = MoneyForm
    confirmation_template = "transactions/confirm_movement.html"
    debits: ClassVar[bool] = True
    headline: ClassVar[str | Promise]
    done: ClassVar[str | Promise]

    def offered(self, record: Any) -> bool:
        return bool(record.is_customer_account) and (
            _may_be_debited(record) if self.debits else _may_be_credited(record)
        )

    def summary(self, record: Any) -> str | Promise:
        available = record.balance.available
        text = _("Held by %(holder)s. Available now: %(available)s.")
        return text % {
            "holder": access.holder_of_visible(record),
            "available": available.format() if available else "—",
        }

    def plan(self, request: HttpRequest, form: MoneyForm, record: Any) -> Plan:
        data, payee = form.cleaned_data, self.payee(form)
        return Plan(
            account=record,
            payee=payee,
            amount=_positive(data["amount"], record.currency),
            narrative=data["narrative"],
            idempotency_key=data["idempotency_key"],
            actor=actor_of(request),
            sees_payee=payee is not None and access.may_see(request.user, payee),
            no_duplicate_because=data.get("no_duplicate_because", "").strip(),
        )

    def payee(self, form: MoneyForm) -> Account | None:
        return None

    def confirmation(self, plan: Plan) -> dict[str, Any]:
        self.refuse_the_hopeless(plan)
        return {
            "headline": self.headline % _words(plan),
            "effects": list(self.effects(plan)),
            "narrative": plan.narrative,
        }

    def refuse_the_hopeless(self, plan: Plan) -> None:
        """Say already now what the books would refuse at this moment. They decide again when it is booked."""
        available = plan.account.balance.available
        if self.debits and available is not None and available < plan.amount:
            raise errors.InsufficientFunds(account=plan.account.number)

    def effects(self, plan: Plan) -> list[Effect]:
        return [effect_on(plan.account, -plan.amount if self.debits else plan.amount)]

    def carry_out(self, request: HttpRequest, plan: Plan) -> Done:
        now = clock.now()
        circumstances = {
            "amount": plan.amount,
            "narrative": plan.narrative,
            "idempotency_key": plan.idempotency_key,
            "actor": plan.actor,
            "now": now,
            "business_date": clock.business_date(now),
        }
        return self.booked(self.book(plan, circumstances))

    def book(self, plan: Plan, circumstances: dict[str, Any]) -> Transaction:
        """Make the one service call."""
        raise NotImplementedError

    def booked(self, transaction: Transaction) -> Done:
        """Say that it is done, or that it is on record only, and lead to the transaction."""
        if transaction.state not in BOOKED:
            return told(operations.Outcome(done=False, result=transaction), done="")
        words = {"amount": transaction.money.format(), "reference": transaction.reference}
        return Done(str(self.done) % words, transaction)


class GatedMoneyDoor(MoneyDoor):
    """A movement that may need the consent of reviewers: it is submitted as an operation instead of being booked."""

    form_class = GatedMoneyForm
    operation: ClassVar[str]
    kind: ClassVar[Kind]

    def payload(self, plan: Plan) -> dict[str, Any]:
        """Return what is submitted."""
        told = {"amount": str(plan.amount), "currency": plan.amount.currency, "narrative": plan.narrative}
        return {**told, "genuine": True} if plan.no_duplicate_because else told

    def credited(self, plan: Plan) -> Account | None:
        """Return the account that the money goes to, if it is there yet."""
        return plan.payee

    def confirmation(self, plan: Plan) -> dict[str, Any]:
        return {
            **super().confirmation(plan),
            "review": reviews.notice(self.operation, self.payload(plan), _order(plan)),
            "look_alike": self._look_alike(plan),
        }

    def _look_alike(self, plan: Plan) -> LookAlike | None:
        credit = self.credited(plan)
        if credit is None:
            return None
        told: dict[str, Any] = {"amount": plan.amount, "actor": plan.actor, "now": clock.now()}
        return look_alike(self.kind, debit=plan.account, credit=credit, **told)

    def refuse_the_hopeless(self, plan: Plan) -> None:
        operation = operations.get(self.operation)
        operation.refuse(operation.clean(self.payload(plan)), _order(plan))

    def carry_out(self, request: HttpRequest, plan: Plan) -> Done:
        outcome = operations.submit(self.operation, self.payload(plan), _order(plan))
        return self.booked(transaction_of(outcome)) if outcome.done else told(outcome, done="")


class Deposit(MoneyDoor):
    name = "deposit"
    label = _("Deposit")
    permission = "transactions.deposit"
    icon = "add"
    debits = False
    headline = _("You are about to take in %(amount)s in cash and credit it to %(account)s.")
    done = _("%(amount)s deposited: %(reference)s.")

    def book(self, plan: Plan, circumstances: dict[str, Any]) -> Transaction:
        return transaction_services.deposit(account_id=plan.account.pk, **circumstances)


class Withdraw(GatedMoneyDoor):
    name = "withdraw"
    label = _("Withdraw")
    permission = operation = "transactions.withdraw"
    kind = Kind.WITHDRAWAL
    icon = "remove"
    headline = _("You are about to pay out %(amount)s in cash from %(account)s.")
    done = _("%(amount)s paid out: %(reference)s.")

    def payload(self, plan: Plan) -> dict[str, Any]:
        return {**super().payload(plan), "account": plan.account.public_id}

    def credited(self, plan: Plan) -> Account | None:
        """Return the bank's cash account, which is there from the first movement of cash on."""
        return account_selectors.account_by_number(chart.own_number(chart.CASH, plan.amount.currency))


class Transfer(GatedMoneyDoor):
    name = "transfer"
    label = _("Transfer")
    permission = operation = "transactions.transfer"
    kind = Kind.TRANSFER
    form_class = TransferForm
    icon = "arrow_forward"
    headline = _("You are about to move %(amount)s from %(account)s to %(payee)s.")
    done = _("%(amount)s transferred: %(reference)s.")

    def payee(self, form: MoneyForm) -> Account | None:
        """Return the account the money goes to.

        :raises InvalidAccountNumber: when the check digits do not fit.
        :raises UnknownAccount: when there is no such account.
        """
        number = numbers.clean(form.cleaned_data["to_account"])
        payee = account_selectors.account_by_number(number)
        if payee is None:
            raise errors.UnknownAccount(account=numbers.display(number))
        return payee

    def effects(self, plan: Plan) -> list[Effect]:
        return [
            *super().effects(plan),
            *([effect_on(plan.payee, plan.amount)] if plan.payee and plan.sees_payee else []),
        ]

    def payload(self, plan: Plan) -> dict[str, Any]:
        assert plan.payee is not None
        sides = {"from_account": plan.account.public_id, "to_account": plan.payee.public_id}
        return {**super().payload(plan), **sides}


class ChargeFee(MoneyDoor):
    name = "charge_fee"
    label = _("Charge fee")
    permission = "transactions.charge_fee"
    icon = "receipt_long"
    headline = _("You are about to charge %(amount)s as a fee to %(account)s.")
    done = _("Fee of %(amount)s charged: %(reference)s.")

    def book(self, plan: Plan, circumstances: dict[str, Any]) -> Transaction:
        return transaction_services.charge_fee(account_id=plan.account.pk, **circumstances)


def _may_be_debited(account: Account) -> bool:
    unblocked = account.restriction not in (Restriction.BLOCK_DEBIT, Restriction.BLOCK_ALL)
    return unblocked and account.status == AccountStatus.ACTIVE


def _may_be_credited(account: Account) -> bool:
    unblocked = account.restriction not in (Restriction.BLOCK_CREDIT, Restriction.BLOCK_ALL)
    return unblocked and account.status in (AccountStatus.ACTIVE, AccountStatus.DORMANT)


def _positive(text: str, currency: str) -> Money:
    """Read an amount.

    :raises InvalidAmount, AmountTooPrecise, AmountTooLarge: when it is not one in this currency.
    :raises AmountNotPositive: when it is zero or negative.
    """
    money = Money.parse(text, currency)
    if money.minor <= 0:
        raise errors.AmountNotPositive
    return money


def _order(plan: Plan) -> operations.Order:
    return operations.Order(
        actor=plan.actor, now=clock.now(), idempotency_key=plan.idempotency_key, reason=plan.no_duplicate_because
    )


def _words(plan: Plan) -> dict[str, str]:
    words = {"amount": plan.amount.format(), "account": named(plan.account)}
    return words | ({"payee": named(plan.payee)} if plan.payee else {})


def effect_on(account: Account, change: Money) -> Effect:
    """Return what a change does to an account's balance; needs `customer` and `balance`."""
    before = account.balance.ledger_money
    return Effect(numbers.display(account.number), whose(account), unusual(account), before, before + change)
