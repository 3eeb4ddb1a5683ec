"""Create, change, suspend, resume and end standing orders. Paying them is `standing_order_runs`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple, Required, TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import selectors as account_selectors
from accounts.models import Account, AccountStatus
from bankops.core import audit, operations, texts
from bankops.core.actor import Actor
from bankops.core.business_days import OnHoliday
from bankops.core.money import Money
from bankops.core.sealed import Secret
from transactions import errors as posting_errors
from transactions import events, locks
from transactions.models import Channel, OrderState, StandingOrder, StandingOrderRun
from transactions.models.standing_order import OPEN_STATES, RunState, Unit
from transactions.services.payee_screening import payee_let_go, payee_named
from transactions.standing_orders import errors, payees
from transactions.standing_orders.payees import Elsewhere
from transactions.standing_orders.schedule import Schedule, schedule_of

_EVERY_MAX = 60
_RETRY_DAYS_MAX = 10
_DAY_MAX = 31
_WHOM_IT_PAYS = frozenset({"payee_name", "counterparty_bank", "counterparty_account", "payee_account_id"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a standing order says; see `StandingOrder` for the fields.

    Attributes:
        payee_account_id: an account of this bank; None for a payee at another bank.
        payee_name: of one at another bank. Empty in a change that keeps the payee: the name stays.

    """

    amount: Money
    first_date: date
    last_date: date | None = None
    every: int = 1
    unit: Unit = Unit.MONTH
    day: int | None = None
    on_holiday: OnHoliday = OnHoliday.FOLLOWING
    retry_days: int = 3
    payee_account_id: UUID | None = None
    counterparty_bank: str = ""
    counterparty_account: str = ""
    payee_name: str = ""
    purpose: str = ""

    @property
    def schedule(self) -> Schedule:
        return Schedule(self.first_date, self.last_date, self.every, self.unit, self.day, self.on_holiday)


class Circumstances(TypedDict, total=False):
    """What every service here is told: who, when, why, and the way it came in (`STAFF` unless told otherwise)."""

    actor: Required[Actor]
    now: Required[datetime]
    business_date: Required[date]
    reason: str
    channel: Channel


class Told(NamedTuple):
    """Who, when and why, for the audit trail."""

    actor: Actor
    now: datetime
    reason: str


@operations.only_through_gate("transactions.create_standing_order")
@transaction.atomic
def create_standing_order(
    *, account_id: UUID, terms: Terms, idempotency_key: str = "", **circumstances: Unpack[Circumstances]
) -> StandingOrder:
    """Take a customer's order to pay again and again. Writes `transactions.standing_order.created`.

    Its payments need no further consent: whoever consented to the order consented to them.

    :param idempotency_key: the maker's own; the same key and terms again are the same order.
    :raises ConsentRequired: when the gate is not carrying it out.
    :raises IdempotencyConflict: when the key was used for another order.
    :raises UnknownAccount, NotACustomerAccount, AccountClosed, WrongCurrency, SameAccount, OnePayee: for its accounts.
    :raises PayeeNameMissing, PayeeBankMissing, IbanNeeded, BankWithoutIbans, BankElsewhere, WrongCharacter, …: for a payee at
        another bank, as `standing_orders.payees.clean`.
    :raises InvalidSchedule, FirstPaymentPast, NothingDue: for its days.
    """
    actor = circumstances["actor"]
    key = f"{actor.kind}:{actor.id}:{idempotency_key}" if idempotency_key else None
    if earlier := order_under_key(actor, idempotency_key, account_id=account_id, terms=terms):
        return earlier
    check_terms(account_id, terms, business_date=circumstances["business_date"])
    order = StandingOrder(account_id=account_id, state=OrderState.ACTIVE, creation_key=key, **_columns(terms))
    order.channel, order.payee_looked_at = circumstances.get("channel", Channel.STAFF), circumstances["now"]
    _set_due(order, circumstances["business_date"])
    order.save(force_insert=True)
    _record(events.STANDING_ORDER_CREATED, order, {"state": ("", order.state)}, _told(circumstances))
    return order


