"""An account's life: opened, asleep, awake, closed, open again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import errors
from accounts import services as account_services
from accounts.locks import accounts_for_update, customer_for_update
from accounts.models import Account, AccountStatus, Customer, Product
from accounts.operations.on_account import OnAccount, described, on_account
from accounts.operations.payloads import Payload, account_id, account_of, words
from accounts.services import closing, dormancy
from accounts.services.opening import Opening, if_the_same, opened_earlier, refuse_opening
from accounts.wording import named
from bankops.core import clock, ids
from bankops.core.audit import Subject
from bankops.core.money import Money
from bankops.core.operations import Description, Facts, Operation, Order, Review
from staff.models import Branch


class OpenAccount(Operation):
    """Payload: `{"customer": "cus_…", "product": "CURRENT", "branch": "001", "currency": "CNY", "overdraft": "0.00"}`."""

    key = "accounts.open_account"
    label = _("Open account")
    moves_money = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownCustomer, UnknownProduct, UnknownBranch, UnknownCurrency, InvalidAmount: naming the fault."""
        currency = words(payload, "currency").upper()
        return {
            "customer": _customer(payload).public_id,
            "product": _product(payload).code,
            "branch": _branch(payload).code,
            "currency": currency,
            "overdraft": str(Money.parse(words(payload, "overdraft") or "0", currency)),
        }

    def facts(self, payload: Payload) -> Facts:
        overdraft = Money.parse(payload["overdraft"], payload["currency"])
        return Facts(amount=overdraft if overdraft.minor else None, branch=payload["branch"])

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        customer = _customer(payload)
        return [Subject("customer", customer.public_id, customer.number)]

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        return {
            "customer": str(_customer(payload).state),
            "offered": _product(payload).is_offered,
            "branch_open": _branch(payload).is_open,
        }

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises CustomerNotApproved, ProductNotOffered, BranchClosed, OverdraftNegative: as the service would."""
        refuse_opening(**_terms(payload, order))

    def earlier(self, payload: Payload, order: Order) -> Account | None:
        """:raises OpeningConflict: when the key opened an account on other terms."""
        terms = _terms(payload, order)
        earlier = opened_earlier(terms["customer"], order.idempotency_key)
        return earlier and if_the_same(earlier, **terms)

    def describe(self, payload: Payload) -> Description:
        customer, product = _customer(payload), _product(payload)
        text = gettext("Open a %(product)s in %(currency)s for %(customer)s (%(number)s).")
        what = {"product": str(product), "currency": payload["currency"]}
        overdraft = Money.parse(payload["overdraft"], payload["currency"])
        none = gettext("none")
        return Description(
            summary=text % {**what, "customer": customer.name, "number": customer.number},
            changes={
                gettext("Branch"): ("", str(_branch(payload))),
                gettext("Overdraft limit"): ("", overdraft.format() if overdraft.minor else none),
            },
        )

    def lock(self, payload: Payload) -> None:
        customer_for_update(_customer(payload).pk)

    def execute(self, payload: Payload, order: Order) -> Account:
        return account_services.open_account(**_terms(payload, order))

    def subject_of(self, result: Any) -> Subject:
        return Subject("account", result.public_id, result.number)


class MarkDormant(OnAccount):
    key = "accounts.mark_dormant"
    label = _("Mark account dormant")
    usual_review = Review.FROM_PARTNERS

    def describe(self, payload: Payload) -> Description:
        text = gettext("Account %(account)s falls dormant: money comes in, none goes out, until it is woken.")
        return described(account_of(payload), text, _status(AccountStatus.ACTIVE, AccountStatus.DORMANT))

    def refuse_as_it_is(self, account: Account, payload: Payload, order: Order) -> None:
        dormancy.refuse_sleep(account)

    def execute(self, payload: Payload, order: Order) -> Account:
        return account_services.mark_dormant(**on_account(payload, order))


class WakeAccount(OnAccount):
    key = "accounts.wake_account"
    label = _("Wake dormant account")
    always_two = True

    def describe(self, payload: Payload) -> Description:
        text = gettext("Dormant account %(account)s is active again: money may leave it.")
        return described(account_of(payload), text, _status(AccountStatus.DORMANT, AccountStatus.ACTIVE))

    def refuse_as_it_is(self, account: Account, payload: Payload, order: Order) -> None:
        dormancy.refuse_waking(account)

    def execute(self, payload: Payload, order: Order) -> Account:
        return account_services.wake_account(**_on_its_day(payload, order))


class CloseAccount(OnAccount):
    """Payload: `{"account": "acc_…", "payee": "acc_…"}`; the payee is empty where the balance is zero."""

    key = closing.CLOSE
    label = _("Close account")
    moves_money = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, AccountNotFound: also for `payee`."""
        payee = account_of(payload, "payee").public_id if payload.get("payee") else ""
        return {**super().clean(payload), "payee": payee}

    def facts(self, payload: Payload) -> Facts:
        """Return what would be paid out at present as the amount."""
        whole = closing.whole_of(account_of(payload).balance)
        return replace(super().facts(payload), amount=whole if whole.minor else None)

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        payee = _payee(payload)
        return [*super().concerns(payload), *([Subject("account", payee.public_id, payee.number)] if payee else [])]

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        """Return what must still be so.

        Reviewers agreed to pay out the balance they read, so no movement may come between. What accrues meanwhile is paid
        out as well.
        """
        account, payee = account_of(payload), _payee(payload)
        return {
            **super().preconditions(payload),
            "restriction": str(account.restriction),
            "movements": account.balance.version,
            "payee": str(payee.status) if payee else "",
        }

    def describe(self, payload: Payload) -> Description:
        account, payee = account_of(payload), _payee(payload)
        text = gettext("Close account %(account)s. Its history stays; its standing orders end.")
        changes = _status(account.status, AccountStatus.CLOSED)
        if payee is not None:
            return described(account, f"{text} {_paid_out(account, payee)}", changes)
        return described(account, text, changes)

    def refuse_as_it_is(self, account: Account, payload: Payload, order: Order) -> None:
        closing.refuse_closing(account.balance, _payee(payload))

    def lock(self, payload: Payload) -> None:
        accounts_for_update(closing.accounts_of(account_id(payload), _payee_id(payload)))

    def execute(self, payload: Payload, order: Order) -> Account:
        return account_services.close_account(payee_id=_payee_id(payload), **_on_its_day(payload, order))


