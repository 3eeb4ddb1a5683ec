"""`ledger.post` of many transfers in each call. The value is one caller's; two at once are in the detail."""

from __future__ import annotations

from functools import partial

from benchmarks import callers
from benchmarks.measure import Bench, Measure, Measured, Target
from benchmarks.posting_bank import ACCOUNTS, posting_bank


def _run(bench: Bench, *, batch: int) -> Measured:
    with posting_bank(bench) as url:
        alone = callers.post(database_url=url, callers=1, batch=batch, seconds=bench.seconds)
        two = callers.post(database_url=url, callers=2, batch=batch, seconds=bench.seconds / 2)
    detail = {"callers": 1, "accounts": ACCOUNTS, **alone.as_detail(), "two_callers_per_second": round(two.per_second)}
    return Measured(alone.per_second, detail)


def _measure(batch: int, target: Target | None) -> Measure:
    return Measure(
        name=f"ledger_post_batch_{batch}",
        unit="transfers/s",
        run=partial(_run, batch=batch),
        target=target,
        beside_pgbench=True,
    )


OF_1000 = _measure(1000, Target(ratio_min=4))
OF_5000 = _measure(5000, None)
