"""Turnover is added up while money moves, and by two runs at once: each posting counts once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from accounts.models import Account
from tests.accounts.factories import cny, make_account, own_account
from tests.committed import at_once
from tests.concurrency.racing import execute
from tests.elsewhere import LONG, Gate, beside, eventually, gate, waiting_here
from tests.transactions.factories import deposit
from transactions import migrations, services
from transactions.models import DayTurnover
from transactions.services import turnover
from transactions.verification import verify_books

pytestmark = pytest.mark.usefixtures("committed_db")

_FUNCTION = (Path(next(iter(migrations.__path__))) / "turnover.sql").read_text().partition("-- What was booked")[0]
_LOCK = "    PERFORM pg_advisory_xact_lock(hashtext('turnover_roll_up'));\n"
_READING = "          FROM accounts_balance b\n"


@contextmanager
def twin_of_roll_up(monkeypatch: pytest.MonkeyPatch, *, locked: bool, waiting: int = 2) -> Iterator[Gate]:
    """Roll up through a copy of the function that waits at a gate when it has its view of the books; locked only if told so."""
    assert (_FUNCTION.count(_LOCK), _FUNCTION.count(_READING)) == (1, 1)
    twin = _FUNCTION.replace("turnover_roll_up(p_after", "turnover_roll_up_twin(p_after")
    twin = twin.replace(_READING, f"          FROM (SELECT {Gate.sql} OFFSET 0) pause, accounts_balance b\n")
    execute(twin if locked else twin.replace(_LOCK, ""))
    try:
        with gate(waiting=waiting) as shut, monkeypatch.context() as patch:
            patch.setattr(turnover, "_SQL", turnover._SQL.replace("turnover_roll_up(", "turnover_roll_up_twin("))
            yield shut
    finally:
        execute("DROP FUNCTION turnover_roll_up_twin")


def faults() -> int:
    (outcome,) = [one for one in verify_books().outcomes if one.check.code == "turnover_matches_postings"]
    return outcome.fault_count


def test_two_runs_at_once_add_each_posting_once(monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account("100.00")
    with twin_of_roll_up(monkeypatch, locked=True):
        results = at_once(services.roll_up_turnover, services.roll_up_turnover)
    assert sorted(getattr(one, "postings", one) for one in results) == [0, 2]  # type: ignore[type-var]
    assert turnover_of(account) == 10_000
    assert faults() == 0


def test_twin_without_the_lock_adds_twice_and_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account("100.00")
    with twin_of_roll_up(monkeypatch, locked=False):
        at_once(services.roll_up_turnover, services.roll_up_turnover)
    assert turnover_of(account) == 20_000
    assert faults() > 0


def test_postings_that_come_in_meanwhile_are_added_by_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    own_account()
    accounts = [make_account("1.00") for _ in range(3)]
    with (
        twin_of_roll_up(monkeypatch, locked=True, waiting=0) as shut,
        beside(services.roll_up_turnover) as rolling,
    ):
        eventually(waiting_here)
        at_once(*[lambda one=one: deposit(one, cny("5.00")) for one in accounts])
        shut.open()
        assert rolling.result(LONG).postings == 6
    assert faults() == 0
    services.roll_up_turnover()
    assert [turnover_of(account) for account in accounts] == [600] * 3
    assert faults() == 0


def turnover_of(account: Account) -> int:
    return sum(row.credit for row in DayTurnover.objects.filter(account=account))
