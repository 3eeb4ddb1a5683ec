"""The partners' receivers, in processes of their own, and what came to them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from notifications.receiving.recorder import Record


@dataclass(slots=True)
class ReceiverProcess:
    """A process that receives at one port, well or badly, and writes down what came."""

    log: Path
    secret: str
    port: int = 0
    process: subprocess.Popen[str] | None = None

    def start(self, *, behaves: bool) -> None:
        """Start it, at the same port as before.

        :param behaves: whatever the addresses say.
        """
        command = [sys.executable, "-m", "notifications.receiving.recorder", str(self.port), str(self.log), self.secret]
        self.process = subprocess.Popen(
            [*command, *(["--behave"] if behaves else [])], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("a receiver of the drill does not start")
        self.port = int(line)

    def stop(self) -> None:
        """End it; what it wrote down stays."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=30)
            self.process = None


@contextmanager
def receiver_processes(directory: Path, *names: str, secret: str) -> Iterator[Sequence[ReceiverProcess]]:
    """Yield receivers of these names, which are not started yet, and end them with the block."""
    made = [ReceiverProcess(directory / name, secret) for name in names]
    try:
        yield made
    finally:
        for each in made:
            each.stop()


def records(made: Sequence[ReceiverProcess]) -> list[Record]:
    """Return what came to all of them."""
    found = []
    for each in made:
        lines = each.log.read_text().splitlines() if each.log.exists() else []
        found += [Record(**json.loads(line)) for line in lines]
    return found