def order_under_key(actor: Actor, idempotency_key: str, *, account_id: UUID, terms: Terms) -> StandingOrder | None:
    """Return the order that the same wish of the same maker led to before, or None.

    :raises IdempotencyConflict: when the key was used for another order.
    """
    if not idempotency_key:
        return None
    earlier = StandingOrder.objects.filter(creation_key=f"{actor.kind}:{actor.id}:{idempotency_key}").first()
    if earlier is None:
        return None
    same = all(getattr(earlier, name) == value for name, value in _columns(terms).items())
    if earlier.account_id != account_id or (earlier.version == 1 and not same):
        raise posting_errors.IdempotencyConflict
    return earlier


@operations.only_through_gate("transactions.change_standing_order")
@transaction.atomic
def change_standing_order(
    *, order_id: UUID, version: int, terms: Terms, **circumstances: Unpack[Circumstances]
) -> StandingOrder:
    """Give an order other terms from the business date on. Writes `transactions.standing_order.changed` with what changed.

    A payment that waits to be tried again keeps its date and takes the new amount and payee.

    :param version: the one that was looked at.
    :raises ConsentRequired, UnknownStandingOrder: as for the others.
    :raises StandingOrderMoved: when somebody changed it since.
    :raises NotInThisState: when it has ended.
    :raises UnknownAccount, NotACustomerAccount, AccountClosed, WrongCurrency, SameAccount, OnePayee: for its accounts.
    :raises PayeeBankMissing, IbanNeeded, BankWithoutIbans, BankElsewhere, WrongCharacter, …: for a payee at another bank,
        as `standing_orders.payees.clean`.
    :raises InvalidSchedule, FirstPaymentPast, NothingDue: for its days.
    """
    order = _open(order_id, version)
    check_terms(order.account_id, terms, business_date=circumstances["business_date"], known=order)
    wanted = _columns(terms, known=order)
    changes = {
        name: (_plain(getattr(order, name)), _plain(value))
        for name, value in wanted.items()
        if payees.differs(getattr(order, name), value)
    }
    for name, value in wanted.items():
        setattr(order, name, value)
    if _WHOM_IT_PAYS & changes.keys():
        payee_named(order, is_another="payee_name" in changes, now=circumstances["now"])
    order.channel = circumstances.get("channel", Channel.STAFF)
    if order.state == OrderState.ACTIVE:
        _set_due(order, circumstances["business_date"])
    _save(order)
    _record(events.STANDING_ORDER_CHANGED, order, changes, _told(circumstances))
    return order


@operations.only_through_gate("transactions.suspend_standing_order")
@transaction.atomic
def suspend_standing_order(*, order_id: UUID, version: int, **circumstances: Unpack[Circumstances]) -> StandingOrder:
    """Pay nothing until the order is resumed; what waits to be tried again is skipped. Writes `….suspended`.

    :raises ConsentRequired, UnknownStandingOrder, StandingOrderMoved: as for a change.
    :raises NotInThisState: when it is not active.
    """
    return _bring(order_id, version, OrderState.SUSPENDED, (OrderState.ACTIVE,), circumstances)


@operations.only_through_gate("transactions.resume_standing_order")
@transaction.atomic
def resume_standing_order(*, order_id: UUID, version: int, **circumstances: Unpack[Circumstances]) -> StandingOrder:
    """Pay again, from the business date on; what was due meanwhile is not made up for. Writes `….resumed`.

    :raises ConsentRequired, UnknownStandingOrder, StandingOrderMoved: as for a change.
    :raises NotInThisState: when it is not suspended.
    :raises NoSchedule, OnePayee: when it was taken over without a first date, or without a payee.
    :raises NothingDue: when its last date is over.
    """
    return _bring(order_id, version, OrderState.ACTIVE, (OrderState.SUSPENDED,), circumstances)


@operations.only_through_gate("transactions.end_standing_order")
@transaction.atomic
def end_standing_order(*, order_id: UUID, version: int, **circumstances: Unpack[Circumstances]) -> StandingOrder:
    """End an order for good; what waits to be tried again is skipped. Writes `transactions.standing_order.ended`.

    :raises ConsentRequired, UnknownStandingOrder, StandingOrderMoved: as for a change.
    :raises NotInThisState: when it has ended already.
    """
    return _bring(order_id, version, OrderState.ENDED, OPEN_STATES, circumstances)


