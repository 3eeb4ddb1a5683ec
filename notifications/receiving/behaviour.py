"""How a receiver behaves: well, or as badly as it was told to, so that a sender can be watched at it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a receiver does with a request that is in order.

    Attributes:
        answer: the status it answers with.
        retry_after: value of its `Retry-After`; none when empty.
        delay: seconds before it answers.
        hang: it never answers.
        drip: it answers a byte a second, and never comes to an end.
        cut: it closes the connection without an answer.
        every_nth: all of this only with each so-manieth request; the others are answered with 204.

    """

    answer: int = 204
    retry_after: str = ""
    delay: float = 0.0
    hang: bool = False
    drip: bool = False
    cut: bool = False
    every_nth: int = 1

    def at(self, target: str) -> Behaviour:
        """Return how it behaves at an address, whose query may say otherwise: `/hooks?answer=500&every_nth=3`.

        :raises ValueError: for a number that is none, or a status that does not exist.
        """
        told = {name: values[-1] for name, values in parse_qs(urlsplit(target).query, keep_blank_values=True).items()}
        changed = replace(
            self,
            answer=int(told.get("answer", self.answer)),
            retry_after=told.get("retry_after", self.retry_after),
            delay=float(told.get("delay", self.delay)),
            hang=self.hang or "hang" in told,
            drip=self.drip or "drip" in told,
            cut=self.cut or "cut" in told,
            every_nth=int(told.get("every_nth", self.every_nth)),
        )
        if not (200 <= changed.answer <= 599 and 0 <= changed.delay <= 3600 and changed.every_nth >= 1):
            raise ValueError("answer is 200 to 599, delay 0 to 3600 seconds, every_nth 1 or more")
        return changed

    def for_request(self, number: int) -> Behaviour:
        """Return how it behaves towards the so-manieth request at an address, from 1."""
        return self if number % self.every_nth == 0 else GOOD


GOOD = Behaviour()
