"""`ledger.post` of one transfer in a transaction of its own, from eight processes at once."""

from __future__ import annotations

from benchmarks import callers
from benchmarks.measure import Bench, Measure, Measured, Target
from benchmarks.posting_bank import ACCOUNTS, posting_bank

CALLERS = 8


def _run(bench: Bench) -> Measured:
    with posting_bank(bench) as url:
        timings = callers.post(database_url=url, callers=CALLERS, batch=1, seconds=bench.seconds)
        alone = callers.post(database_url=url, callers=1, batch=1, seconds=bench.seconds / 2)
    detail = {
        "callers": CALLERS,
        "accounts": ACCOUNTS,
        **timings.as_detail(),
        "one_caller_per_second": round(alone.per_second),
    }
    return Measured(timings.per_second, detail)


MEASURE = Measure(
    name="ledger_post_single", unit="transfers/s", run=_run, target=Target(ratio_min=0.5), beside_pgbench=True
)
