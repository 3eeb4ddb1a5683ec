"""Monitoring from run to run: what came since the last one, once, whatever happens between."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from bankops.core import ids
from bankops.core.money import Money
from risk.models import Alert, MonitorState, MovedMoney, Pattern
from risk.patterns import Family
from risk.services import monitoring
from risk.services.monitoring import Monitored, monitor
from risk.services.moved import note_moved
from tests.committed import at_once, wait_for_the_feed
from tests.elsewhere import Meeting
from tests.risk.monitoring.moved import at, cash_of_a_day, deposit, move, transfer

pytestmark = pytest.mark.usefixtures("committed_db")

NOON = 12.0


@pytest.fixture
def watched() -> list[Pattern]:
    """A bank on its first day, in which one account pays nine others that it never paid."""
    move([*cash_of_a_day(0), *(transfer("acc_hub", f"acc_to_{number}", 3_000, NOON + number) for number in range(9))])
    monitor(now=at(24))
    return list(Pattern.objects.all())


def test_a_fan_is_found_and_kept_with_its_movements(watched: list[Pattern]) -> None:
    (pattern,) = watched
    assert (pattern.family, pattern.subject) == (Family.FAN_OUT, "acc_hub")
    assert len(pattern.movements) == 9
    assert pattern.accounts[0] == "acc_hub"
    assert pattern.money == Money.parse("27000.00", "CNY")
    assert (pattern.began, pattern.ended) == (at(NOON), at(NOON + 8))


def test_what_was_looked_at_is_not_looked_at_again(watched: list[Pattern]) -> None:
    assert monitor(now=at(25)) == Monitored(movements=0, left_out=0, found=0, grown=0)
    assert list(Pattern.objects.values_list("grown_at", flat=True)) == [at(24)]


@pytest.mark.parametrize("memory", ["kept", "lost", "spoiled"])
def test_a_pattern_grows_whatever_became_of_the_memory(watched: list[Pattern], memory: str) -> None:
    """A monitor that is made anew from what moved knows the shape by the same key."""
    if memory != "kept":
        MonitorState.objects.update(memory=b"" if memory == "lost" else b"\x02 nothing that anybody sealed")
    move([*cash_of_a_day(1), *(transfer("acc_hub", f"acc_more_{number}", 3_000, 36 + number) for number in range(6))])
    done = monitor(now=at(48))
    (pattern,) = Pattern.objects.all()
    assert (done.movements, done.found, done.grown) == (306, 0, 1)
    assert pattern.key == watched[0].key
    assert set(watched[0].movements) < set(pattern.movements)
    assert len(pattern.movements) == 15
    assert pattern.money == Money.parse("45000.00", "CNY")
    assert (pattern.found_at, pattern.grown_at) == (at(24), at(48))


def test_a_pattern_keeps_what_it_told_of_when_that_has_left_the_window(watched: list[Pattern]) -> None:
    for day in range(1, 4):
        more = [transfer("acc_hub", f"acc_{day}_{number}", 3_000, day * 24 + number) for number in range(6)]
        move([*cash_of_a_day(day), *more])
        monitor(now=at(day * 24 + 24))
    for day in range(4, 12):
        more = [transfer("acc_hub", f"acc_{day}_{number}", 3_000, day * 24 + number) for number in range(6)]
        move([*cash_of_a_day(day), *more])
        monitor(now=at(day * 24 + 24))
    (pattern,) = Pattern.objects.filter(key=watched[0].key)
    assert set(watched[0].movements) < set(pattern.movements)
    assert pattern.began == at(NOON)
    moved = MovedMoney.objects.filter(pk__in=pattern.movements)
    assert pattern.amount == sum(moved.values_list("amount", flat=True))


def test_other_settings_begin_with_what_moved(watched: list[Pattern], settings: Any) -> None:
    """A threshold of 20,000 makes five deposits just below it structured, among them those of before."""
    move([*cash_of_a_day(1), *(deposit("acc_busy", 19_500 + number, 30 + number) for number in range(2))])
    assert monitor(now=at(48)).found == 0
    settings.BANKOPS_MONITORING_THRESHOLD = "20000.00"
    move([*cash_of_a_day(2), *(deposit("acc_busy", 19_500 + number, 60 + number) for number in range(3))])
    assert monitor(now=at(72)).found == 1
    assert len(Pattern.objects.get(family=Family.STRUCTURING).movements) == 5


def test_payments_just_below_the_threshold(settings: Any) -> None:
    move([*cash_of_a_day(0), *(deposit("acc_busy", 49_500 + number, NOON + number) for number in range(5))])
    monitor(now=at(24))
    (pattern,) = Pattern.objects.all()
    assert (pattern.family, pattern.subject, len(pattern.movements)) == (Family.STRUCTURING, "acc_busy", 5)


def test_what_commits_late_belongs_to_the_next_run() -> None:
    """Its transaction began before the run and ends after it; a later one was committed meanwhile."""
    written, looked = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                note_moved(movements=[transfer("acc_1", "acc_2", 100, 1)])
                written.set()
                assert looked.wait(60)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    try:
        assert written.wait(60)
        with transaction.atomic():
            note_moved(movements=[transfer("acc_1", "acc_3", 100, 2)])
        before = monitor(now=at(3))
    finally:
        looked.set()
        thread.join(60)
    wait_for_the_feed("risk_movedmoney")
    after = monitor(now=at(4))
    assert (before.movements, after.movements) == (0, 2)
    assert MonitorState.objects.get().fed_until == at(2)


def test_a_run_that_breaks_off_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    move([*cash_of_a_day(0), *(transfer("acc_hub", f"acc_to_{number}", 3_000, NOON + number) for number in range(9))])
    with monkeypatch.context() as broken:
        broken.setattr(monitoring, "_to_keep", _break)
        with pytest.raises(KeyboardInterrupt):
            monitor(now=at(24))
    assert not Pattern.objects.exists()
    assert monitor(now=at(25)).found == 1


def _break(_watching: object) -> bytes:
    raise KeyboardInterrupt


def fan_out() -> None:
    move([*cash_of_a_day(0), *(transfer("acc_hub", f"acc_to_{number}", 3_000, NOON + number) for number in range(9))])


def meeting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have two runs wait for each other after both have read how far monitoring is, unless one waits for the other's lock."""
    meet, remembered = Meeting(2), monitoring._remembered

    def read(state: MonitorState) -> Any:
        meet()
        return remembered(state)

    monkeypatch.setattr(monitoring, "_remembered", read)


