"""pgbench, the yardstick: how many TPC-B-like transactions a second this server does at this moment.

It runs before and after every rate that is compared with it, because the speed of a shared machine drifts by tens of
per cent within minutes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import mean

from bankops.core import embedded
from bankops.core.embedded.binaries import postgres_programs
from bankops.core.embedded.users import service_user
from benchmarks.databases import Databases, libpq_environment
from benchmarks.measure import Measured

NAME, UNIT = "pgbench_tpcb", "transactions/s"
SCALE, CLIENTS, THREADS = 10, 16, 2


@dataclass(frozen=True, slots=True)
class Reading:
    """One run of pgbench."""

    per_second: float
    latency_ms: float


class Yardstick:
    """Runs pgbench on a database of its own and remembers every reading."""

    def __init__(self, *, database_url: str, seconds: float) -> None:
        self.readings: list[Reading] = []
        self._seconds = seconds
        self._environment = {**os.environ, **libpq_environment(database_url)}
        self._pgbench("--initialize", "--quiet", f"--scale={SCALE}")

    def read(self) -> float:
        """Run pgbench once and return its transactions per second."""
        output = self._pgbench(
            "--protocol=prepared", f"--client={CLIENTS}", f"--jobs={THREADS}", f"--time={max(1, round(self._seconds))}"
        )
        reading = Reading(per_second=_number("tps", output), latency_ms=_number("latency average", output))
        self.readings.append(reading)
        return reading.per_second

    @property
    def last(self) -> float:
        """The newest reading, taken now if there is none yet."""
        return self.readings[-1].per_second if self.readings else self.read()

    def measured(self) -> Measured:
        """Return the mean of all readings, with each of them in the detail."""
        return Measured(
            mean(reading.per_second for reading in self.readings),
            {
                "runs": [round(reading.per_second) for reading in self.readings],
                "latency_ms": round(mean(reading.latency_ms for reading in self.readings), 2),
                "options": f"TPC-B-like, -M prepared -c {CLIENTS} -j {THREADS} -s {SCALE}",
                "seconds_each": round(self._seconds),
            },
        )

    def _pgbench(self, *options: str) -> str:
        result = subprocess.run(
            [self._program, *options], env=self._environment, capture_output=True, text=True, check=False
        )
        if result.returncode:
            raise RuntimeError(f"pgbench failed:\n{result.stderr}")
        return result.stdout

    @cached_property
    def _program(self) -> Path:
        """The pgbench on the PATH, or else the one that came with the embedded PostgreSQL."""
        found = shutil.which("pgbench")
        return Path(found) if found else postgres_programs(service_user(embedded.data_dir())) / "pgbench"


@contextmanager
def yardstick(databases: Databases, *, seconds: float) -> Iterator[Yardstick]:
    """Yield a yardstick whose database lives as long as the block."""
    with databases.empty("pgbench") as url:
        yield Yardstick(database_url=url, seconds=seconds)


def _number(name: str, output: str) -> float:
    found = re.search(rf"^{name} = ([0-9.]+)", output, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"pgbench does not say “{name}”:\n{output}")
    return float(found[1])