def end_orders_of(*, account: Account, actor: Actor, now: datetime, reason: str) -> int:
    """End every open order that pays from an account or into it, in the caller's transaction; return how many.

    For an account that is being closed, whose lock the caller holds. Writes `transactions.standing_order.ended` for each.
    """
    orders = locks.open_orders_for_update(account.pk)
    for order in orders:
        before, told = order.state, Told(actor, now, reason)
        _end(order, OrderState.ENDED, now)
        _record(events.STANDING_ORDER_STATE[OrderState.ENDED], order, {"state": (before, order.state)}, told)
    return len(orders)


# -- What is refused ---------------------------------------------------------------------------------------------------


def check_terms(account_id: UUID, terms: Terms, *, business_date: date, known: StandingOrder | None = None) -> None:
    """Refuse terms that make no order; see `create_standing_order`. `known` is the order whose terms they become."""
    texts.check_fits(
        StandingOrder,
        purpose=terms.purpose,
        counterparty_bank=terms.counterparty_bank,
        counterparty_account=terms.counterparty_account,
    )
    _check_accounts(account_id, terms)
    _check_elsewhere(terms, known)
    check_schedule(terms)
    if terms.first_date < business_date and (known is None or known.first_date != terms.first_date):
        raise errors.FirstPaymentPast(first=terms.first_date.isoformat(), today=business_date.isoformat())
    if terms.schedule.on_or_after(max(business_date, terms.first_date)) is None:
        raise errors.NothingDue(first=terms.first_date.isoformat(), last=_plain(terms.last_date))


def _check_elsewhere(terms: Terms, known: StandingOrder | None) -> None:
    """Refuse a payee at another bank that cannot be one, or has no name. An order taken over keeps the one it came with."""
    payees.check_name(terms.payee_name)
    if terms.counterparty_account and not (known and _keeps_elsewhere(known, terms)):
        payees.clean(terms.counterparty_bank, terms.counterparty_account)
        if not terms.payee_name:
            raise errors.PayeeNameMissing


def _keeps_elsewhere(known: StandingOrder, terms: Terms) -> bool:
    present = Elsewhere(known.counterparty_bank, known.counterparty_account)
    return payees.keeps(present, Elsewhere(terms.counterparty_bank, terms.counterparty_account))


def _check_accounts(account_id: UUID, terms: Terms) -> None:
    if (terms.payee_account_id is None) == (not terms.counterparty_account):
        raise errors.OnePayee
    if terms.amount.minor <= 0:
        raise posting_errors.AmountNotPositive
    wanted = [account_id, *([terms.payee_account_id] if terms.payee_account_id else [])]
    found = account_selectors.accounts_by_id(wanted)
    for one in wanted:
        if one not in found:
            raise posting_errors.UnknownAccount(account=one)
        _check_account(found[one], terms.amount)
    if account_id == terms.payee_account_id:
        raise posting_errors.SameAccount(account=found[account_id].number)


def _check_account(account: Account, amount: Money) -> None:
    if not account.is_customer_account:
        raise posting_errors.NotACustomerAccount(account=account.number)
    if account.status == AccountStatus.CLOSED:
        raise posting_errors.AccountClosed(account=account.number)
    if account.currency != amount.currency:
        raise posting_errors.WrongCurrency(account=account.number)


def check_schedule(terms: Terms) -> None:
    """Refuse terms whose days make no schedule.

    :raises InvalidSchedule: saying what is wrong.
    """
    problems = {
        _("it repeats after 1 to %(most)s weeks or months.") % {"most": _EVERY_MAX}: not 1 <= terms.every <= _EVERY_MAX,
        _("it is tried again on 0 to %(most)s business days.") % {"most": _RETRY_DAYS_MAX}: not 0
        <= terms.retry_days
        <= _RETRY_DAYS_MAX,
        _("a monthly one has a day from 1 to 31, a weekly one has none."): not _day_fits(terms),
        _("it ends before it begins."): terms.last_date is not None and terms.last_date < terms.first_date,
    }
    for problem, is_so in problems.items():
        if is_so:
            raise errors.InvalidSchedule(problem=problem)


def _day_fits(terms: Terms) -> bool:
    if terms.unit is Unit.WEEK:
        return terms.day is None
    return terms.day is not None and 1 <= terms.day <= _DAY_MAX


# -- What is written ---------------------------------------------------------------------------------------------------


