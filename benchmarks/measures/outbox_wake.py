"""What announcing an event adds to a posting: its row, and the hint after the commit. Postings with and without, in turn."""

from __future__ import annotations

import random
import time
from statistics import mean, median
from typing import Any

from benchmarks import django_processes
from benchmarks.measure import Bench, Measure, Measured, Target
from benchmarks.posting_bank import posting_bank

_ROUNDS = 400
_WARMING_UP = 20


def _run(bench: Bench) -> Measured:
    with posting_bank(bench) as url:
        bare, told, hints = django_processes.call(_measure, _ROUNDS, database_url=url)
    detail: dict[str, Any] = {
        "rounds": _ROUNDS,
        "posting_ms": round(median(bare), 2),
        "with_event_ms": round(median(told), 2),
        "mean_added_ms": round(mean(told) - mean(bare), 2),
        "hint_alone_ms": round(median(hints), 2),
    }
    return Measured(median(told) - median(bare), detail)


def _measure(rounds: int) -> tuple[list[float], list[float], list[float]]:
    """Return the milliseconds of postings without an event and with one, and of the hint alone."""
    from django.db import transaction

    from bankops.core import clock, outbox
    from bankops.core.db import prepared
    from benchmarks import bench_bank
    from transactions import ledger

    now, chance, accounts = clock.now(), random.Random(1), bench_bank.customer_accounts()
    batches = [bench_bank.random_transfers(chance, accounts, now=now, count=1) for _round in range(2 * rounds)]

    def post(drafts: Any, *, tell: bool) -> float:
        began = time.perf_counter()
        with transaction.atomic():
            ledger.post(drafts, now=now)
            if tell:
                outbox.announce(
                    "transactions.transfer.posted", subject_id="tr_bench", payload={}, now=now, audience="ptn_bench"
                )
        return (time.perf_counter() - began) * 1000

    times = [post(drafts, tell=number % 2 == 1) for number, drafts in enumerate(batches)][_WARMING_UP:]
    hints = []
    for _round in range(100):
        began = time.perf_counter()
        prepared(f"NOTIFY {outbox.CHANNEL}", {})
        hints.append((time.perf_counter() - began) * 1000)
    return times[0::2], times[1::2], hints


MEASURE = Measure(name="outbox_wake", unit="ms added, median", run=_run, target=Target(value_max=1))