class ReopenAccount(OnAccount):
    key = "accounts.reopen_account"
    label = _("Reopen closed account")
    always_two = True

    def describe(self, payload: Payload) -> Description:
        text = gettext("Closed account %(account)s is active again, as empty as it was left.")
        return described(account_of(payload), text, _status(AccountStatus.CLOSED, AccountStatus.ACTIVE))

    def refuse_as_it_is(self, account: Account, payload: Payload, order: Order) -> None:
        closing.refuse_reopening(account)

    def lock(self, payload: Payload) -> None:
        customer_id = account_of(payload).customer_id
        if customer_id:
            customer_for_update(customer_id)
        super().lock(payload)

    def execute(self, payload: Payload, order: Order) -> Account:
        return account_services.reopen_account(**_on_its_day(payload, order))


def _customer(payload: Payload) -> Customer:
    customer_id = ids.decode(Customer.ID_PREFIX, str(payload.get("customer", "")))
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise errors.UnknownCustomer
    return customer


def _product(payload: Payload) -> Product:
    product = Product.objects.select_related("chart_line").filter(pk=words(payload, "product")).first()
    if product is None:
        raise errors.UnknownProduct(product=payload.get("product"))
    return product


def _branch(payload: Payload) -> Branch:
    branch = Branch.objects.filter(code=words(payload, "branch")).first()
    if branch is None:
        raise errors.UnknownBranch(branch=payload.get("branch"))
    return branch


def _payee(payload: Payload) -> Account | None:
    return account_of(payload, "payee") if payload["payee"] else None


def _payee_id(payload: Payload) -> UUID | None:
    return account_id(payload, "payee") if payload["payee"] else None


def _terms(payload: Payload, order: Order) -> Opening:
    return {
        "customer": _customer(payload),
        "product": _product(payload),
        "branch": _branch(payload),
        "currency": payload["currency"],
        "overdraft_limit": Money.parse(payload["overdraft"], payload["currency"]),
        "idempotency_key": order.idempotency_key or None,
        "actor": order.actor,
        "now": order.now,
        "business_date": clock.business_date(order.now),
    }


def _on_its_day(payload: Payload, order: Order) -> dict[str, Any]:
    return {**on_account(payload, order), "business_date": clock.business_date(order.now)}


def _paid_out(account: Account, payee: Account) -> str:
    """Return what happens to the balance, and how much it is; of a confidential account that is nobody's business."""
    if account.is_confidential:
        return gettext("The balance with accrued interest is paid out to %(payee)s.") % {"payee": named(payee)}
    text = gettext("The balance with accrued interest, at present %(balance)s, is paid out to %(payee)s.")
    return text % {"balance": closing.whole_of(account.balance).format(), "payee": named(payee)}


def _status(before: str, after: AccountStatus) -> dict[str, tuple[str, str]]:
    return {gettext("Status"): (str(AccountStatus(before).label), str(after.label))}
