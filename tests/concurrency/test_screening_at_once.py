"""Two screen the same customer, and one of them has read customer or lists before they changed.

Each race has a twin without the look back at what was read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Customer
from risk.models import DueBecause, ScreeningDue, ScreeningHit, ScreeningState
from risk.screening import listed
from risk.screening.parties import Read, read_parties
from risk.selectors.screening import Standing, standing
from risk.services import screening
from risk.services.screening import rescreen_next, screen_customers, screen_due
from tests.accounts.factories import make_branch, make_customer
from tests.elsewhere import LONG, beside
from tests.risk.screening.lists import LINES, LISTS, NOW, load

pytestmark = pytest.mark.usefixtures("committed_db")

LISTED = "Dmitri Fyodorovich Karamazov"
UNLISTED = "Wang Xiaoming"


@pytest.fixture(autouse=True)
def _known_lists(settings: Any) -> Iterator[None]:
    settings.BANKOPS_LISTS = LISTS
    listed.forget()
    yield
    listed.forget()


def drained() -> None:
    while rescreen_next(now=NOW) or screen_due(now=NOW):
        pass


def screened_customer(name: str) -> Customer:
    customer = make_customer(name, branch=make_branch(), birth_date=date(1974, 2, 17))
    drained()
    return customer


def renamed(customer: Customer, name: str) -> None:
    customer.name, customer.version = name, customer.version + 1
    customer.save(update_fields=["name", "version"])


def stands(customer: Customer) -> Standing:
    return standing([customer.public_id])[customer.public_id]


@contextmanager
def somebody_slow(screen: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let somebody read customers and lists, and go on only when what the block does is done."""
    has_read, go_on = threading.Event(), threading.Event()

    def slowly(customer_ids: Any) -> Read:
        read = read_parties(customer_ids)
        if not has_read.is_set():
            has_read.set()
            assert go_on.wait(LONG)
        return read

    monkeypatch.setattr(screening, "read_parties", slowly)
    with beside(screen):
        assert has_read.wait(LONG)
        try:
            yield
        finally:
            go_on.set()


def worker() -> None:
    assert screen_due(now=NOW) == 1


def after_a_slow_worker_the_customer_has_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Customer:
    load(tmp_path, *LINES)
    customer = screened_customer(UNLISTED)
    ScreeningDue.objects.create(customer_id=customer.pk, because=DueBecause.INTERVAL)
    with somebody_slow(worker, monkeypatch):
        renamed(customer, LISTED)
        worker()
        assert stands(customer) is Standing.POSSIBLE
    return customer


def test_what_is_found_under_a_new_name_is_not_undone_by_who_read_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = after_a_slow_worker_the_customer_has_another_name(tmp_path, monkeypatch)
    assert (stands(customer), ScreeningHit.objects.get().lapsed_at) == (Standing.POSSIBLE, None)
    assert ScreeningState.objects.get().customer_version == customer.version
    assert ScreeningDue.objects.get().because == DueBecause.INTERVAL, "the slow one's turn stays"
    drained()
    assert (stands(customer), ScreeningDue.objects.exists()) == (Standing.POSSIBLE, False)


def test_without_the_look_at_customers_the_hit_lapses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: the customer has a listed party's name, and is clear."""
    monkeypatch.setattr(screening, "_moved", lambda _customers, _read: frozenset())
    customer = after_a_slow_worker_the_customer_has_another_name(tmp_path, monkeypatch)
    assert (stands(customer), ScreeningDue.objects.exists()) == (Standing.CLEAR, False)
    assert ScreeningState.objects.get().customer_version == customer.version, "no older picture is noted, even so"


def after_a_slow_worker_there_is_another_edition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, at_the_desk: bool
) -> Customer:
    load(tmp_path, *LINES[1:])
    customer = screened_customer(LISTED)
    ScreeningDue.objects.create(customer_id=customer.pk, because=DueBecause.INTERVAL)
    with somebody_slow(worker, monkeypatch):
        load(tmp_path, *LINES)
        if at_the_desk:
            screen_customers(customer_ids=[customer.pk], now=NOW)
        else:
            assert rescreen_next(now=NOW)
        assert stands(customer) is Standing.POSSIBLE
    return customer


@pytest.mark.parametrize("at_the_desk", [False, True])
def test_what_is_found_on_a_new_edition_is_not_undone_by_who_read_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_the_desk: bool
) -> None:
    customer = after_a_slow_worker_there_is_another_edition(tmp_path, monkeypatch, at_the_desk=at_the_desk)
    assert (stands(customer), ScreeningHit.objects.get().lapsed_at) == (Standing.POSSIBLE, None)
    drained()
    assert (stands(customer), ScreeningDue.objects.exists()) == (Standing.POSSIBLE, False)
    assert ScreeningState.objects.get().lists_version == listed.version_now()


def test_without_the_look_at_lists_the_hit_lapses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: the customer is on the list that is in force, and is clear."""
    monkeypatch.setattr(screening, "_is_old", lambda _lists: False)
    customer = after_a_slow_worker_there_is_another_edition(tmp_path, monkeypatch, at_the_desk=False)
    assert (stands(customer), ScreeningDue.objects.exists()) == (Standing.CLEAR, False)


def test_a_part_of_a_run_finds_nobody_who_has_another_name_by_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(tmp_path, *LINES[1:])
    customer = screened_customer(LISTED)
    load(tmp_path, *LINES)
    with somebody_slow(lambda: rescreen_next(now=NOW), monkeypatch):
        renamed(customer, UNLISTED)
        worker()
    assert (stands(customer), ScreeningHit.objects.exists()) == (Standing.CLEAR, False)


def test_a_part_of_a_run_is_screened_again_when_the_lists_change_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(tmp_path, *LINES[1:])
    customer = screened_customer(LISTED)
    load(tmp_path, *LINES)
    with somebody_slow(lambda: rescreen_next(now=NOW), monkeypatch):
        load(tmp_path, *LINES[1:])
    assert not ScreeningHit.objects.exists()
    drained()
    assert stands(customer) is Standing.CLEAR


def test_an_application_is_answered_by_what_is_so_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tmp_path, *LINES)
    customer = screened_customer(UNLISTED)
    answers: list[int] = []

    def at_the_desk() -> None:
        answers.append(screen_customers(customer_ids=[customer.pk], now=NOW))

    with somebody_slow(at_the_desk, monkeypatch):
        renamed(customer, LISTED)
    assert (answers, stands(customer), ScreeningDue.objects.exists()) == ([1], Standing.POSSIBLE, False)
