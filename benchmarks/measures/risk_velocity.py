"""Looking back before a movement and noting it, with ten thousand movements behind it and with ten million.

Each on a database of its own. The second takes some minutes to fill, and about five gigabytes.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from benchmarks import django_processes
from benchmarks.measure import Bench, Measure, Measured, Target

FEW, MANY = 10_000, 10_000_000
_SAMPLES_MIN = 400


@cache
def _figures(bench: Bench, movements: int) -> dict[str, Any]:
    with bench.databases.filled(
        f"velocity_{movements}", like=f"velocity_{movements}", fill=partial(fill, movements)
    ) as url:
        return django_processes.call(_measure, movements, max(_SAMPLES_MIN, bench.repeats), database_url=url)


def fill(movements: int, database_url: str) -> None:
    """Fill a database with what the folder would have made of so many movements."""
    django_processes.call(_found, movements, database_url=database_url)


def _found(movements: int) -> None:
    from benchmarks import bench_velocity

    bench_velocity.found(movements)


def _measure(movements: int, samples: int) -> dict[str, Any]:
    from benchmarks import bench_velocity

    return bench_velocity.measure(movements, samples)


def _run(bench: Bench) -> Measured:
    many = _figures(bench, MANY)
    return Measured(many["both_ms"]["median"], many)


def _run_ratio(bench: Bench) -> Measured:
    few, many = _figures(bench, FEW), _figures(bench, MANY)
    return Measured(round(many["both_ms"]["median"] / few["both_ms"]["median"], 2), {"few": few, "many": many})


MEASURE = Measure(name="risk_velocity", unit="ms, look back and note", run=_run, target=Target(value_max=1))
RATIO = Measure(
    name="risk_velocity_flat", unit="× of 10 thousand, at 10 million", run=_run_ratio, target=Target(value_max=1.3)
)
