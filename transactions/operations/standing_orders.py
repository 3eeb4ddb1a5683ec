"""Standing orders: created, changed, suspended, resumed, ended. Consent to an order is consent to its payments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from bankops.core import clock, ids
from bankops.core.audit import Subject
from bankops.core.money import MINOR_MAX, Money
from bankops.core.operations import Description, Facts, Operation, Order, Review
from bankops.core.texts import check_fits, require_reason
from transactions import errors as posting_errors
from transactions import services as transaction_services
from transactions.models import Channel, StandingOrder
from transactions.models.standing_order import HolidayRule, OrderState, Unit
from transactions.operations.effects import fingerprint
from transactions.operations.interest import day_in
from transactions.operations.payloads import Payload, account_pk, amount, customer_accounts, public_id
from transactions.services.standing_orders import Terms, check_schedule, check_terms, order_under_key, subject_of
from transactions.standing_orders import errors, payees, wording
from transactions.standing_orders.payload import terms_of
from transactions.standing_orders.schedule import schedule_of

_UPCOMING = 5


class _WithTerms(Operation):
    """What creating and changing share: payload fields of the terms.

    `{"amount": "100.00", "currency": "CNY", "payee_account": "acc_…" | "", "counterparty_bank": "", "counterparty_account": "",
    "payee_name": "", "purpose": "Rent", "every": 1, "unit": "MONTH", "day": 5, "first_date": "2026-03-05", "last_date": "",
    "on_holiday": "FOLLOWING", "retry_days": 3}`
    """

    usual_review = Review.FROM_AMOUNT

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises FieldMissing, InvalidId, InvalidAmount, InvalidSchedule, InvalidDay, TextTooLong: naming what is at fault."""
        payee = payload.get("payee_account") or ""
        return {
            **amount(payload),
            "payee_account": public_id(payload, "payee_account", Account.ID_PREFIX) if payee else "",
            **_elsewhere(payload),
            "payee_name": _text(payload, "payee_name"),
            "purpose": _words(payload, "purpose"),
            "every": _number(payload, "every", 1),
            "unit": _one_of(payload, "unit", Unit.values, Unit.MONTH.value),
            "day": _number(payload, "day", None),
            "first_date": day_in(payload, "first_date").isoformat(),
            "last_date": day_in(payload, "last_date").isoformat() if payload.get("last_date") else "",
            "on_holiday": _one_of(payload, "on_holiday", HolidayRule.values, HolidayRule.FOLLOWING.value),
            "retry_days": _number(payload, "retry_days", 3),
        }


class CreateStandingOrder(_WithTerms):
    """Payload: `{"account": "acc_…"}` and the terms."""

    key = "transactions.create_standing_order"
    label = _("Create standing order")

    def clean(self, payload: Payload) -> dict[str, Any]:
        return {"account": public_id(payload, "account", Account.ID_PREFIX), **super().clean(payload)}

    def facts(self, payload: Payload) -> Facts:
        """:raises UnknownAccount, NotACustomerAccount, InvalidSchedule: naming what is at fault."""
        branch = customer_accounts(payload, "account")[0].branch
        return Facts(amount=_of_a_year(terms_of(payload)), branch=branch.code if branch else "")

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        account = customer_accounts(payload, "account")[0]
        return [Subject("account", account.public_id, account.number)]

    def earlier(self, payload: Payload, order: Order) -> StandingOrder | None:
        """:raises IdempotencyConflict: when the key was used for another order."""
        terms = terms_of(payload)
        return order_under_key(
            order.actor, order.idempotency_key, account_id=account_pk(payload, "account"), terms=terms
        )

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises UnknownAccount, NotACustomerAccount, OnePayee, InvalidSchedule, NothingDue: as the service would."""
        check_terms(account_pk(payload, "account"), terms_of(payload), business_date=clock.business_date(order.now))

    def describe(self, payload: Payload) -> Description:
        terms = terms_of(payload)
        account = Account.objects.select_related("customer").get(pk=account_pk(payload, "account"))
        return Description(
            summary=gettext("From account %(account)s: %(terms)s")
            % {"account": account.number, "terms": wording.said(terms)},
            changes={gettext("Next payments"): ("", upcoming(terms, business_date=clock.business_date(clock.now())))},
        )

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        account = Account.objects.get(pk=account_pk(payload, "account"))
        return {"account": fingerprint(account)}

    def execute(self, payload: Payload, order: Order) -> StandingOrder:
        return transaction_services.create_standing_order(
            account_id=account_pk(payload, "account"),
            terms=terms_of(payload),
            idempotency_key=order.idempotency_key,
            **circumstances(order),
        )

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result)


class _OnOrder(Operation):
    """What is done with an order that stands. Payload: `{"standing_order": "so_…", "version": 1}`."""

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises FieldMissing, InvalidId: when it names no order or no version."""
        version = _number(payload, "version", None)
        if version is None:
            raise posting_errors.FieldMissing(field="version")
        return {"standing_order": public_id(payload, "standing_order", StandingOrder.ID_PREFIX), "version": version}

    def facts(self, payload: Payload) -> Facts:
        order = order_of(payload)
        # One that was taken over without a schedule pays nothing yet.
        payments = schedule_of(order).payments_in_a_year() if order.first_date else 1
        branch = order.account.branch
        return Facts(amount=_times(order.money, payments), branch=branch.code if branch else "")

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        order = order_of(payload)
        account = Subject("account", order.account.public_id, order.account.number)
        return [account, subject_of(order)]

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        order = order_of(payload)
        return {"version": order.version, "account": fingerprint(order.account)}

    def lock(self, payload: Payload) -> None:
        """Nothing: the service locks the order and compares its version with the one that was looked at."""

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result)


