"""Pay what is due: every date of a standing order becomes one transaction, or is tried again, or is skipped and told.

The money moves without another consent: whoever consented to the order consented to its payments. Risk is asked about each; what
it stops is put before the people of risk and not paid before they have looked (`standing_order_risk`). Each batch is one database
transaction; a worker that is killed leaves nothing half done, and the next one begins where it began.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext

from accounts import chart
from accounts.models import Account
from bankops.core import audit, ids, outbox
from bankops.core.actor import Actor
from bankops.core.bulk_insert import copy_in
from bankops.core.business_days import add_business_days
from bankops.core.db import busy_is_an_answer
from bankops.core.money import Money
from bankops.core.together import written_together
from risk.assessment.answer import Assessment
from risk.outcomes import Outcome
from transactions import events, ledger, limits
from transactions.duplicates.errors import HeldByRisk
from transactions.errors import LimitExceeded, PaymentDeclined
from transactions.ledger import EntryDraft, PostingDraft, Result
from transactions.locks import balances_for_update
from transactions.models import Channel, Kind, OrderState, Side, StandingOrder, StandingOrderRun, Transaction
from transactions.models.standing_order import RunState
from transactions.services.batches import Movement, record_batch
from transactions.services.standing_order_risk import Looked, assess_payments, keep_paid, looked_at, raise_stopped
from transactions.services.telling import facts_of, subject_of
from transactions.standing_orders.schedule import schedule_of

BATCH = 1_000

_TRY_AGAIN = frozenset(
    {"insufficient_funds", "account_blocked", "account_dormant", "account_pending", LimitExceeded.code, HeldByRisk.code}
)
"""What may be otherwise tomorrow. Whatever else is refused is skipped at once."""


@dataclass(frozen=True, slots=True)
class _Payment:
    """One date of one order; `run` is there when it was tried before."""

    order: StandingOrder
    date: date
    run: StandingOrderRun | None


@dataclass(frozen=True, slots=True)
class _Day:
    """What every batch of one business day is told; `waits`: for orders that somebody else holds."""

    business_date: date
    actor: Actor
    now: datetime
    reference_start: str = ""
    waits: bool = False


def run_standing_orders(
    *,
    business_date: date,
    actor: Actor,
    now: datetime,
    advance: Callable[[int], None] = lambda done: None,
    reference_start: str = "",
) -> dict[str, int]:
    """Pay every standing order that is due, and try again what was refused before; return how many went which way.

    Oldest first. Run again, or by two workers at once, it pays nothing twice: a date of an order has one run, and its entry
    one idempotency key. Writes `transactions.standing_order.paid`, `….postponed` or `….skipped` for each.

    :param business_date: booking and value date.
    :param advance: told how many payments each batch looked at.
    :param reference_start: only orders whose reference at another system begins so, those of one bank taken over.
    :raises Busy: when PostgreSQL gave up waiting for an account, or in the end for an order; the batches before stand.
    """
    day = _Day(business_date, actor, now, reference_start)
    told: Counter[str] = Counter(paid=0, postponed=0, skipped=0)
    for source in (_to_try_again, _due):
        for waits in (False, True):  # what somebody else held the first time is waited for
            while outcomes := _pay_batches(source, replace(day, waits=waits), advance):
                told.update(outcomes)
    return dict(told)


_Source = Callable[[_Day, tuple[date, UUID] | None], list[_Payment]]


def _pay_batches(source: _Source, day: _Day, advance: Callable[[int], None]) -> Counter[str]:
    """Go once through what is due. An order that missed several dates has one paid, and comes again the next time."""
    told: Counter[str] = Counter()
    after: tuple[date, UUID] | None = None
    while payments := source(day, after):
        told.update(_pay(payments, day))
        after = _place(payments[-1])
        advance(len(payments))
    return told


def _place(payment: _Payment) -> tuple[date, UUID]:
    """Return where a payment stands in the list it came from."""
    if payment.run:
        assert payment.run.next_attempt
        return payment.run.next_attempt, payment.run.pk
    assert payment.order.next_due
    return payment.order.next_due, payment.order.pk


def _due(day: _Day, after: tuple[date, UUID] | None) -> list[_Payment]:
    orders = StandingOrder.objects.filter(state=OrderState.ACTIVE, next_due__lte=day.business_date)
    if day.reference_start:
        orders = orders.filter(external_reference__startswith=day.reference_start)
    if after:
        orders = orders.filter(Q(next_due__gt=after[0]) | Q(next_due=after[0], pk__gt=after[1]))
    found = orders.order_by("next_due", "pk")[:BATCH]
    return [_Payment(order, order.next_date, None) for order in found if order.next_date]


def _to_try_again(day: _Day, after: tuple[date, UUID] | None) -> list[_Payment]:
    runs = StandingOrderRun.objects.filter(
        state=RunState.RETRYING, next_attempt__lte=day.business_date, order__state=OrderState.ACTIVE
    )
    if day.reference_start:
        runs = runs.filter(order__external_reference__startswith=day.reference_start)
    if after:
        runs = runs.filter(Q(next_attempt__gt=after[0]) | Q(next_attempt=after[0], pk__gt=after[1]))
    found = runs.select_related("order").order_by("next_attempt", "pk")[:BATCH]
    return [_Payment(run.order, run.date, run) for run in found]


@transaction.atomic
def _pay(payments: Sequence[_Payment], day: _Day) -> Counter[str]:
    own = _other_banks({one.order.currency for one in payments if not one.order.payee_account_id}, day)
    balances_for_update(_touched(payments, own))
    claimed = _by_looks(claim(payments, waits=day.waits))
    fitting, beyond = _by_limits(claimed[Looked.THROUGH], day)
    said = dict(zip(fitting, assess_payments([one.order for one in fitting], now=day.now), strict=True))
    stopped = [one for one in fitting if said[one].stops]
    declined = [one for one in stopped if said[one].outcome == Outcome.DECLINE]
    held = [one for one in stopped if one not in declined]
    passed = [one for one in fitting if not said[one].stops]
    drafts = [_draft(one, own, day) for one in passed]
    results = ledger.post(drafts, now=day.now)
    with written_together():
        for one in stopped:
            raise_stopped(one.order, one.date, said[one], now=day.now)
        return (
            _record(passed, drafts, results, day, said)
            + _record_unpaid(beyond, LimitExceeded.code, day)
            + _record_unpaid([*held, *claimed[Looked.AT]], HeldByRisk.code, day, is_tried=False)
            + _record_unpaid([*declined, *claimed[Looked.GIVEN_UP]], PaymentDeclined.code, day)
        )


def _by_looks(payments: Sequence[_Payment]) -> Mapping[Looked, list[_Payment]]:
    """Return payments by whether somebody of risk looks at them still; what was never stopped is looked through."""
    sorted_: dict[Looked, list[_Payment]] = {look: [] for look in Looked}
    stopped = [one for one in payments if one.run and one.run.refusal == HeldByRisk.code]
    looks = dict(zip(stopped, looked_at([(one.order, one.date) for one in stopped]), strict=True))
    for one in payments:
        sorted_[looks.get(one, Looked.THROUGH)].append(one)
    return sorted_


def _other_banks(currencies: Iterable[str], day: _Day) -> dict[str, UUID]:
    """Return the bank's balance with other banks in each currency: where payments to them go."""
    opened = {"business_date": day.business_date, "actor": day.actor, "now": day.now}
    return {one: chart.own_account(chart.NOSTRO, one, **opened).pk for one in currencies}  # type: ignore[arg-type]