def test_two_runs_at_once_look_at_everything_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fan_out()
    meeting(monkeypatch)
    results = at_once(lambda: monitor(now=at(24)), lambda: monitor(now=at(24)))
    done = [one for one in results if isinstance(one, Monitored)]
    assert sorted(one.movements for one in done) == [0, 309]
    assert sum(one.found for one in done) == Pattern.objects.count() == 1
    assert Alert.objects.get().raised_count == 1


def test_without_the_lock_both_would_look_at_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    fan_out()
    meeting(monkeypatch)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows)
    results = at_once(lambda: monitor(now=at(24)), lambda: monitor(now=at(24)))
    assert all(not isinstance(one, Monitored) or one.movements == 309 for one in results)


def test_what_has_no_amount_in_the_base_currency_is_told() -> None:
    strange = transfer("acc_1", "acc_2", 100, 1)
    object.__setattr__(strange, "base_amount", None)
    move([strange])
    assert monitor(now=at(2)) == Monitored(movements=0, left_out=1, found=0, grown=0)


def test_a_movement_is_noted_once() -> None:
    once = transfer("acc_1", "acc_2", 100, 1)
    move([once])
    with pytest.raises(Exception, match="risk_movedmoney_pkey"):
        move([once])
    assert MovedMoney.objects.count() == 1
    assert ids.encode("tr", MovedMoney.objects.get().pk) == once.movement
