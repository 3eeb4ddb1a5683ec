"""A bank with one account of a million postings, and how long it takes to say what stood on it. Needs Django."""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from django.contrib.auth.models import AnonymousUser

from accounts.models import Account
from bankops.core import clock
from benchmarks import bench_bank
from benchmarks.bench_people import superuser
from transactions import ledger, selectors, services
from transactions.statements import forms
from transactions.statements.content import Statement, statement
from transactions.statements.days import Period

POSTINGS, ACCOUNTS, _TAIL = 1_000_000, 12, 10_000
_FILL = Path(__file__).with_suffix(".sql")
_FIRST, _LAST = date(2015, 1, 1), date(2024, 12, 31)
_QUIET_MONTH = Period(date(2020, 5, 1), date(2020, 5, 31))
_MEGABYTE = 1024 * 1024


def found() -> None:
    """Open accounts, and fill in ten years of postings on the first of them."""
    bench_bank.found(ACCOUNTS)
    busy, *others = bench_bank.customer_accounts()
    with superuser() as cursor:
        cursor.execute("SET session_replication_role = replica")  # the guards would prove a million entries one by one
        for statement_text in _FILL.read_text().split(";\n"):
            if statement_text.strip():
                cursor.execute(statement_text, {"postings": POSTINGS, "busy": busy, "other": others})
        cursor.execute(
            "SELECT setval('transactions_journalentry_id_seq', (SELECT max(id) FROM transactions_journalentry))"
        )
        cursor.execute("VACUUM ANALYZE")


def measure(samples: int) -> dict[str, Any]:
    """Return milliseconds of every way to look back, before and after the roll-up, and what the roll-up takes."""
    account = _busy()
    answer: dict[str, Any] = {"never_rolled_up_ms": _milliseconds(lambda: _before(account, date(2020, 5, 1)))}
    answer["first_roll_up_s"] = round(_milliseconds(services.roll_up_turnover) / 1000, 1)
    answer["idle_roll_up_ms"] = _milliseconds(services.roll_up_turnover)
    chance = random.Random(0)
    answer |= {
        "before_a_day": _spread(lambda: _before(account, _some_day(chance)), samples),
        "at_a_moment": _spread(lambda: selectors.balance_at(account, _some_moment(chance)), samples),
        "month_of_1000_lines": _spread(lambda: _read(_made(account, _QUIET_MONTH)), 5),
    }
    return answer


def take_files(lines: int) -> dict[str, Any]:
    """Write about `lines` bookings into each streamed form; return seconds, megabytes and the growth of this process."""
    account, answer = _busy(), {}
    days = timedelta(days=round(lines / (POSTINGS / 3600)))
    for key in ("csv", "xlsx", "camt053"):
        made = _made(account, Period(date(2022, 1, 1), date(2022, 1, 1) + days))
        answer[key] = {"lines": made.count, **_written(made, forms.FORMS[key])}
    return answer


def _written(made: Statement, form: forms.Form) -> dict[str, Any]:
    """Write a file away; the growth is that of the most memory this process ever had."""
    before, size, started = _most_memory(), 0, time.perf_counter()
    for piece in forms.write(made, form):
        size += len(piece)
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "file_mb": round(size / _MEGABYTE, 1),
        "memory_growth_mb": round((_most_memory() - before) / _MEGABYTE, 1),
    }


def _most_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measure_with_tail(samples: int) -> dict[str, Any]:
    """Post ten thousand more, a busy account's hour, and measure again before they are added up."""
    account, chance = _busy(), random.Random(1)
    pair = [account.pk, *bench_bank.customer_accounts()[1:2]]
    for _batch in range(_TAIL // 1000):
        ledger.post(bench_bank.random_transfers(chance, pair, now=clock.now(), count=1000), now=clock.now())
    return {
        "tail": _TAIL,
        "before_a_day": _spread(lambda: _before(account, _some_day(chance)), samples),
        "at_a_moment": _spread(lambda: selectors.balance_at(account, _some_moment(chance)), samples),
        "now": _spread(lambda: selectors.balance_at(account, clock.now()), samples),
        "roll_up_ms": _milliseconds(services.roll_up_turnover),
    }


def _busy() -> Account:
    busy = bench_bank.customer_accounts()[0]
    return Account.objects.select_related("customer", "branch").get(pk=busy)


def _before(account: Account, day: date) -> None:
    selectors.balance_before(account, day)


def _made(account: Account, period: Period) -> Statement:
    return statement(account, period, reader=AnonymousUser(), made_at=clock.now())


def _read(made: Statement) -> None:
    assert sum(1 for _line in made.lines()) == made.count
    assert made.count > 0


def _some_day(chance: random.Random) -> date:
    return _FIRST + timedelta(days=chance.randint(1, (_LAST - _FIRST).days))


def _some_moment(chance: random.Random) -> datetime:
    return datetime.combine(_some_day(chance), datetime.min.time(), UTC) + timedelta(seconds=chance.randint(0, 86_399))


def _spread(action: Callable[[], object], samples: int) -> dict[str, float]:
    """Return fastest, median and slowest of an action that has been warmed up, in milliseconds."""
    action()
    taken = [_milliseconds(action) for _ in range(samples)]
    return {"fastest_ms": min(taken), "median_ms": round(median(taken), 2), "slowest_ms": max(taken)}


def _milliseconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return round((time.perf_counter() - started) * 1000, 2)
