"""A receiver in a process of its own that writes down what came, one JSON object a line, for drills and measurements.

Run as `python -m notifications.receiving.recorder PORT FILE SECRET [--behave]`.
"""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from notifications.receiving.server import Arrival, Receiver


@dataclass(frozen=True, slots=True)
class Record:
    """An arrival, as far as anybody judges by it.

    Attributes:
        at: seconds since 1970.
        answered: the status; 0 for none.
        digest: of what the event says: the same at every attempt.

    """

    at: float
    path: str
    event_id: str
    refused: str
    answered: int
    subject: str
    sequence: int
    digest: str


def record_of(arrival: Arrival) -> Record:
    """Return what is written down of an arrival."""
    event = arrival.event
    return Record(
        at=arrival.at,
        path=arrival.path,
        event_id=arrival.event_id,
        refused=arrival.refused,
        answered=arrival.answered,
        subject=str(event.get("subject", "")),
        sequence=int(event.get("sequence", 0)),
        digest=sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()[:16],
    )


def main(port: int, path: Path, secret: str, *, behaves: bool) -> None:
    """Receive until the process is ended; print the port first."""
    with path.open("a", buffering=1) as log:
        receiver = Receiver(
            port=port,
            secrets=[secret],
            ignore_queries=behaves,
            tell=lambda arrival: log.write(json.dumps(asdict(record_of(arrival))) + "\n"),
        )
        print(receiver.server_port, flush=True)  # noqa: T201 - whoever started it reads it
        receiver.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(0))
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], behaves="--behave" in sys.argv[4:])