class ChangeStandingOrder(_OnOrder, _WithTerms):
    """Payload: `{"standing_order": "so_…", "version": 1}` and all the terms, those that stay too."""

    key = "transactions.change_standing_order"
    label = _("Change standing order")
    usual_review = Review.ALWAYS  # it may pay somebody else from now on
    moves_money = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        return {**_OnOrder.clean(self, payload), **_WithTerms.clean(self, payload)}

    def facts(self, payload: Payload) -> Facts:
        """The sum of a year to be paid from now on, where it is more than before; else the one before."""
        before = _OnOrder.facts(self, payload)
        assert before.amount is not None
        wanted = _of_a_year(terms_of(payload))
        return Facts(amount=max(before.amount, wanted, key=lambda one: one.minor), branch=before.branch)

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises UnknownStandingOrder, StandingOrderMoved, OnePayee, InvalidSchedule, NothingDue: as the service would."""
        row = order_of(payload)
        if row.version != payload["version"]:
            raise errors.StandingOrderMoved(present=row.version)
        day = clock.business_date(order.now)
        check_terms(row.account_id, terms_of(payload), business_date=day, known=row)

    def describe(self, payload: Payload) -> Description:
        row, terms = order_of(payload), terms_of(payload)
        words = {"account": row.account.number, "terms": wording.said(terms)}
        return Description(
            summary=gettext("From account %(account)s from now on: %(terms)s") % words,
            changes={
                **wording.differences(row, terms),
                gettext("Next payments"): ("", upcoming(terms, business_date=clock.business_date(clock.now()))),
            },
        )

    def execute(self, payload: Payload, order: Order) -> StandingOrder:
        wanted = _pk_and_version(payload)
        return transaction_services.change_standing_order(**wanted, terms=terms_of(payload), **circumstances(order))


class _Step(_OnOrder):
    """Suspend, resume or end; the order says why."""

    to: ClassVar[OrderState]
    sentence: ClassVar[Any]

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, UnknownStandingOrder, StandingOrderMoved, NotInThisState: as the service would."""
        require_reason(order.reason)
        row = order_of(payload)
        if row.version != payload["version"]:
            raise errors.StandingOrderMoved(present=row.version)

    def describe(self, payload: Payload) -> Description:
        row = order_of(payload)
        words = {"account": row.account.number, "amount": row.money.format(), "payee": wording.payee_of(row)}
        states = (str(OrderState(row.state).label), str(self.to.label))
        return Description(summary=str(self.sentence) % words, changes={gettext("State"): states})

    def execute(self, payload: Payload, order: Order) -> StandingOrder:
        return self.service()(**_pk_and_version(payload), **circumstances(order))

    def service(self) -> Callable[..., StandingOrder]:
        """Return the service that does it."""
        raise NotImplementedError


