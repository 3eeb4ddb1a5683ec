"""The endpoints that a process sends to at the moment, and how it shares its lanes out among them.

What keeps one endpoint from delaying another: it has few lanes, only one until it has proven itself, and no more while a
request of its own hangs; those that are not healthy have half of all lanes at most; and what hangs is not counted among the
lanes, there are threads to spare for it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from datetime import datetime
from time import monotonic
from uuid import UUID

from notifications import breaker
from notifications.carrying import claims, leases
from notifications.carrying.lanes import Lanes
from notifications.carrying.leases import Lease
from notifications.carrying.pace import Pace

_TAKEN_AT_ONCE = 8  # so that processes that begin together share endpoints out
_LANES_USUAL = 4


class Holdings:
    """Leases under one token, and the lanes of their endpoints."""

    def __init__(self, token: UUID, lanes: Lanes, pace: Pace, now: Callable[[], datetime]) -> None:
        self._token, self._lanes, self._pace, self._now = token, lanes, pace, now
        self._by = f"{socket.gethostname()[:50]}:{os.getpid()}"
        self._leases: dict[UUID, Lease] = {}
        self._since: dict[UUID, float] = {}  # leased endpoints, since when
        self._busy: dict[UUID, float] = {}  # and when there was last something to do for them
        self._free = self._free_doubtful = 0
        self._refreshed = 0.0
        self.looked_at = 0.0  # when anything due was last looked for, as `monotonic` counts
        self._renewed = monotonic()

    def __bool__(self) -> bool:
        return bool(self._since)

    def look_after(self, *, at_once: bool, only_proven: bool) -> None:
        """Renew leases, take others while there are free lanes, see how the endpoints are, and share the lanes out.

        :param at_once: there is something new; it is looked for without waiting.
        :param only_proven: take no endpoint whose last result was not a success: it may hang.
        """
        tick = monotonic()
        self.renew_when_due()
        if at_once or tick - self.looked_at > self._pace.look:
            self.looked_at = tick
            self._take(only_proven=only_proven)
        if tick - self._refreshed > self._pace.refresh:
            self.refresh()
        self._allot()

    def renew_when_due(self) -> None:
        """Let the leases stand for longer."""
        if monotonic() - self._renewed > self._pace.renew:
            leases.renew(self._token, now=self._now())
            self._renewed = monotonic()

    def refresh(self) -> None:
        """Look again at what is leased: its terms may have changed, and a lease that nobody renewed in time is lost."""
        self._refreshed = monotonic()
        found = leases.held(self._token, list(self._since), now=self._now())
        self._leases = {lease.endpoint_id: lease for lease in found}
        for endpoint_id in self._since.keys() - self._leases.keys():
            self._lanes.withdraw(endpoint_id)  # its new holder has them back already
            self._drop(endpoint_id)

    def healthy(self, endpoint_id: UUID) -> bool:
        """Tell whether an endpoint is leased and was healthy when it was last looked at."""
        lease = self._leases.get(endpoint_id)
        return lease is not None and lease.healthy

    def rooms(self) -> Iterator[tuple[Lease, int]]:
        """Yield for how many deliveries each endpoint has room, where it has any."""
        for lease in self._leases.values():
            room = self._depth(lease) - self._lanes.in_hand(lease.endpoint_id)
            if room > 0:
                yield lease, room

    def give_back(self) -> None:
        """Give back leases under which there is nothing to do, or nothing may be done."""
        tick, done = monotonic(), []
        for endpoint_id, lease in self._leases.items():
            goes_on = self._may_go_on(lease)
            if not goes_on:
                self._withdraw(endpoint_id)
            if self._lanes.in_hand(endpoint_id):
                self._busy[endpoint_id] = tick
            elif not goes_on or tick - self._busy[endpoint_id] > self._pace.linger:
                done.append(endpoint_id)
        self._release(done)

    def withdraw_all(self) -> None:
        """Send nothing more: put back what has not been sent."""
        for endpoint_id in self._leases:
            self._withdraw(endpoint_id)

    def leave(self) -> None:
        """Give every lease back; what is still in the air is recorded as interrupted."""
        cut_off = [endpoint_id for endpoint_id in self._leases if self._lanes.in_the_air(endpoint_id)]
        if cut_off:
            leases.cut_off(self._token, cut_off, now=self._now())
        self._release(list(self._leases))

    def _take(self, *, only_proven: bool) -> None:
        self._allot()
        places = {True: -(-self._free // _LANES_USUAL), False: 0 if only_proven else self._free_doubtful}
        for proven, limit in places.items():
            if limit <= 0:
                continue
            most = min(limit, _TAKEN_AT_ONCE)
            taken = leases.take(self._token, by=self._by, proven=proven, limit=most, now=self._now())
            if taken:
                self._since |= dict.fromkeys(taken, monotonic())
                self._busy |= dict.fromkeys(taken, monotonic())
                self._refreshed = 0.0

    def _allot(self) -> None:
        """Share the lanes out."""
        hanging = sum(self._lanes.in_the_air(key) for key in self._leases if self._hangs(key))
        threads = self._pace.lanes + self._pace.hanging - hanging
        self._free = max(min(self._pace.lanes, threads), 0)
        # However many hang, as many threads as there are lanes are left to those that are healthy.
        self._free_doubtful = min(self._free // 2, max(threads - 2 * self._pace.lanes, 0))
        for lease in self._leases.values():
            at_once = self._share(lease)
            self._lanes.allow(lease.endpoint_id, at_once)
            self._free -= at_once
            self._free_doubtful -= 0 if lease.healthy else at_once
        self._free_doubtful = min(self._free, self._free_doubtful)

    def _share(self, lease: Lease) -> int:
        if not self._sendable(lease) or self._hangs(lease.endpoint_id):
            return 0
        return min(lease.max_in_flight, self._free) if lease.healthy else min(1, self._free_doubtful)

    def _depth(self, lease: Lease) -> int:
        """Return how many deliveries of an endpoint's are to be in hand."""
        if not self._may_go_on(lease):
            return 0
        depth = self._lanes.allowed(lease.endpoint_id) * (self._pace.depth if lease.healthy else 1)
        allowed = breaker.allowance(lease.standing, self._now())
        return depth if allowed is None else min(depth, allowed)

    def _sendable(self, lease: Lease) -> bool:
        return lease.sendable and breaker.allowance(lease.standing, self._now()) != 0

    def _may_go_on(self, lease: Lease) -> bool:
        waited_for = self._free <= 0 and monotonic() - self._since[lease.endpoint_id] > self._pace.slice
        return self._sendable(lease) and not waited_for

    def _hangs(self, endpoint_id: UUID) -> bool:
        return self._lanes.slowest(endpoint_id) > self._pace.slow_after

    def _withdraw(self, endpoint_id: UUID) -> None:
        if unsent := self._lanes.withdraw(endpoint_id):
            claims.put_back(self._token, unsent)

    def _release(self, endpoints: list[UUID]) -> None:
        locked = leases.release(self._token, endpoints) if endpoints else set()
        for endpoint_id in endpoints:
            if endpoint_id not in locked:  # those are given back another time
                self._drop(endpoint_id)

    def _drop(self, endpoint_id: UUID) -> None:
        self._leases.pop(endpoint_id, None)
        self._lanes.forget(endpoint_id)
        del self._since[endpoint_id], self._busy[endpoint_id]
