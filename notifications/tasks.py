"""The background work of notifications. A run that is missed or comes twice changes nothing that counts."""

from __future__ import annotations

import functools
import mmap

from celery import shared_task
from celery.signals import worker_shutting_down

from bankops.core import clock
from notifications import services
from notifications.carrying import leases
from notifications.carrying.http import Wire
from notifications.carrying.loop import Carrier
from notifications.services import housekeeping

QUEUE = "notifications"
"""Of the loop alone, so that what hangs at a receiver keeps no other work waiting (docs/operations.md)."""
LONGEST_RUN = 240.0  # seconds; what is in the air then has its time, and the task's limit is 600

# One byte that a worker shares with the processes it has forked: a task does not notice that its worker is to end.
_ending = mmap.mmap(-1, 1)


@worker_shutting_down.connect
def _let_loops_end(**_signal: object) -> None:
    _ending[0] = 1


@shared_task(name="notifications.carry")
def carry() -> int:
    """Carry what is due to whom it concerns until there is nothing left for a second; return how many requests were sent."""
    return Carrier(_wire(), now=clock.now, ending=lambda: _ending[0] != 0).run(seconds=LONGEST_RUN)


@functools.cache
def _wire() -> Wire:
    """Return this process's connections, which stay from one run to the next."""
    return Wire()


@shared_task(name="notifications.give_up")
def give_up() -> None:
    """Make dead letters of what could not be sent for days, and have sent again what a dead sender left in a paused endpoint."""
    now = clock.now()
    leases.take_back_orphans(now=now)
    housekeeping.give_up_too_old(now=now)
    housekeeping.give_up_for_disabled(now=now)


@shared_task(name="notifications.drop_old_answers")
def drop_old_answers() -> int:
    """Drop what was sent and answered long ago, and forget old minutes."""
    now = clock.now()
    housekeeping.purge_minutes(now=now)
    return housekeeping.drop_old_answers(now=now)


@shared_task(name="notifications.look_after_endpoints")
def look_after_endpoints() -> int:
    """Open and close incidents where no result does it; return how many."""
    return services.look_after_endpoints(now=clock.now())


@shared_task(name="notifications.send_digests")
def send_digests() -> int:
    """Mail people what they have not read yet; return how many messages."""
    return services.send_digests(now=clock.now())


@shared_task(name="notifications.replay")
def replay() -> int:
    """Go on with what somebody wants sent again; return how many events that are."""
    return services.work_off_replays(now=clock.now())