class SuspendStandingOrder(_Step):
    key = "transactions.suspend_standing_order"
    label = _("Suspend standing order")
    usual_review = Review.FROM_PARTNERS  # it only stops money from leaving
    to = OrderState.SUSPENDED
    sentence = _("Pay nothing from account %(account)s to %(payee)s (%(amount)s each time) until the order is resumed.")

    def service(self) -> Callable[..., StandingOrder]:
        return transaction_services.suspend_standing_order


class ResumeStandingOrder(_Step):
    key = "transactions.resume_standing_order"
    label = _("Resume standing order")
    usual_review = Review.FROM_AMOUNT
    to = OrderState.ACTIVE
    sentence = _("Pay %(amount)s from account %(account)s to %(payee)s again, from the next date on.")

    def service(self) -> Callable[..., StandingOrder]:
        return transaction_services.resume_standing_order


class EndStandingOrder(_Step):
    key = "transactions.end_standing_order"
    label = _("End standing order")
    usual_review = Review.FROM_PARTNERS
    to = OrderState.ENDED
    sentence = _("End the order to pay %(amount)s from account %(account)s to %(payee)s, for good.")

    def service(self) -> Callable[..., StandingOrder]:
        return transaction_services.end_standing_order


OPERATIONS = (
    CreateStandingOrder(),
    ChangeStandingOrder(),
    SuspendStandingOrder(),
    ResumeStandingOrder(),
    EndStandingOrder(),
)


def upcoming(terms: Terms, *, business_date: date) -> str:
    """Return the business days of the next few payments, in one line."""
    due = terms.schedule.next_due(max(business_date, terms.first_date), _UPCOMING)
    return ", ".join(day.isoformat() for _date, day in due)


def _of_a_year(terms: Terms) -> Money:
    """Return what is paid in the first year, or in all where that is less: many small payments count as the sum they are.

    :raises InvalidSchedule: when they make no schedule.
    """
    check_schedule(terms)
    return _times(terms.amount, terms.schedule.payments_in_a_year())


def _times(amount: Money, payments: int) -> Money:
    """Return the sum of at least one payment, and at most what the books can hold, which no threshold is above."""
    return Money(min(amount.minor * max(payments, 1), MINOR_MAX), amount.currency)


def order_of(payload: Payload) -> StandingOrder:
    """Return the order that a clean payload names, with its accounts and their branch, as it is now.

    :raises UnknownStandingOrder: when there is none.
    """
    wanted = ids.decode(StandingOrder.ID_PREFIX, payload["standing_order"])
    found = StandingOrder.objects.select_related("account__branch", "payee_account").filter(pk=wanted).first()
    if found is None:
        raise errors.UnknownStandingOrder(order=payload["standing_order"])
    return found


def circumstances(order: Order) -> dict[str, Any]:
    """Return what every service here is told."""
    told = {"actor": order.actor, "now": order.now, "reason": order.reason}
    return {**told, "business_date": clock.business_date(order.now), "channel": Channel(order.channel.upper())}


def _pk_and_version(payload: Payload) -> dict[str, Any]:
    pk = ids.decode(StandingOrder.ID_PREFIX, payload["standing_order"])
    return {"order_id": pk, "version": payload["version"]}


def _elsewhere(payload: Payload) -> dict[str, str]:
    """Return the payee at another bank as it is stored, however its numbers were grouped."""
    typed = (_text(payload, "counterparty_bank"), _text(payload, "counterparty_account"))
    bank, account = payees.normalised(*typed)
    check_fits(StandingOrder, counterparty_bank=bank, counterparty_account=account)
    return {"counterparty_bank": bank, "counterparty_account": account}


def _words(payload: Payload, field: str) -> str:
    text = _text(payload, field)
    check_fits(StandingOrder, **{field: text})
    return text


def _text(payload: Payload, field: str) -> str:
    value = payload.get(field, "")
    if not isinstance(value, str):
        raise posting_errors.FieldMissing(field=field)
    return value.strip()


def _number(payload: Payload, field: str, default: int | None) -> int | None:
    value = payload.get(field)
    if value in (None, ""):
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise errors.InvalidSchedule(problem=gettext("“%(field)s” is no whole number.") % {"field": field})
    return value


def _one_of(payload: Payload, field: str, known: Sequence[str], default: str) -> str:
    value = payload.get(field) or default
    if value not in known:
        raise errors.InvalidSchedule(
            problem=gettext("“%(field)s” is one of %(known)s.") % {"field": field, "known": ", ".join(known)}
        )
    return str(value)