def _bring(
    order_id: UUID, version: int, to: OrderState, allowed: tuple[OrderState, ...], circumstances: Circumstances
) -> StandingOrder:
    order = _open(order_id, version)
    if order.state not in allowed:
        raise errors.NotInThisState(state=OrderState(order.state).label)
    before = order.state
    if to is OrderState.ACTIVE:
        order.state = to
        _set_due(order, circumstances["business_date"])
        _save(order, "state", "next_date", "next_due")
    else:
        _end(order, to, circumstances["now"])
    _record(events.STANDING_ORDER_STATE[to], order, {"state": (before, to.value)}, _told(circumstances))
    return order


def _end(order: StandingOrder, to: OrderState, now: datetime) -> None:
    """Take an order out of the list of what is due, with whatever of it waits to be tried again."""
    order.state = to
    order.next_date = order.next_due = None
    _save(order, "state", "next_date", "next_due")
    payee_let_go(order, now=now)
    waiting = StandingOrderRun.objects.filter(order=order, state=RunState.RETRYING)
    waiting.update(state=RunState.SKIPPED, next_attempt=None, refusal=f"standing_order_{to.lower()}")


def _open(order_id: UUID, version: int) -> StandingOrder:
    order = locks.standing_order_for_update(order_id)
    if order.state not in OPEN_STATES:
        raise errors.NotInThisState(state=OrderState(order.state).label)
    if order.version != version:
        raise errors.StandingOrderMoved(present=order.version)
    return order


def _set_due(order: StandingOrder, business_date: date) -> None:
    if order.first_date is None:
        raise errors.NoSchedule
    if order.payee_account_id is None and not order.counterparty_account:
        raise errors.OnePayee
    schedule = schedule_of(order)
    paid = order.runs.order_by("-date").values_list("date", flat=True).first()
    # A date that a holiday has put off may lie behind us and not be paid yet.
    begin = max(order.first_date, min(business_date, order.next_date or business_date))
    order.next_date = schedule.after(paid) if paid and paid >= begin else schedule.on_or_after(begin)
    if order.next_date is None:
        raise errors.NothingDue(first=order.first_date.isoformat(), last=_plain(order.last_date))
    order.next_due = schedule.due(order.next_date)


def _save(order: StandingOrder, *columns: str) -> None:
    order.version += 1
    order.save(update_fields=[*columns, "version"] if columns else None)


def _columns(terms: Terms, known: StandingOrder | None = None) -> dict[str, Any]:
    """Return the terms as the columns of the order that hold them. `known` keeps its payee at another bank as it was written."""
    values = {field.name: getattr(terms, field.name) for field in fields(terms)}
    if known and _keeps_elsewhere(known, terms):
        bank, account = known.counterparty_bank, known.counterparty_account
    else:
        bank, account = payees.normalised(terms.counterparty_bank, terms.counterparty_account)
    values |= {"counterparty_bank": bank, "counterparty_account": account, "payee_name": _name(terms, known)}
    money = values.pop("amount")
    return {**values, "amount": money.minor, "currency": money.currency, "unit": terms.unit.value}


def _name(terms: Terms, known: StandingOrder | None) -> Secret | None:
    if not terms.counterparty_account:
        return None
    if known and not terms.payee_name:
        return known.payee_name
    return Secret(terms.payee_name) if terms.payee_name else None


def _told(circumstances: Circumstances) -> Told:
    return Told(circumstances["actor"], circumstances["now"], circumstances.get("reason", ""))


def _plain(value: Any) -> Any:
    """Return a column's value as JSON has it."""
    return value if isinstance(value, int | str) else "" if value is None else str(value)


def subject_of(order: StandingOrder) -> audit.Subject:
    """Return how the audit trail names an order."""
    return audit.Subject("standing_order", order.public_id, order.public_id)


def _record(event: audit.EventType, order: StandingOrder, changes: dict[str, tuple[Any, Any]], told: Told) -> None:
    account = Account.objects.only("id").get(pk=order.account_id).public_id
    audit.record(
        event,
        actor=told.actor,
        subject=subject_of(order),
        now=told.now,
        reason=told.reason,
        changes=changes,
        detail={"account": account, "amount": str(order.money), "currency": order.currency, "version": order.version},
    )
