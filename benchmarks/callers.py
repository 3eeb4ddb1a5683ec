"""Callers of `ledger.post`, side by side, each a process with one connection, as web and worker processes are."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from statistics import quantiles
from typing import TYPE_CHECKING

from benchmarks import django_processes

if TYPE_CHECKING:
    from transactions.ledger import EntryDraft

_WARMING_UP = 100  # transfers, three calls at least: by then every statement is planned for good
_DRAFTED_AHEAD = 5_000  # transfers
_CALLS_MIN = 3  # on a machine so slow that the time is up before


@dataclass(frozen=True, slots=True)
class Run:
    """What one caller did: how many transfers, and how long each call took."""

    transfers: int
    call_seconds: Sequence[float]

    @property
    def per_second(self) -> float:
        """The caller's rate while it waits for an answer; drafting what it asks for is not the ledger's work."""
        return self.transfers / sum(self.call_seconds)


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
    cuts = quantiles([seconds for run in runs for seconds in run.call_seconds], n=100)
    return Timings(
        per_second=sum(run.per_second for run in runs),
        transfers=sum(run.transfers for run in runs),
        p50_ms=cuts[49] * 1000,
        p99_ms=cuts[98] * 1000,
    )


def _post_for(number: int, batch: int, seconds: float) -> Run:
    from bankops.core import clock
    from benchmarks import bench_bank
    from transactions import ledger

    now = clock.now()
    draft = partial(bench_bank.random_transfers, random.Random(number), bench_bank.customer_accounts(), now=now)
    batches = _drafted(partial(draft, count=batch), ahead=max(1, _DRAFTED_AHEAD // batch))
    for drafts in islice(batches, max(3, _WARMING_UP // batch)):
        ledger.post(drafts, now=now)
    django_processes.wait_for_the_others()
    calls: list[float] = []
    deadline = time.monotonic() + seconds
    while len(calls) < _CALLS_MIN or time.monotonic() < deadline:
        drafts = next(batches)
        started = time.perf_counter()
        results = ledger.post(drafts, now=now)
        calls.append(time.perf_counter() - started)
        assert all(result.code == "posted" for result in results), results
    return Run(transfers=len(calls) * batch, call_seconds=calls)


def _drafted(draft: Callable[[], list[EntryDraft]], *, ahead: int) -> Iterator[list[EntryDraft]]:
    """Yield one batch after the other, drafted many at a time, so that drafting seldom disturbs the other callers."""
    while True:
        yield from [draft() for _ in range(ahead)]