def _touched(payments: Sequence[_Payment], own: dict[str, UUID]) -> set[UUID]:
    payees = {one.order.payee_account_id for one in payments if one.order.payee_account_id}
    return {*own.values(), *(one.order.account_id for one in payments), *payees}


def claim(payments: Sequence[_Payment], *, waits: bool = False) -> list[_Payment]:
    """Lock orders and runs, after their accounts, and return those that are still as they were read.

    :param waits: for what somebody else holds at this moment. Else it is left out: another worker pays it, or its change comes
        first.
    :raises Busy: when PostgreSQL gave up waiting for one of them.
    """
    theirs = StandingOrder.objects.select_for_update(of=("self",), skip_locked=not waits, no_key=True).order_by("pk")
    tried = StandingOrderRun.objects.select_for_update(of=("self",), skip_locked=not waits).order_by("pk")
    with busy_is_an_answer():
        orders = theirs.in_bulk({one.order.pk for one in payments})
        runs = tried.in_bulk({one.run.pk for one in payments if one.run})
    again = [_again(one, orders.get(one.order.pk), runs.get(one.run.pk) if one.run else None) for one in payments]
    return [one for one in again if one]


def _again(read: _Payment, order: StandingOrder | None, run: StandingOrderRun | None) -> _Payment | None:
    if order is None or order.version != read.order.version or order.state != OrderState.ACTIVE:
        return None
    if run is not None:
        run.order = order
    if read.run:
        seen = (RunState.RETRYING, read.run.attempts, read.run.next_attempt)
        unchanged = run is not None and (run.state, run.attempts, run.next_attempt) == seen
    else:
        unchanged = order.next_date == read.date
    return _Payment(order, read.date, run) if unchanged else None


