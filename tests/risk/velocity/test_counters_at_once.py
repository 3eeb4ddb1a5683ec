"""Counters stay exact while many write, commit late, take back, fold and read at the same time."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction

from bankops.core.db import pinned_search_path
from risk import migrations
from risk.facts import Facts
from risk.language.schema import Counter, Measure, Subject
from risk.models import VelocityTail
from risk.velocity import folding
from risk.velocity.reading import look_back
from risk.velocity.recording import record
from tests.committed import at_once
from tests.elsewhere import LONG, beside, elsewhere, eventually
from tests.risk.velocity.movements import EVERY_COUNTER, NOW, Town, differences, expected, long_ago, movement

pytestmark = pytest.mark.usefixtures("committed_db")

PAID = Counter(Measure.COUNT, Subject.PAYEE, "90d")
PAYERS = Counter(Measure.DISTINCT_PAYERS, Subject.PAYEE, "90d")
_SOURCE = (Path(next(iter(migrations.__path__))) / "velocity.sql").read_text()
_FOLD = (
    "CREATE FUNCTION risk_velocity_fold"
    + _SOURCE.partition("CREATE FUNCTION risk_velocity_fold")[2].partition("-- Answers")[0]
)
_RULE = "oldest_open := pg_snapshot_xmin("
_LOCK = "NOT pg_try_advisory_xact_lock(hashtext('risk_velocity_fold'))"


def noted(*movements: Facts) -> None:
    with transaction.atomic():
        record(movements=movements)


def times_paid() -> object:
    (told,) = look_back(movements=[movement()], counters=[PAID], now=NOW)
    return told.counter(PAID)


def fold_once() -> int:
    return folding._fold(NOW, 1_000)


@contextmanager
def twin_of_fold(changed: str, by: str) -> Iterator[None]:
    """Have the product's folder be a copy of it with one thing changed."""
    assert _FOLD.count(changed) == 1
    execute(_FOLD.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(changed, by))
    try:
        yield
    finally:
        execute(_FOLD.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
        execute(str(pinned_search_path("risk").sql[0]))


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


# -- Late, and never -----------------------------------------------------------------------------------------------------


def late_commit() -> tuple[object, object]:
    """Return how often the payee was paid once a late commit has come, before and after it is folded."""
    with elsewhere(lambda: record(movements=[movement(payer="acc_late", moment=NOW - timedelta(minutes=2))])):
        noted(movement())
        folding.fold(now=NOW)
        noted(movement())
        folding.fold(now=NOW)
        assert times_paid() == 2
    seen = times_paid()
    folding.fold(now=NOW)
    return seen, times_paid()


def test_what_commits_late_counts_from_its_commit_on() -> None:
    assert late_commit() == (3, 3)


def test_twin_without_the_rule_of_the_oldest_open_transaction_misses_it() -> None:
    with twin_of_fold(_RULE, "oldest_open := pg_snapshot_xmax("):
        assert late_commit() == (2, 3)


def test_the_short_cut_passes_over_what_is_folded_and_is_none_in_another_cluster() -> None:
    noted(movement())
    folding.fold(now=NOW)
    far = "UPDATE risk_velocityfold SET folded_below = 9000000000000000000"
    execute(far)  # a backup of a cluster with higher numbers
    noted(movement())
    assert times_paid() == 2
    folding.fold(now=NOW)
    assert times_paid() == 2
    noted(movement())
    assert times_paid() == 3


def test_a_folder_that_is_killed_leaves_everything_as_it_was() -> None:
    noted(movement(), movement())
    with elsewhere(fold_once) as folder:
        execute(f"SELECT pg_terminate_backend({folder.pid})")
    assert isinstance(folder.outcome.exception(), OperationalError)
    assert VelocityTail.objects.exists()
    assert times_paid() == 2
    assert folding.fold(now=NOW) > 0
    assert (times_paid(), VelocityTail.objects.exists()) == (2, False)


# -- Nobody waits --------------------------------------------------------------------------------------------------------


def test_two_payments_to_one_payee_do_not_wait_for_each_other_nor_for_the_folder() -> None:
    noted(movement())
    with elsewhere(fold_once), elsewhere(lambda: record(movements=[movement(payer="acc_3")])):
        execute("SET lock_timeout = '2s'")
        noted(movement(payer="acc_4"))
        assert times_paid() == 2  # ours, and the one that is being folded
        execute("RESET lock_timeout")
    assert times_paid() == 3


def test_while_one_folds_another_finds_nothing_to_do() -> None:
    noted(movement())
    with elsewhere(fold_once):
        noted(movement(payer="acc_3"))
        with beside(fold_once) as other:
            assert other.result(LONG) == 0
    folding.fold(now=NOW)
    assert times_paid() == 2


def test_twin_without_the_lock_forgets_what_the_other_has_counted() -> None:
    noted(movement())
    with twin_of_fold(_LOCK, "false"), elsewhere(fold_once) as first:
        noted(movement(payer="acc_3"))
        with beside(fold_once) as other:
            eventually(first.is_waited_for)
            first.end()
        assert other.result(LONG) > 0
        folding.fold(now=NOW)
        assert times_paid() == 1


def test_a_movement_waits_while_the_counters_are_rebuilt_and_counts_once() -> None:
    noted(movement())
    past = [movement(), movement(payer="acc_3")]
    with (
        elsewhere(lambda: folding.rebuild(movements=lambda: past, now=NOW)) as rebuilder,
        beside(lambda: noted(movement(payer="acc_4"))) as waiting,
    ):
        eventually(rebuilder.is_waited_for)
        assert times_paid() == 1
        rebuilder.end()
        waiting.result(LONG)
    assert times_paid() == 3


# -- Everything at once --------------------------------------------------------------------------------------------------


class Storm:
    """Writers, of whom some are late and some write in vain, folders, who are interrupted now and then, and a reader."""

    WRITERS, FOLDERS = 4, 2

    def __init__(self, seed: int) -> None:
        self.town = Town(payees=2)
        self.committed: list[Facts] = []
        self._seed = seed
        self._over = threading.Event()

    def rage(self) -> list[object]:
        """Return what went wrong."""
        outcomes = at_once(
            self._write_all, self._read, *[lambda one=one: self._fold(one) for one in range(self.FOLDERS)]
        )
        return [outcome for outcome in outcomes if outcome is not None]

    def _write_all(self) -> None:
        try:
            results = at_once(*[lambda one=one: self._write(one) for one in range(self.WRITERS)])
        finally:
            self._over.set()
        assert results == [None] * self.WRITERS

    def _write(self, number: int) -> None:
        chance = random.Random(self._seed * 100 + number)
        for _round in range(25):
            some = [self.town.anybody_pays(chance, long_ago(chance, NOW)) for _ in range(chance.randrange(1, 4))]
            taken_back = chance.random() < 0.2
            with transaction.atomic():
                record(movements=some)
                time.sleep(chance.choice([0, 0, 0.01, 0.05]))
                transaction.set_rollback(taken_back)
            self.committed += [] if taken_back else some

    def _fold(self, number: int) -> None:
        chance = random.Random(number)
        while not self._over.is_set():
            with transaction.atomic():
                folding._fold(NOW, chance.choice([2, 10, 1_000]))
                transaction.set_rollback(chance.random() < 0.3)
            time.sleep(chance.choice([0, 0.01]))

    def _read(self) -> None:
        """See to it that what was counted stays counted."""
        before = 0
        while not self._over.is_set():
            (told,) = look_back(movements=[movement(payee="acc_0")], counters=[PAID, PAYERS], now=NOW)
            count, payers = told.counter(PAID), told.counter(PAYERS)
            assert isinstance(count, int)
            assert isinstance(payers, int)
            assert before <= count
            assert payers <= count
            before = count


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_after_a_storm_of_writers_folders_and_readers_every_counter_is_right(seed: int) -> None:
    storm = Storm(seed)
    assert storm.rage() == []
    asking = [storm.town.anybody_pays(random.Random(number), NOW) for number in range(5)]
    for _folded in range(2):
        for one in asking:
            (told,) = look_back(movements=[one], counters=EVERY_COUNTER, now=NOW)
            assert differences(told, expected(one, storm.committed, NOW)) == {}
        folding.fold(now=NOW)
    assert not VelocityTail.objects.exists()
