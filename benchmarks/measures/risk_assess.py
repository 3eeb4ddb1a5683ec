"""Assessing a movement by thirty rules, with ten thousand movements behind it and with ten million: docs/risk.md.

On the databases of `risk_velocity`, which it fills where nobody has.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from benchmarks import django_processes
from benchmarks.measure import Bench, Measure, Measured, Target
from benchmarks.measures.risk_velocity import FEW, MANY, fill

_SAMPLES_MIN = 400


@cache
def _figures(bench: Bench, movements: int) -> dict[str, Any]:
    name = f"velocity_{movements}"
    with bench.databases.filled(name, like=name, fill=partial(fill, movements)) as url:
        return django_processes.call(_measure, movements, max(_SAMPLES_MIN, bench.repeats), database_url=url)


def _measure(movements: int, samples: int) -> dict[str, Any]:
    from benchmarks import bench_assess

    return bench_assess.measure(movements, samples)


def _run(bench: Bench) -> Measured:
    many = _figures(bench, MANY)
    return Measured(many["assess_ms"]["median"], many)


def _run_ratio(bench: Bench) -> Measured:
    few, many = _figures(bench, FEW), _figures(bench, MANY)
    return Measured(round(many["assess_ms"]["median"] / few["assess_ms"]["median"], 2), {"few": few, "many": many})


MEASURE = Measure(name="risk_assess", unit="ms, with thirty rules", run=_run, target=Target(value_max=2))
RATIO = Measure(
    name="risk_assess_flat", unit="× of 10 thousand, at 10 million", run=_run_ratio, target=Target(value_max=1.3)
)
