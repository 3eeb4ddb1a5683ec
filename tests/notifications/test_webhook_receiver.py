"""The receiver for trying things out: it verifies, knows repeats, misbehaves when told to, and says what it did."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from notifications import signing
from notifications.addresses import Rules
from notifications.carrying.http import Wire
from notifications.carrying.parcels import Answer, Parcel
from notifications.receiving.behaviour import Behaviour
from notifications.receiving.server import Arrival, receiving

SECRET = signing.new_secret()
BODY = b'{"type":"transactions.transfer.posted","subject":"tr_1","sequence":1}'


def send(url: str, event_id: str = "evt_1", *, secret: str = SECRET, timeout: float = 30) -> Answer:
    wire = Wire(by=Rules(https_only=False, loopback=True))
    try:
        return wire.send(Parcel(uuid4(), uuid4(), url, BODY, event_id, (secret,), timeout))
    finally:
        wire.close()


def test_it_knows_what_is_new_what_is_a_repeat_and_what_nobody_signed() -> None:
    told: list[Arrival] = []
    with receiving(secrets=[SECRET], tell=told.append) as receiver:
        url = receiver.url("/bank")
        answers = [send(url).status, send(url).status, send(url, secret=signing.new_secret()).status]
    assert answers == [204, 204, 401]
    assert [(arrival.repeat, bool(arrival.refused)) for arrival in told] == [
        (False, False),
        (True, False),
        (False, True),
    ]
    assert told[1].as_line().endswith("/bank evt_1 transactions.transfer.posted tr_1 #1 repeat -> 204")
    assert receiver.seen == {"/bank": {"evt_1": 2}}


def test_what_it_answered_with_an_error_is_new_when_it_comes_again() -> None:
    told: list[Arrival] = []
    with receiving(behaviour=Behaviour(answer=500, every_nth=2), tell=told.append) as receiver:
        statuses = [send(receiver.url(), event).status for event in ("evt_1", "evt_2", "evt_2")]
    assert statuses == [204, 500, 204]
    assert [arrival.repeat for arrival in told] == [False, False, False]


def test_what_it_takes_it_has_remembered_before_it_answers() -> None:
    """While it tells of an event nobody has its answer: it remembered that before."""
    answered, answered_before = threading.Event(), []
    with receiving(tell=lambda _arrival: answered_before.append(answered.wait(0.5))) as receiver:
        assert send(receiver.url("/bank")).status == 204
        answered.set()
        assert receiver.taken == {"/bank": {"evt_1": None}}
    assert answered_before == [False]


@pytest.mark.parametrize(
    ("query", "outcome", "status"),
    [
        ("answer=410", "REFUSED", 410),
        ("answer=429&retry_after=7", "REFUSED", 429),
        ("answer=302", "REFUSED", 302),
        ("delay=0.1", "DELIVERED", 204),
        ("delay=3", "TIMED_OUT", None),
        ("hang", "TIMED_OUT", None),
        ("drip", "TIMED_OUT", None),
        ("cut", "BROKEN_ANSWER", None),
        ("answer=999", "REFUSED", 404),
        ("answer=soon", "REFUSED", 404),
    ],
)
def test_an_address_can_say_how_to_behave(query: str, outcome: str, status: int | None) -> None:
    with receiving() as receiver:
        answer = send(receiver.url(f"/bank?{query}"), timeout=1 if outcome == "TIMED_OUT" else 30)
    assert (answer.outcome, answer.status) == (outcome, status)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"answer": 99}, "200 to 599"),
        ({"every_nth": 0}, "every_nth"),
        ({"delay": -1.0}, "delay"),
        ({"secret": ["whsec_"]}, "empty"),
        ({"secret": ["not base64!"]}, "base64"),
    ],
)
def test_options_that_do_not_work_are_refused(options: dict[str, Any], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        call_command("webhook_receiver", port=0, **options)


def started(*options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "webhook_receiver", "--port", "0", *options],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "bankops.settings.test", "WEBHOOK_SECRET": SECRET},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(("options", "status"), [((), 204), (("--answer", "503", "--retry-after", "9"), 503)])
def test_the_command(options: Sequence[str], status: int) -> None:
    process = started(*options)
    try:
        assert process.stdout
        listening = process.stdout.readline()
        address = re.search(r"http://\S+/", listening)
        assert address, listening
        assert "signatures are verified" in listening
        assert send(address[0]).status == status
        assert (
            process.stdout.readline().rstrip().endswith(f"evt_1 transactions.transfer.posted tr_1 #1 new -> {status}")
        )
    finally:
        process.kill()
        process.wait()
