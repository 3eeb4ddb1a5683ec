"""Webhooks: how many arrive a second, sent by two worker processes to a receiver on the same machine that verifies each.

Announced beforehand; measured from the start of the processes' loops to the end of the last delivery: fanning out, signing,
sending, writing down what came of it, and the receiver's own processor time.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import django_processes
from benchmarks.measure import Bench, Measure, Measured, NotRun, Target

PROCESSES, ENDPOINTS, PER_SECOND = 2, 8, 600
_SECRET = "whsec_" + "YmVuY2htYXJr" * 3
_LONGEST_SECONDS = 120.0


def _run(bench: Bench) -> Measured:
    events = max(1_000, round(PER_SECOND * bench.seconds))
    with bench.databases.product("webhooks") as url, _receiver() as port:
        django_processes.call(_announce, events, port, database_url=url)
        began = time.time()
        jobs: list[tuple[object, ...]] = [()] * PROCESSES
        started = min(django_processes.call_at_once(_carry, jobs, database_url=url))
        arrived, ended = django_processes.call(_arrived, database_url=url)
    if arrived != events:
        raise RuntimeError(f"{arrived} of {events} events arrived")
    detail = {"events": events, "endpoints": ENDPOINTS, "processes": PROCESSES, "whole_s": round(ended - began, 1)}
    return Measured(events / (ended - started), detail)


@contextmanager
def _receiver() -> Iterator[int]:
    command = [sys.executable, "-m", "notifications.receiving.recorder", "0", "/dev/null", _SECRET]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stdout
        yield int(process.stdout.readline() or 0)
    finally:
        process.kill()
        process.wait()


def _announce(events: int, port: int) -> None:
    from django.db import transaction

    from bankops.drill.deliveries.bank import Bank
    from bankops.drill.deliveries.plan import Planned

    if not port:
        raise NotRun("the receiver did not start")
    bank = Bank(partners=ENDPOINTS, secret=_SECRET)
    planned = [Planned(number, partner=number) for number in range(ENDPOINTS)]
    bank.place(planned, addresses=[f"http://127.0.0.1:{port}{each.path}" for each in planned])
    with transaction.atomic():
        for _event in range(events):
            bank.announce("bench")


def _carry() -> float:
    """Carry until nothing is left; return when it began, in seconds since 1970."""
    from bankops.core import clock
    from notifications.carrying.http import Wire
    from notifications.carrying.loop import Carrier

    carrier = Carrier(Wire(), now=clock.now)
    django_processes.wait_for_the_others()
    began = time.time()
    carrier.run(seconds=_LONGEST_SECONDS)
    return began


def _arrived() -> tuple[int, float]:
    """Return how many deliveries arrived, and when the last of them did."""
    from django.db.models import Count, Max

    from notifications.models import Delivery, DeliveryState

    found = Delivery.objects.filter(state=DeliveryState.DELIVERED).aggregate(count=Count("id"), last=Max("finished_at"))
    return found["count"], found["last"].timestamp() if found["last"] else 0.0


MEASURE = Measure(name="webhook_delivery", unit="deliveries/s", run=_run, target=Target(value_min=500))
