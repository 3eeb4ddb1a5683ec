"""Announce, let those who send be killed and the broker be emptied, heal what failed, and judge.

`manage.py delivery_drill` calls `run` through the setting `BANKOPS_DELIVERY_DRILL`. The bank in which it happens has a
database, a broker and workers of its own; the bank's own are not touched.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connections
from django.db.models import QuerySet

from bankops.core.models import OutboxMessage
from bankops.drill import run as duplicates
from bankops.drill.deliveries import oracle, plan
from bankops.drill.deliveries.bank import Announced, Bank, Placed
from bankops.drill.deliveries.oracle import Evidence
from bankops.drill.deliveries.plan import Phase, Planned
from bankops.drill.deliveries.receivers import ReceiverProcess, receiver_processes, records
from bankops.drill.deliveries.report import Report
from bankops.drill.deliveries.workers import Workers, carrying
from notifications import signing, tasks
from notifications.models import Delivery, DeliveryState

_PROCESSES = 2
_HEALED_SECONDS = 300.0
_CALM_SECONDS = 60.0
_SWEEP_SECONDS = 2.0

Say = Callable[[str], object]


@dataclass(slots=True)
class Drill:
    """A drill under way."""

    bank: Bank
    workers: Workers
    receivers: Sequence[ReceiverProcess]
    chance: random.Random
    every: float
    placed: list[Placed] = field(default_factory=list)
    announced: list[Announced] = field(default_factory=list)
    kills: int = 0
    flushes: int = 0

    def place(self, planned: Sequence[Planned]) -> None:
        """Add endpoints: those that behave at the first receiver, those that fail at the second, or where nobody listens."""
        well, badly, nobody = self.receivers
        addresses = [f"http://127.0.0.1:{_port(each, well, badly, nobody)}{each.path}{each.query}" for each in planned]
        self.placed += self.bank.place(planned, addresses=addresses)

    def go_through(self, phase: Phase) -> None:
        """Announce a stretch's events at an even pace, killing and emptying as often as it says."""
        began = time.monotonic()
        kills = _moments(phase.kills, phase.count)
        flushes = _moments(phase.flushes, phase.count)
        for number in range(phase.count):
            time.sleep(max(0.0, began + number * self.every - time.monotonic()))
            self.announced.append(self.bank.announce(phase.name))
            for _kill in range(kills.get(number, 0)):
                self.kill()
            for _flush in range(flushes.get(number, 0)):
                self.workers.flush()
                self.flushes += 1

    def kill(self) -> None:
        """Kill one sender; wait for one to be born if none lives."""
        until = time.monotonic() + _CALM_SECONDS
        while not self.workers.kill_one(self.chance) and time.monotonic() < until:
            time.sleep(0.1)
        self.kills += 1 if time.monotonic() < until else 0

    def settle(self, *, within: float) -> None:
        """Wait until nothing is on its way to an endpoint that behaves, or at all when everything does."""
        behave = [endpoint.key for endpoint in self.placed if not endpoint.planned.failing]
        _wait(within, lambda: not _on_their_way().filter(endpoint_id__in=behave).exists())


Sabotage = Callable[[Drill], object]


def run(
    *,
    events: int,
    endpoints: int,
    kills: int,
    flushes: int,
    per_second: float,
    seed: int,
    say: Say,
    sabotage: Sabotage = lambda _drill: None,
) -> Report:
    """Drill, and return what came of it.

    :param per_second: events announced, evenly.
    :param sabotage: done to it when all is over, before anybody judges: to see that a loss is found.
    """
    planned, phases = plan.endpoints(endpoints), plan.phases(events, kills=kills, flushes=flushes)
    began = time.monotonic()
    with _drilling(planned, per_second, seed, say) as drill:
        _go_through(drill, planned, phases, say)
        sabotage(drill)
        evidence = _evidence(drill, phases)
        judgement = oracle.judge(evidence)
    return Report(
        events=len(drill.announced),
        endpoints=len(drill.placed),
        failing=dict(Counter(each.failing for each in planned if each.failing)),
        kills=drill.kills,
        flushes=drill.flushes,
        seed=seed,
        seconds=time.monotonic() - began,
        judgement=judgement,
    )


@contextmanager
def _drilling(planned: Sequence[Planned], per_second: float, seed: int, say: Say) -> Iterator[Drill]:
    secret = signing.new_secret()
    with (
        duplicates.scratch_database() as url,
        tempfile.TemporaryDirectory() as directory,
        receiver_processes(Path(directory), "well", "badly", "nobody", secret=secret) as receivers,
    ):
        say("A bank of its own …")
        bank = Bank(partners=plan.partners(len(planned)), secret=secret)
        for receiver in receivers:
            receiver.start(behaves=False)
        receivers[-1].stop()
        with carrying(database_url=url, processes=_PROCESSES) as workers:
            chance = random.Random(seed)  # noqa: S311 - for repeating a run, not for secrets
            yield Drill(bank, workers, receivers, chance, 1 / per_second)
        connections.close_all()


def _go_through(drill: Drill, planned: Sequence[Planned], phases: Sequence[Phase], say: Say) -> None:
    alone, beside, killed = phases
    drill.place([each for each in planned if not each.failing])
    say(f"{alone.count} events to endpoints that behave …")
    drill.go_through(alone)
    drill.settle(within=_CALM_SECONDS)
    drill.place([each for each in planned if each.failing])
    say(f"{beside.count} events with failing endpoints beside them …")
    drill.go_through(beside)
    say(f"{killed.count} events while senders are killed …")
    drill.go_through(killed)
    drill.settle(within=_CALM_SECONDS)
    say("What failed is healed …")
    _heal(drill)
    _wait(_HEALED_SECONDS, _nothing_left, look_every=_SWEEP_SECONDS)


def _heal(drill: Drill) -> None:
    _well, badly, nobody = drill.receivers
    badly.stop()
    for receiver in (badly, nobody):
        receiver.start(behaves=True)


def _evidence(drill: Drill, phases: Sequence[Phase]) -> Evidence:
    return Evidence(
        announced=drill.announced,
        placed=drill.placed,
        records=records(drill.receivers),
        phases=phases,
        kills=drill.kills,
        flushes=drill.flushes,
        standing=oracle.on_record(),
    )


def _on_their_way() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=DeliveryState.PENDING)


def _nothing_left() -> bool:
    """Do what beat does every minute, and tell whether everything has come to its end."""
    tasks.give_up()
    undispatched = OutboxMessage.objects.filter(dispatched_at=None).exclude(audience="")
    return not undispatched.exists() and not _on_their_way().exists()


def _wait(seconds: float, done: Callable[[], bool], *, look_every: float = 0.25) -> None:
    until = time.monotonic() + seconds
    while not done() and time.monotonic() < until:
        time.sleep(look_every)


def _moments(count: int, among: int) -> Counter[int]:
    """Return after which of so many events something is to happen, and how often, spread evenly."""
    return Counter((2 * number + 1) * among // (2 * count) for number in range(count))


def _port(planned: Planned, well: ReceiverProcess, badly: ReceiverProcess, nobody: ReceiverProcess) -> int:
    if planned.failing == plan.CLOSED_PORT:
        return nobody.port
    return badly.port if planned.failing else well.port