def _by_limits(payments: Sequence[_Payment], day: _Day) -> tuple[list[_Payment], list[_Payment]]:
    """Return the payments that the limits of their accounts allow, and those that they do not.

    Of an account with limits only one is looked at now, for the next must count it: the others come in the next round.
    """
    limited = Account.objects.filter(pk__in=[one.order.account_id for one in payments], has_limits=True).in_bulk()
    fitting: list[_Payment] = []
    beyond: list[_Payment] = []
    seen: set[UUID] = set()
    for one in payments:
        account = limited.get(one.order.account_id)
        if account is None:
            fitting.append(one)
        elif account.pk not in seen:
            seen.add(account.pk)
            (fitting if _fits(account, one, day) else beyond).append(one)
    return fitting, beyond


def _fits(account: Account, payment: _Payment, day: _Day) -> bool:
    order = payment.order
    try:
        for channel in {Channel.SYSTEM, Channel(order.channel)}:
            limits.check(account, order.money, channel=channel, business_date=day.business_date)
    except LimitExceeded:
        return False
    return True


def _draft(payment: _Payment, own: dict[str, UUID], day: _Day) -> EntryDraft:
    order = payment.order
    payee = order.payee_account_id or own[order.currency]
    amount = Money(order.amount, order.currency)
    return EntryDraft(
        postings=(PostingDraft(order.account_id, Side.DEBIT, amount), PostingDraft(payee, Side.CREDIT, amount)),
        booking_date=day.business_date,
        value_date=day.business_date,
        description=order.purpose or gettext("Standing order"),
        idempotency_key=f"so:{order.public_id}:{payment.date.isoformat()}",
    )


def _record(
    payments: Sequence[_Payment],
    drafts: Sequence[EntryDraft],
    results: Sequence[Result],
    day: _Day,
    said: Mapping[_Payment, Assessment],
) -> Counter[str]:
    """Write what became of payments that the journal was asked to post."""
    posted = [item for item in zip(payments, drafts, results, strict=True) if item[2].stands]
    movements = [_movement(payment, draft, result, said[payment]) for payment, draft, result in posted]
    recorded = _recorded(movements, day)
    keep_paid([(row, said[payment]) for row, (payment, _draft, _result) in zip(recorded, posted, strict=True)])
    rows = iter(recorded)
    refusals = ["" if result.stands else result.code for result in results]
    runs = [
        _run(payment, day, paid_by=None if refusal else next(rows), refusal=refusal)
        for payment, refusal in zip(payments, refusals, strict=True)
    ]
    return _told(payments, runs)


def _record_unpaid(payments: Sequence[_Payment], refusal: str, day: _Day, *, is_tried: bool = True) -> Counter[str]:
    """Write that payments were not put to the journal at all.

    :param is_tried: the day counts as one of those on which the order is tried.
    """
    return _told(
        payments, [_run(payment, day, paid_by=None, refusal=refusal, is_tried=is_tried) for payment in payments]
    )


def _told(payments: Sequence[_Payment], runs: Sequence[StandingOrderRun]) -> Counter[str]:
    together = list(zip(payments, runs, strict=True))
    _save([run for one, run in together if one.run is None], [run for one, run in together if one.run])
    _move_on(payments)
    return Counter(_WORDS[RunState(run.state)] for run in runs)


_WORDS = {RunState.PAID: "paid", RunState.RETRYING: "postponed", RunState.SKIPPED: "skipped"}


