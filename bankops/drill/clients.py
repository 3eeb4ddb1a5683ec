"""The clients of a drill, side by side, and what they were told."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO

from bankops.drill.client import Told
from bankops.drill.plan import Attempt
from bankops.drill.system import System


@dataclass(frozen=True, slots=True)
class Answered:
    """What all clients together were told.

    Attributes:
        told: of every attempt, what it came to.
        seen: how often each status was answered, and connections broke, on the way.

    """

    told: list[Told] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)


def attempt_all(shares: Sequence[Sequence[Attempt]], *, netloc: str, systems: Sequence[System]) -> Answered:
    """Have one process for each share make its attempts, all at the same time, and wait for them.

    :param systems: which each attempt is made from: it names its own by place.
    :raises RuntimeError: when one of them fails.
    """
    answered = Answered()
    with ExitStack() as stack:
        running = [_started(share, netloc, systems, stack) for share in shares]
        for process, output in running:
            if process.wait():
                raise RuntimeError("a client of the drill failed")
            _read(output, answered)
    return answered


def _started(
    share: Sequence[Attempt], netloc: str, systems: Sequence[System], stack: ExitStack
) -> tuple[subprocess.Popen[str], IO[str]]:
    output = stack.enter_context(tempfile.TemporaryFile("w+"))  # noqa: SIM115 - the stack closes it
    process = stack.enter_context(
        subprocess.Popen(
            [sys.executable, "-m", "bankops.drill.client"], stdin=subprocess.PIPE, stdout=output, text=True
        )
    )
    stack.callback(process.kill)
    assert process.stdin
    attempts = [(attempt.payment.number, attempt.system, attempt.key, attempt.body()) for attempt in share]
    signs_in = [(system.client_id, system.secret) for system in systems]
    asked = {"netloc": netloc, "systems": signs_in, "attempts": attempts}
    with process.stdin:
        json.dump(asked, process.stdin)
    return process, output


def _read(output: IO[str], answered: Answered) -> None:
    output.seek(0)
    *lines, seen = output.read().splitlines()
    answered.told.extend(Told(**json.loads(line)) for line in lines)
    answered.seen.update(json.loads(seen))
