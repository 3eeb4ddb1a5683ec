"""How long `django.setup()` takes in a new process: what every command, worker and web process waits for."""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median

from benchmarks.django_processes import PRODUCT
from benchmarks.measure import Bench, Measure, Measured, Target

_PROGRAM = """
import time
started = time.perf_counter()
import django
django.setup()
print(time.perf_counter() - started)
"""


def _run(bench: Bench) -> Measured:
    seconds = sorted(_once() for _ in range(bench.repeats))
    return Measured(median(seconds), {"runs": [round(each, 2) for each in seconds]})


def _once() -> float:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": PRODUCT}
    result = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    return float(result.stdout)


MEASURE = Measure(name="startup_django_setup_seconds", unit="s", run=_run, target=Target(value_max=2.5))
