"""What moved before is counted once, from its commit on, however far the folder is."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bankops.core import clock
from bankops.core.db import TransactionRequired
from bankops.core.money import Money
from bankops.core.together import written_together
from risk import tasks
from risk.facts import Facts, MovementKind, Party
from risk.language.schema import WINDOWS, Counter, Measure, Subject
from risk.models import VelocityCounter, VelocityTail
from risk.velocity import folding
from risk.velocity.reading import look_back
from risk.velocity.recording import record
from risk.velocity.windows import starts
from tests.risk.velocity.movements import (
    DIFFERENT_MAX,
    EVERY_COUNTER,
    NOW,
    Town,
    differences,
    expected,
    long_ago,
    movement,
)

pytestmark = pytest.mark.django_db

OUTSIDE = Party("6222 0210", bank="ICBKCNBJ", name="Zhang San", country="CN")
FOLDED = pytest.mark.parametrize("folded", [False, True], ids=["in the tail", "in the counters"])


def noted(*movements: Facts) -> None:
    with transaction.atomic():
        record(movements=movements)


def before(facts: Facts, now: datetime = NOW) -> Facts:
    (told,) = look_back(movements=[facts], counters=EVERY_COUNTER, now=now)
    return told


def fold_if(folded: bool, now: datetime = NOW) -> None:
    if folded:
        folding.fold(now=now)
        assert not VelocityTail.objects.exists()


@pytest.mark.parametrize("seed", range(6))
def test_counters_are_what_a_walk_over_everything_says(seed: int) -> None:
    """The past comes in any order, is folded at any moment, and is asked for while the clock goes on."""
    chance, town, past, now = random.Random(seed), Town(), list[Facts](), NOW
    for _step in range(60):
        now += timedelta(seconds=10 ** chance.uniform(-1, 5))
        fresh = [town.anybody_pays(chance, long_ago(chance, now)) for _ in range(chance.randrange(1, 6))]
        noted(*fresh)
        past += fresh
        if chance.random() < 0.4:
            folding.fold(now=now, rows_at_once=chance.choice([3, 1000]))
        asking = town.anybody_pays(chance, now)
        assert differences(before(asking, now), expected(asking, past, now)) == {}


@FOLDED
@pytest.mark.parametrize("window", WINDOWS)
def test_a_window_begins_where_the_slot_of_its_old_end_begins(window: str, folded: bool) -> None:
    begins = datetime.fromtimestamp(starts(NOW)[window] * 5, tz=NOW.tzinfo)
    longest_slot = {"1m": 5, "10m": 60, "1h": 60, "24h": 3600, "7d": 3600, "30d": 86400, "90d": 86400}[window]
    assert timedelta(0) <= NOW - WINDOWS[window] - begins < timedelta(seconds=longest_slot)
    noted(movement(1, moment=begins), movement(2, moment=begins - timedelta(microseconds=1)))
    fold_if(folded)
    told = before(movement())
    assert told.counter(Counter(Measure.COUNT, Subject.PAYER, window)) == 1
    assert told.counter(Counter(Measure.SUM, Subject.PAYER, window)) == Money(1, "CNY")


@FOLDED
def test_what_another_clock_dates_ahead_is_counted(folded: bool) -> None:
    noted(movement(moment=NOW + timedelta(minutes=3)))
    fold_if(folded)
    assert before(movement()).counter(Counter(Measure.COUNT, Subject.PAIR, "1m")) == 1


@FOLDED
def test_the_reader_may_be_behind_the_folder(folded: bool) -> None:
    """A reader whose clock is four minutes behind loses nothing that the folder has made coarse."""
    past = [movement(seconds, moment=NOW - timedelta(seconds=seconds)) for seconds in range(1, 4000, 7)]
    noted(*past)
    fold_if(folded)
    behind = NOW - timedelta(minutes=4)
    assert differences(before(movement(), behind), expected(movement(), past, behind)) == {}


def test_a_movement_without_a_device_has_no_counters_of_one() -> None:
    told = before(movement(device=None))
    assert told.counter(Counter(Measure.COUNT, Subject.DEVICE, "1h")) is None
    assert told.counter(Counter(Measure.COUNT, Subject.PAYER, "1h")) == 0


def test_a_sum_is_of_the_base_currency_and_what_has_no_rate_is_counted_only() -> None:
    noted(movement(5_000, currency="JPY", base_minor=231_00), movement(7_000, currency="KWD"))
    told = before(movement())
    assert told.counter(Counter(Measure.SUM, Subject.PAYER, "1h")) == Money(231_00, "CNY")
    assert told.counter(Counter(Measure.COUNT, Subject.PAYER, "1h")) == 2


@FOLDED
def test_a_sum_stops_where_the_books_do(folded: bool) -> None:
    largest = 2**63 - 1
    noted(movement(largest), movement(largest), movement(largest))
    fold_if(folded)
    noted(movement(largest))
    assert before(movement()).counter(Counter(Measure.SUM, Subject.PAYER, "1h")) == Money(largest, "CNY")
    assert before(movement()).counter(Counter(Measure.COUNT, Subject.PAYER, "1h")) == 4


@FOLDED
def test_different_ones_are_told_apart_up_to_a_thousand(folded: bool) -> None:
    payers = [movement(payer=f"acc_of_{number}") for number in range(DIFFERENT_MAX + 50)]
    noted(*payers[:600])
    fold_if(folded)
    noted(*payers[:700])
    fold_if(folded)
    different = Counter(Measure.DISTINCT_PAYERS, Subject.PAYEE, "90d")
    assert before(movement()).counter(different) == 700
    noted(*payers[700:])
    fold_if(folded)
    assert before(movement()).counter(different) == DIFFERENT_MAX
    assert before(movement()).counter(Counter(Measure.COUNT, Subject.PAYEE, "90d")) == 1_300 + 350


def test_a_busy_payee_is_one_row_of_so_many_entries() -> None:
    """An entry for each slot of a minute, minute of an hour, hour of a week and day of ninety: more never come."""
    chance = random.Random(0)
    for portion in range(30):
        noted(*[movement(payer=f"acc_{n}", moment=long_ago(chance, NOW)) for n in range(200)])
        folding.fold(now=NOW + timedelta(seconds=portion))
    busy = VelocityCounter.objects.get(kind="payee")
    assert sum(busy.counts) <= 6_000
    assert len(busy.slots) < 73 + 62 + 170 + 92
    assert VelocityCounter.objects.filter(kind="payee").count() == 1


# -- Who knows whom ------------------------------------------------------------------------------------------------------


@FOLDED
def test_history_tells_since_when(folded: bool) -> None:
    long = timedelta(days=40, hours=3)
    told = before(movement(device="dev_1", country="FR")).history
    assert (told.payee_first_seen_days, told.payee_known_days) == (0, 0)
    assert (told.device_first_seen_days, told.country_first_seen_days, told.payer_idle_days) == (0, 0, None)
    noted(
        movement(moment=NOW - 2 * long, payer="acc_9", customer="cus_9"),
        movement(moment=NOW - long, device="dev_1", country="CN"),
        movement(moment=NOW - timedelta(days=3), payee="acc_8", device="dev_1", country="FR"),
    )
    fold_if(folded)
    told = before(movement(device="dev_1", country="FR")).history
    assert (told.payee_first_seen_days, told.payee_known_days) == (40, 80)
    assert (told.device_first_seen_days, told.country_first_seen_days, told.payer_idle_days) == (40, 3, 3)


@FOLDED
def test_history_tells_where_the_customer_was_last(folded: bool) -> None:
    assert before(movement()).history.previous_country is None
    noted(movement(moment=NOW - timedelta(minutes=90), country="CN", payer="acc_7"))
    fold_if(folded)
    noted(movement(moment=NOW - timedelta(minutes=95), country="FR"), movement(moment=NOW))
    fold_if(folded)
    history = before(movement(country="FR")).history
    assert (history.previous_country, history.previous_minutes) == ("CN", 90)


@FOLDED
def test_history_tells_what_came_in(folded: bool) -> None:
    for_hours = [(0.5, 10_00), (5, 20_00), (50, 40_00)]
    noted(*[movement(m, payer="acc_5", payee="acc_1", moment=NOW - timedelta(hours=h)) for h, m in for_hours])
    fold_if(folded)
    history = before(movement(payer="acc_1")).history
    sums = (history.received_1h, history.received_24h, history.received_7d)
    assert sums == (Money(10_00, "CNY"), Money(30_00, "CNY"), Money(70_00, "CNY"))
    assert history.received_count_24h == 2


@FOLDED
def test_cash_and_refunds_are_counted_apart(folded: bool) -> None:
    nobody = Party()
    mine = Party("acc_1", ours=True, customer="cus_1")
    noted(
        movement(30_000_00, kind=MovementKind.DEPOSIT, payer=nobody, payee=mine),
        movement(20_000_00, kind=MovementKind.WITHDRAWAL, payer=mine, payee=nobody),
        movement(99_00, kind=MovementKind.REFUND, payer="acc_shop", customer="cus_shop", payee=mine),
        movement(1_00, payer="acc_shop", customer="cus_shop", payee=mine),
    )
    fold_if(folded)
    history = before(movement(payer=mine, payee=mine)).history
    assert (history.cash_24h, history.cash_count_7d) == (Money(50_000_00, "CNY"), 2)
    assert (history.refunds_7d, history.refunds_30d, history.refunded_30d) == (1, 1, Money(99_00, "CNY"))


def test_the_same_number_at_two_banks_is_two_payees() -> None:
    noted(movement(payee=OUTSIDE))
    count = Counter(Measure.COUNT, Subject.PAYEE, "1h")
    assert before(movement(payee=OUTSIDE)).counter(count) == 1
    assert before(movement(payee=Party("6222 0210", bank="BKCHCNBJ"))).counter(count) == 0
    assert before(movement(payee=Party("6222 0210", ours=True))).counter(count) == 0
    noted(movement(payee=Party(name="Zhang  SAN", bank="ICBKCNBJ", country="CN")))
    assert before(movement(payee=Party(name="zhang san", bank="ICBKCNBJ", country="CN"))).counter(count) == 1


# -- What it costs -------------------------------------------------------------------------------------------------------


def test_many_movements_are_looked_up_in_one_statement_and_each_sees_those_before_it() -> None:
    past = [movement(payer="acc_1"), movement(payer="acc_3", payee="acc_4")]
    noted(*past)
    asking = [movement(payer="acc_1"), movement(payer="acc_3", payee="acc_4", device="dev"), movement(payer="acc_1")]
    with CaptureQueriesContext(connection) as asked:
        told = look_back(movements=asking, counters=EVERY_COUNTER, now=NOW)
    assert len(asked) == 1
    assert [one.counter(Counter(Measure.COUNT, Subject.PAYER, "1h")) for one in told] == [1, 1, 2]
    assert [one.counters for one in told] == [
        expected(one, [*past, *asking[:place]], NOW) for place, one in enumerate(asking)
    ]
    assert look_back(movements=[], counters=EVERY_COUNTER, now=NOW) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_batch_counts_as_if_its_movements_had_come_one_by_one(seed: int) -> None:
    chance, town = random.Random(seed), Town()
    past = [town.anybody_pays(chance, NOW - timedelta(minutes=chance.randrange(200))) for _one in range(30)]
    noted(*past)
    batch = [town.anybody_pays(chance, NOW) for _one in range(20)]
    for place, told in enumerate(look_back(movements=batch, counters=EVERY_COUNTER, now=NOW)):
        assert differences(told, expected(batch[place], [*past, *batch[:place]], NOW)) == {}


def test_movements_are_noted_in_one_statement_with_whatever_else_is_written() -> None:
    with CaptureQueriesContext(connection) as asked, transaction.atomic(), written_together():
        record(movements=[movement(), movement(payer="acc_6")])
        record(movements=[])
    assert sum("risk_velocitytail" in query["sql"] for query in asked.captured_queries) == 1


def test_what_is_taken_back_was_never_counted() -> None:
    with transaction.atomic():
        record(movements=[movement()])
        transaction.set_rollback(True)
    folding.fold(now=NOW)
    assert before(movement()).counter(Counter(Measure.COUNT, Subject.PAYER, "90d")) == 0


def test_noting_outside_a_transaction_is_refused() -> None:
    with pytest.raises(TransactionRequired):
        record(movements=[movement()])


# -- What is forgotten ---------------------------------------------------------------------------------------------------


def test_what_no_window_reaches_is_emptied_and_who_is_gone_for_long_is_forgotten() -> None:
    noted(
        movement(payer="acc_old", moment=NOW - timedelta(days=731)),
        movement(payer="acc_quiet", payee="acc_3", moment=NOW - timedelta(days=93)),
        movement(payer="acc_live", payee="acc_4", moment=NOW - timedelta(days=91)),
    )
    folding.fold(now=NOW - timedelta(days=90))
    folding.forget(now=NOW, pages_at_once=1)
    assert before(movement(payer="acc_old")).history.payee_first_seen_days == 0
    assert before(movement(payer="acc_quiet", payee="acc_3")).history.payee_first_seen_days == 93
    quiet, live = (VelocityCounter.objects.filter(kind="pair", last_seen__date=day).get() for day in _dates(93, 91))
    assert (quiet.slots, quiet.counts, quiet.sums) == ([], [], [])
    assert live.counts == [1]
    assert not VelocityCounter.objects.filter(last_seen__lt=NOW - timedelta(days=730)).exists()


def test_the_worker_folds_and_forgets() -> None:
    noted(movement(moment=clock.now()))
    tasks.fold_velocity()
    assert not VelocityTail.objects.exists()
    VelocityCounter.objects.update(last_seen=clock.now() - timedelta(days=731))
    tasks.forget_velocity()
    assert not VelocityCounter.objects.exists()


def _dates(*days: int) -> list[object]:
    return [(NOW - timedelta(days=one)).date() for one in days]


def test_rebuilt_counters_are_the_same() -> None:
    chance, town = random.Random(7), Town()
    past = [town.anybody_pays(chance, long_ago(chance, NOW)) for _ in range(120)]
    noted(*past)
    folding.fold(now=NOW)
    VelocityCounter.objects.filter(kind="payee").delete()
    assert folding.rebuild(movements=lambda: iter(past), now=NOW, at_once=50) == 120
    assert not VelocityTail.objects.exists()
    asking = town.anybody_pays(chance, NOW)
    assert differences(before(asking), expected(asking, past, NOW)) == {}
