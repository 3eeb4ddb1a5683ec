"""The receiver of docs/webhooks.md runs as it stands there: it verifies, takes each event once, and knows what is newer."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from notifications import signing
from notifications.addresses import Rules
from notifications.carrying.http import Wire
from notifications.carrying.parcels import Parcel
from notifications.models import Outcome

PAGE = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"
SECRET = signing.new_secret()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


@pytest.fixture
def address(database: Path) -> Iterator[str]:
    """Run the program as it stands on the page, in a process that knows nothing of ours; yield where it listens."""
    [program] = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    known = {"PATH": os.environ["PATH"], "WEBHOOK_SECRET": SECRET, "DATABASE": str(database), "PORT": "0"}
    process = subprocess.Popen([sys.executable, "-c", program], env=known, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    port = process.stdout.readline().split()[-1]
    yield f"http://127.0.0.1:{port}/bank"
    process.kill()
    process.wait()


def send(address: str, event_id: str, sequence: int, type_: str, *, secrets: tuple[str, ...] = (SECRET,)) -> int | None:
    body = json.dumps({"id": event_id, "type": type_, "subject": "tr_1", "sequence": sequence}).encode()
    wire = Wire(by=Rules(https_only=False, loopback=True))
    answer = wire.send(Parcel(uuid4(), uuid4(), address, body, event_id, secrets, 10))
    wire.close()
    assert answer.outcome == (Outcome.DELIVERED if answer.status == 204 else Outcome.REFUSED), answer.error
    return answer.status


def taken(database: Path) -> tuple[list[str], list[tuple[str, int, str]]]:
    with sqlite3.connect(database) as connection:
        ids = [row[0] for row in connection.execute("SELECT webhook_id FROM event ORDER BY webhook_id")]
        return ids, connection.execute("SELECT * FROM newest").fetchall()


def test_each_event_is_taken_once_and_the_newest_counts(address: str, database: Path) -> None:
    assert [send(address, "evt_2", 2, "posted") for _time in range(3)] == [204, 204, 204]
    assert send(address, "evt_1", 1, "held") == 204
    assert taken(database) == (["evt_1", "evt_2"], [("tr_1", 2, "posted")])


def test_what_the_bank_did_not_sign_is_not_taken(address: str, database: Path) -> None:
    assert send(address, "evt_1", 1, "posted", secrets=(signing.new_secret(),)) == 401
    assert taken(database) == ([], [])


def test_one_of_two_signatures_is_enough(address: str, database: Path) -> None:
    assert send(address, "evt_1", 1, "posted", secrets=(signing.new_secret(), SECRET)) == 204
    assert taken(database)[0] == ["evt_1"]
