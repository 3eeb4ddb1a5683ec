"""The frame in which the product's story is told: one step after another, each held or not.

The steps belong to the apps and are put in order at the composition root (``bankops.story``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

World = TypeVar("World")


@dataclass(frozen=True, slots=True)
class Step(Generic[World]):
    """One thing that must hold.

    :param sentence: what is tried, for the reader.
    :param act: does it, raises whatever when it did not hold, and may return a detail worth telling.
    """

    sentence: str
    act: Callable[[World], str | None]


def play(steps: Sequence[Step[World]], world: World, *, say: Callable[[str], None] = print) -> int:
    """Play the steps in order up to the first that does not hold. Return the exit status: 0 when all held."""
    for number, step in enumerate(steps, start=1):
        started = time.monotonic()
        try:
            detail = step.act(world)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in a step is what this is here to report
            say(f"✗ {step.sentence}{_elapsed(started)}")
            say(f"  {type(error).__name__}: {error}")
            say(f"  {number - 1} of {len(steps)} steps held.")
            return 1
        say(f"✓ {step.sentence}{f': {detail}' if detail else ''}{_elapsed(started)}")
    return 0


def _elapsed(started: float) -> str:
    return f"  ({(time.monotonic() - started) * 1000:.0f} ms)"