def _movement(payment: _Payment, draft: EntryDraft, result: Result, said: Assessment) -> Movement:
    order = payment.order
    return Movement(
        kind=Kind.TRANSFER if order.payee_account_id else Kind.PAYMENT_OUT,
        draft=draft,
        entry_id=result.entry_id or 0,
        counterparty=" ".join(filter(None, (order.counterparty_bank, order.counterparty_account))),
        external_reference=order.public_id,
        key=ids.decode(Transaction.ID_PREFIX, said.facts.movement),
    )


def _recorded(movements: Sequence[Movement], day: _Day) -> list[Transaction]:
    written = record_batch(movements, actor=day.actor, now=day.now)
    rows = Transaction.objects.in_bulk([one.id for one in written])
    return [rows[one.id] for one in written]


def _run(
    payment: _Payment, day: _Day, *, paid_by: Transaction | None, refusal: str, is_tried: bool = True
) -> StandingOrderRun:
    """Return the run as it stands after this attempt, and tell of it."""
    run = payment.run or StandingOrderRun(order=payment.order, date=payment.date, attempts=0)
    run.attempts += int(is_tried)
    run.last_attempt = day.business_date if is_tried or payment.run is None else run.last_attempt
    run.transaction, run.refusal = paid_by, refusal
    is_left = not is_tried or run.attempts <= payment.order.retry_days
    again = refusal in _TRY_AGAIN and is_left
    run.next_attempt = add_business_days(day.business_date, 1) if again else None
    run.state = (RunState.PAID if paid_by else RunState.RETRYING if again else RunState.SKIPPED).value
    _tell(run, day)
    return run


def _save(new: Sequence[StandingOrderRun], tried_before: Sequence[StandingOrderRun]) -> None:
    if new:
        columns = [field.attname for field in StandingOrderRun._meta.concrete_fields]
        copy_in(StandingOrderRun, columns, ([getattr(run, column) for column in columns] for run in new))
    fields = ["state", "attempts", "last_attempt", "next_attempt", "refusal", "transaction"]
    StandingOrderRun.objects.bulk_update(tried_before, fields)


def _move_on(payments: Sequence[_Payment]) -> None:
    """Give each order its next date; complete it where there is none and no payment of it is tried again."""
    orders = [one.order for one in {one.order.pk: one for one in payments}.values()]
    for payment in payments:
        if payment.run is None:
            _to_next_date(payment.order)
    runs = StandingOrderRun.objects.filter(order__in=[order for order in orders if not order.next_date])
    retrying = set(runs.filter(state=RunState.RETRYING).values_list("order_id", flat=True))
    for order in orders:
        order.state = OrderState.ACTIVE if order.next_date or order.pk in retrying else OrderState.COMPLETED
    columns = ([order.pk for order in orders], [order.state for order in orders])
    days = ([order.next_date for order in orders], [order.next_due for order in orders])
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE transactions_standingorder o SET state = n.state, next_date = n.date, next_due = n.due"
            " FROM unnest(%s::uuid[], %s::text[], %s::date[], %s::date[]) n (id, state, date, due) WHERE o.id = n.id",
            [*columns, *days],
        )


def _to_next_date(order: StandingOrder) -> None:
    assert order.next_date
    schedule = schedule_of(order)
    order.next_date = schedule.after(order.next_date)
    order.next_due = schedule.due(order.next_date) if order.next_date else None


def _tell(run: StandingOrderRun, day: _Day) -> None:
    """Write what became of a payment into audit trail and outbox: of the transaction, or of the order that has none."""
    order = run.order
    event = events.STANDING_ORDER_RUN[RunState(run.state)]
    facts = {"standing_order": order.public_id, "date": run.date.isoformat(), "attempt": run.attempts}
    if run.transaction:
        subject, facts = subject_of(run.transaction), {**facts_of(run.transaction), **facts}
    else:
        subject = audit.Subject("standing_order", order.public_id, order.public_id)
        facts |= {"refusal": run.refusal, "amount": str(order.money), "currency": order.currency}
        facts |= {"next_attempt": run.next_attempt.isoformat()} if run.next_attempt else {}
    audit.record(event, actor=day.actor, subject=subject, now=day.now, detail=facts)
    outbox.announce(event.name, subject_id=subject.id, payload=facts, now=day.now)
