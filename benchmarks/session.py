"""One run of the benchmark: every measurement in turn, pgbench in between."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import mean

from benchmarks import machine, yardstick
from benchmarks.measure import Bench, Detail, Measure, Measured, NotRun, Target
from benchmarks.yardstick import Yardstick


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the result.

    Attributes:
        value: None when it was not measured; the detail says why.
        ratio: the value in units of pgbench's transactions per second, where that means something.
        has_failed: whether measuring it failed, which a missed target is not.

    """

    name: str
    unit: str
    value: float | None
    ratio: float | None
    detail: Detail
    target: Target | None = None
    has_failed: bool = False

    @property
    def verdict(self) -> str:
        """What the last column says."""
        if self.value is None:
            return "FAILED" if self.has_failed else "not run"
        if self.target is None:
            return ""
        return "PASS" if self.target.is_met(self.value, self.ratio, self.detail) else "MISSED"


def run(measures: Sequence[Measure], bench: Bench, *, say: Callable[[str], None]) -> Iterator[Line]:
    """Make the measurements in order and yield a line for each; the yardstick's own comes last, when it is complete."""
    with yardstick.yardstick(bench.databases, seconds=bench.seconds) as stick:
        for measure in measures:
            say(f"{measure.name} …")
            yield _line(measure, bench, stick)
        stick.read()
        yield _of_yardstick(stick, bench)


def _line(measure: Measure, bench: Bench, stick: Yardstick) -> Line:
    before = stick.last if measure.beside_pgbench else 0.0
    try:
        measured = measure.run(bench)
    except NotRun as reason:
        return _missing(measure, {"not_run": str(reason)})
    except Exception as error:  # noqa: BLE001 - whatever went wrong: the others are still measured, and the run fails
        traceback.print_exc()
        return _missing(measure, {"error": f"{type(error).__name__}: {error}"}, has_failed=True)
    ratio, detail = None, measured.detail
    if measure.beside_pgbench:
        after = stick.read()
        ratio = measured.value / mean((before, after))
        detail = {**detail, "pgbench_before": round(before), "pgbench_after": round(after)}
    return Line(measure.name, measure.unit, measured.value, ratio, detail, measure.target)


def _missing(measure: Measure, detail: Detail, *, has_failed: bool = False) -> Line:
    return Line(measure.name, measure.unit, None, None, detail, measure.target, has_failed)


def _of_yardstick(stick: Yardstick, bench: Bench) -> Line:
    measured: Measured = stick.measured()
    detail = {**measured.detail, "machine": machine.describe(bench.databases)}
    return Line(yardstick.NAME, yardstick.UNIT, measured.value, 1.0, detail)
