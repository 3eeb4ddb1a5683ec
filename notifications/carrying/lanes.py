"""Threads that send, and nothing else: what they are given and what they bring back passes through memory, not the database."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Lock
from time import monotonic
from uuid import UUID

from notifications.carrying.claims import Load
from notifications.carrying.parcels import Answer, Sender

Result = tuple[Load, Answer]
_GATHER_MAX = 500


@dataclass(slots=True)
class Lane:
    """One endpoint's share of the threads: what waits for it, since when its requests are in the air, and how many are back.

    What is back counts until it is written down: until then it is marked as being sent.
    """

    at_once: int = 0
    waiting: deque[Load] = field(default_factory=deque)
    in_the_air: dict[int, float] = field(default_factory=dict)  # by the load itself: one delivery may be sent twice
    back: int = 0


class Lanes:
    """So many threads for all endpoints together. Never are more busy with one of them than it was allowed.

    :param sender: called from all of the threads at once.
    :param count: how many threads there are; whoever allows lanes keeps the sum of what is allowed within it.
    """

    def __init__(self, sender: Sender, count: int) -> None:
        self.count = count
        self._sender = sender
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="webhook")
        self._lanes: dict[UUID, Lane] = {}
        self._lock = Lock()
        self._results: SimpleQueue[Result] = SimpleQueue()

    def allow(self, endpoint_id: UUID, at_once: int) -> None:
        """Let so many requests at once go to an endpoint; when it were more, those in the air still end."""
        with self._lock:
            lane = self._lanes.setdefault(endpoint_id, Lane())
            lane.at_once = at_once
            self._fill(endpoint_id, lane)

    def put(self, loads: Sequence[Load]) -> None:
        """Have loads sent, those of one endpoint in this order, as far as its lanes are free."""
        with self._lock:
            for load in loads:
                self._lanes[load.parcel.endpoint_id].waiting.append(load)
            for endpoint_id in {load.parcel.endpoint_id for load in loads}:
                self._fill(endpoint_id, self._lanes[endpoint_id])

    def allowed(self, endpoint_id: UUID) -> int:
        """Return how many requests at once may go to an endpoint."""
        lane = self._lanes.get(endpoint_id)
        return lane.at_once if lane else 0

    def withdraw(self, endpoint_id: UUID) -> list[Load]:
        """Return what waits for an endpoint and has not been sent; it will not be."""
        with self._lock:
            lane = self._lanes.get(endpoint_id)
            if lane is None:
                return []
            waiting = list(lane.waiting)
            lane.waiting.clear()
            return waiting

    def forget(self, endpoint_id: UUID) -> None:
        """Close an endpoint's lane, in which nothing waits; what is in the air still ends, and counts when it is opened again."""
        with self._lock:
            lane = self._lanes.get(endpoint_id)
            if lane is not None and (lane.in_the_air or lane.back):
                lane.at_once = 0
            elif lane is not None:
                del self._lanes[endpoint_id]

    def in_hand(self, endpoint_id: UUID) -> int:
        """Return how many deliveries are marked as being sent: they wait, are in the air, or are back and not written down."""
        with self._lock:
            lane = self._lanes.get(endpoint_id)
            return len(lane.waiting) + len(lane.in_the_air) + lane.back if lane else 0

    def in_the_air(self, endpoint_id: UUID) -> int:
        """Return how many requests an endpoint has not answered yet."""
        lane = self._lanes.get(endpoint_id)
        return len(lane.in_the_air) if lane else 0

    def slowest(self, endpoint_id: UUID) -> float:
        """Return for how many seconds an endpoint's oldest request has been in the air; 0 when there is none."""
        with self._lock:
            lane = self._lanes.get(endpoint_id)
            return monotonic() - min(lane.in_the_air.values()) if lane and lane.in_the_air else 0.0

    def idle(self) -> bool:
        """Tell whether nothing waits, nothing is in the air and everything that is back is written down."""
        with self._lock:
            return not any(lane.waiting or lane.in_the_air or lane.back for lane in self._lanes.values())

    def results(self, *, wait: float, gather: float = 0.0) -> list[Result]:
        """Return what has come back, after waiting up to `wait` seconds for the first and `gather` more for others."""
        found: list[Result] = []
        with suppress(Empty):
            found.append(self._results.get(timeout=wait))
            until = monotonic() + gather
            while len(found) < _GATHER_MAX:
                found.append(self._results.get(timeout=max(until - monotonic(), 0.0)))
        return found

    def written(self, results: Sequence[Result]) -> None:
        """Take note that these are written down."""
        with self._lock:
            for load, _answer in results:
                self._lanes[load.parcel.endpoint_id].back -= 1

    def close(self) -> None:
        """Let the threads end when what is in the air has; do not wait for them. What waits is not sent."""
        with self._lock:
            for lane in self._lanes.values():
                lane.waiting.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _fill(self, endpoint_id: UUID, lane: Lane) -> None:
        """Start as many threads as there are free lanes and loads, under the lock."""
        while lane.waiting and len(lane.in_the_air) < lane.at_once:
            self._threads.submit(self._send_on, endpoint_id, self._next(lane))

    def _next(self, lane: Lane) -> Load:
        load = lane.waiting.popleft()
        lane.in_the_air[id(load)] = monotonic()
        return load

    def _send_on(self, endpoint_id: UUID, first: Load) -> None:
        """Send one load after the other in this lane, until nothing waits or it is allowed no more."""
        load: Load | None = first
        while load is not None:
            answer = self._sender.send(load.parcel)
            with self._lock:
                self._results.put((load, answer))
                lane = self._lanes[endpoint_id]
                lane.back += 1
                del lane.in_the_air[id(load)]
                load = self._next(lane) if lane.waiting and len(lane.in_the_air) < lane.at_once else None
