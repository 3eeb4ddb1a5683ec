"""What a measurement is, and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from benchmarks.databases import Databases

Detail = Mapping[str, Any]


class NotRun(Exception):
    """A measurement has nothing to measure here; the message says what is missing. Not a failure."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a measurement may use.

    Attributes:
        seconds: how long a measurement of a rate should go on.
        repeats: how often a measurement of a duration should be repeated.

    """

    databases: Databases
    seconds: float
    repeats: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: a value in the measure's unit, and what else is worth knowing about it."""

    value: float
    detail: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """What DESIGN §9 asks for: at least this many times pgbench, at most this value; all that is given.

    Attributes:
        value_min: as `value_max`, where more is better.
        p99_max: milliseconds for all but the slowest hundredth of the calls, which the detail tells as `call_p99_ms`.

    """

    ratio_min: float | None = None
    value_max: float | None = None
    p99_max: float | None = None
    value_min: float | None = None

    def is_met(self, value: float, ratio: float | None, detail: Detail = MappingProxyType({})) -> bool:
        """Whether a result is good enough; what was not measured is not."""
        measured = ((value, self.value_max), (detail.get("call_p99_ms"), self.p99_max))
        enough = self.ratio_min is None or (ratio is not None and ratio >= self.ratio_min)
        enough = enough and (self.value_min is None or value >= self.value_min)
        return enough and all(most is None or (found is not None and found <= most) for found, most in measured)

    def __str__(self) -> str:
        asked = (
            (self.ratio_min, "≥ {:g} × pgbench"),
            (self.value_max, "≤ {:g}"),
            (self.value_min, "≥ {:g}"),
            (self.p99_max, "p99 ≤ {:g} ms"),
        )
        return ", ".join(words.format(bound) for bound, words in asked if bound is not None)


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table.

    Attributes:
        run: measures; raises `NotRun` where it cannot, anything else where it failed.
        beside_pgbench: whether it is a rate that pgbench, run right before and after it, gives a scale to.

    """

    name: str
    unit: str
    run: Callable[[Bench], Measured]
    target: Target | None = None
    beside_pgbench: bool = False
