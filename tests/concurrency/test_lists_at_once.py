"""Two load the same list, and somebody decides a hit while the list changes; each race has a twin without its lock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from risk import locks
from risk.models import EditionState, HitState, ListEdition, ListEntry, ScreeningDue, ScreeningHit, WatchList
from risk.screening import listed
from risk.services import hit_recording, list_contents
from risk.services.hits import decide_hit, seen_as
from risk.services.list_editions import load_list
from risk.services.screening import rescreen_next, screen_customers, screen_due
from tests.accounts.factories import make_branch, make_customer
from tests.committed import at_once
from tests.risk.screening.lists import KARAMAZOV, KEY, LINES, LISTS, LOADER, NOW, SMERDYAKOV, written

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture(autouse=True)
def _known_lists(settings: Any) -> Iterator[None]:
    settings.BANKOPS_LISTS = LISTS
    listed.forget()
    yield
    listed.forget()


def load(path: Path) -> ListEdition:
    return load_list(key=KEY, path=path, actor=LOADER, now=NOW)


def slow_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = list_contents.compare

    def slowly(*args: Any) -> Any:
        found = plain(*args)
        time.sleep(0.4)
        return found

    monkeypatch.setattr(list_contents, "compare", slowly)


def two_loads(tmp_path: Path) -> list[Any]:
    first = written(tmp_path / "first.csv", *LINES)
    second = written(tmp_path / "second.csv", KARAMAZOV.replace("1974", "1975"), *LINES[1:])
    load(written(tmp_path / "before.csv", *LINES[1:]))
    return at_once(lambda: load(first), lambda: load(second))


def test_of_two_loads_the_second_compares_with_the_first_ones_edition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_comparison(monkeypatch)
    editions = two_loads(tmp_path)
    assert sorted(one.number for one in editions) == [2, 3]
    assert sorted((one.added, one.changed) for one in editions) == [(0, 1), (1, 0)]
    assert ListEntry.objects.filter(key=f"{KEY}:1").count() == 2
    assert ListEntry.objects.in_force().count() == len(LINES)
    assert ListEdition.objects.get(state=EditionState.CURRENT).number == WatchList.objects.get(key=KEY).edition == 3


def test_without_the_lock_both_would_take_on_the_same_edition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: the database lets only one of them through, and the other's list is lost."""
    slow_comparison(monkeypatch)
    load(written(tmp_path / "before.csv", *LINES[1:]))
    monkeypatch.setattr(locks, "list_for_update", lambda key: WatchList.objects.filter(key=key).first())
    first = written(tmp_path / "first.csv", *LINES)
    second = written(tmp_path / "second.csv", KARAMAZOV.replace("1974", "1975"), *LINES[1:])
    results = at_once(lambda: load(first), lambda: load(second))
    assert sum(isinstance(one, Exception) for one in results) == 1


def cleared_while_the_list_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScreeningHit:
    """Let somebody clear a hit in the moment in which a worker finds it changed, and return it as it is then."""
    load(written(tmp_path / "before.csv", *LINES))
    customer = make_customer("Dmitri Karamazov", branch=make_branch(), birth_date=date(2004, 5, 5))
    screen_customers(customer_ids=[customer.pk], now=NOW)
    while rescreen_next(now=NOW) or screen_due(now=NOW):
        pass
    hit = ScreeningHit.objects.select_related("entry").get()
    seen = seen_as(hit)
    load(written(tmp_path / "after.csv", KARAMAZOV.replace("1974-02-17", "2004-05-05"), SMERDYAKOV, *LINES[2:]))
    plain = hit_recording._bring_up_to_date

    def slowly(*args: Any) -> None:
        time.sleep(0.5)
        plain(*args)

    monkeypatch.setattr(hit_recording, "_bring_up_to_date", slowly)

    def clear() -> Any:
        time.sleep(0.2)  # the worker has read the hit
        return decide_hit(hit_id=hit.pk, state=HitState.FALSE, seen=seen, reason="not him", actor=LOADER, now=NOW)

    at_once(lambda: screen_customers(customer_ids=[customer.pk], now=NOW), clear)
    return ScreeningHit.objects.get()


def test_nobody_clears_what_they_have_not_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hit = cleared_while_the_list_changes(tmp_path, monkeypatch)
    assert (hit.state, hit.strength) == (HitState.OPEN, "STRONG")


def test_without_the_lock_the_decision_is_lost_or_counts_for_another_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the worker writes what it read before the decision, and nobody knows that there was one."""

    def unlocked(customer_ids: Any) -> list[ScreeningHit]:
        return list(ScreeningHit.objects.select_related("entry").filter(customer__in=list(customer_ids)))

    monkeypatch.setattr(locks, "hits_for_update", unlocked)
    hit = cleared_while_the_list_changes(tmp_path, monkeypatch)
    assert hit.reason == "not him"
    assert (hit.state, hit.strength) == (
        HitState.OPEN,
        "STRONG",
    )  # cleared by one person, and open again without a trace


def test_two_workers_share_what_is_due_and_find_each_hit_once(tmp_path: Path) -> None:
    load(written(tmp_path / "list.csv", *LINES))
    branch = make_branch()
    for _number in range(12):
        make_customer("Dmitri Karamazov", branch=branch, birth_date=date(1974, 2, 17))

    def work() -> int:
        done = 0
        while screen_due(now=NOW) or rescreen_next(now=NOW):
            done += 1
        return done

    results = at_once(work, work)
    assert not [one for one in results if isinstance(one, Exception)]
    assert ScreeningHit.objects.count() == 12
    assert not ScreeningDue.objects.exists()
