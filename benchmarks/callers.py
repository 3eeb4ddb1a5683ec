"""Callers of `ledger.post`, side by side, each a process with one connection, as web and worker processes are."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import quantiles
from typing import TYPE_CHECKING

from benchmarks import django_processes

if TYPE_CHECKING:
    from transactions.ledger import EntryDraft

# Batches are drafted beforehand, about as many as a fast machine posts: building them is not the ledger's work.
_TRANSFERS_PER_SECOND_MAX = 40_000
_WARM_UP_CALLS = 5


@dataclass(frozen=True, slots=True)
class Run:
    """What one caller did, on the clock that all processes of a machine share."""

    started: float
    ended: float
    transfers: int
    call_seconds: Sequence[float]


@dataclass(frozen=True, slots=True)
class Timings:
    """What the callers did together."""

    per_second: float
    transfers: int
    p50_ms: float
    p99_ms: float

    def as_detail(self) -> dict[str, float]:
        """Return the figures, rounded for reading."""
        return {
            "transfers": self.transfers,
            "call_p50_ms": round(self.p50_ms, 2),
            "call_p99_ms": round(self.p99_ms, 2),
        }


def post(*, database_url: str, callers: int, batch: int, seconds: float) -> Timings:
    """Have `callers` processes post transfers between random accounts, `batch` in each call, and return how fast it went.

    :raises AssertionError: when the ledger refuses one.
    """
    jobs: list[tuple[object, ...]] = [(number, batch, seconds) for number in range(callers)]
    return _together(django_processes.call_at_once(_post_for, jobs, database_url=database_url))


def _together(runs: Sequence[Run]) -> Timings:
    elapsed = max(run.ended for run in runs) - min(run.started for run in runs)
    transfers = sum(run.transfers for run in runs)
    cuts = quantiles([seconds for run in runs for seconds in run.call_seconds], n=100)
    return Timings(transfers / elapsed, transfers, p50_ms=cuts[49] * 1000, p99_ms=cuts[98] * 1000)


def _post_for(number: int, batch: int, seconds: float) -> Run:
    from bankops.core import clock
    from benchmarks import bench_bank
    from transactions import ledger

    now = clock.now()
    draft = partial(bench_bank.random_transfers, random.Random(number), bench_bank.customer_accounts(), now=now)
    for _ in range(_WARM_UP_CALLS):
        ledger.post(draft(count=batch), now=now)
    batches = _drafted(draft, batch, seconds)
    django_processes.wait_for_the_others()
    calls: list[float] = []
    started = at = time.monotonic()
    for drafts in batches:
        before = time.monotonic()
        results = ledger.post(drafts, now=now)
        at = time.monotonic()
        calls.append(at - before)
        assert all(result.code == "posted" for result in results), results
        if at - started >= seconds:
            break
    return Run(started, at, transfers=len(calls) * batch, call_seconds=calls)


def _drafted(draft: partial[list[EntryDraft]], batch: int, seconds: float) -> Iterator[list[EntryDraft]]:
    if batch == 1:
        return iter(partial(draft, count=1), None)
    return iter([draft(count=batch) for _ in range(max(3, round(seconds * _TRANSFERS_PER_SECOND_MAX / batch)))])
