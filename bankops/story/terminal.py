"""The partner's receiver of webhooks, as the story needs one: it can be down, and remembers what came."""

from __future__ import annotations

import threading

from notifications.receiving.behaviour import GOOD, Behaviour
from notifications.receiving.server import Arrival, Receiver


class Terminal(Receiver):
    """A receiver in a thread of its own, from the start until it is closed."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.down = False
        super().__init__(tell=self.arrivals.append, ignore_queries=True)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def behaviour_for(self, path: str, target: str) -> Behaviour:
        return Behaviour(cut=True) if self.down else GOOD

    def heard(self, subject: str, kind: str) -> list[Arrival]:
        """Return the requests about something, of one type, that it took in or would have."""
        return [
            each for each in self.arrivals if (each.event.get("subject"), each.event.get("type")) == (subject, kind)
        ]
