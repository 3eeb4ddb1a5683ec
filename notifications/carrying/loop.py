"""One process's round: take messages over, claim what is due, let it be sent, write down what came of it.

The loop's own thread is the only one that knows the database; the lanes' threads send.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from random import random
from time import monotonic
from uuid import uuid4

from django.db import Error

from notifications.carrying import claims, leases, relay, results
from notifications.carrying.holdings import Holdings
from notifications.carrying.lanes import Lanes, Result
from notifications.carrying.pace import Pace
from notifications.carrying.parcels import Sender
from notifications.models import Outcome


class Carrier:
    """A loop, and what it has in hand.

    :param sender: see `notifications.carrying.parcels`.
    :param now: reads the clock.
    :param chance: draws evenly from 0 to 1.
    :param ending: tells whether the process has been asked to end.
    """

    def __init__(
        self,
        sender: Sender,
        *,
        now: Callable[[], datetime],
        chance: Callable[[], float] = random,
        ending: Callable[[], bool] = bool,
        pace: Pace | None = None,
    ) -> None:
        self._now, self._chance, self._ending, self._pace = now, chance, ending, pace or Pace()
        self._token = uuid4()
        self._lanes = Lanes(sender, self._pace.lanes + self._pace.hanging)
        self._held = Holdings(self._token, self._lanes, self._pace, now)
        self._waiting: list[Result] = []  # results of endpoints that somebody has locked
        self._until = self._begin_doubtful_until = self._worked = 0.0

    def run(self, *, seconds: float) -> int:
        """Carry until there was nothing to do for a while, or for so many seconds; return how many requests were sent.

        What is in the air at the end is waited for, or recorded as interrupted where it takes too long.
        """
        self._worked = monotonic()
        self._until = self._worked + seconds
        self._begin_doubtful_until = self._until - min(self._pace.drain, seconds / 2)
        sent = 0
        leases.hold(self._token)
        try:
            while not self._over():
                sent += self._tick()
            sent += self._end()
        finally:
            self._lanes.close()
            with suppress(Error):  # the session is gone, and the lock with it
                leases.let_go(self._token)
        return sent

    def _over(self) -> bool:
        # Idle is who looked so long after the last work: a process that only stood still so long has not.
        return self._ending() or monotonic() > self._until or self._held.looked_at - self._worked > self._pace.idle

    def _tick(self) -> int:
        relayed = relay.relay(now=self._now())
        only_proven = monotonic() > self._begin_doubtful_until
        self._held.look_after(at_once=relayed > 0, only_proven=only_proven)
        rooms = dict(self._held.rooms())
        if rooms:
            self._lanes.put(claims.claim(self._token, rooms, now=self._now()))
        written = self._write(wait=0.0 if relayed else self._pace.look)
        self._held.give_back()
        if relayed or written or self._held:
            self._worked = monotonic()
        return written

    def _write(self, *, wait: float) -> int:
        """Write what has come back; where it says something new of an endpoint, look at that anew."""
        back = [*self._waiting, *self._lanes.results(wait=wait, gather=self._pace.gather)]
        self._waiting = results.write(self._token, back, now=self._now(), chance=self._chance)
        waiting = {id(result) for result in self._waiting}
        written = [result for result in back if id(result) not in waiting]
        self._lanes.written(written)
        if any(
            answer.outcome != Outcome.DELIVERED or not self._held.healthy(load.parcel.endpoint_id)
            for load, answer in written
        ):
            self._held.refresh()
        return len(written)

    def _end(self) -> int:
        self._held.withdraw_all()
        until, written = monotonic() + self._pace.drain, 0
        while not self._lanes.idle() and monotonic() < until:
            written += self._write(wait=self._pace.look)
            self._held.renew_when_due()
            if self._ending():
                until = min(until, monotonic() + self._pace.grace)
        self._held.leave()
        return written
