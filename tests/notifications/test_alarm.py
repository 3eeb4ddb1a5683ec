"""A real worker hears of what is announced, with nothing but PostgreSQL to tell it; Redis may forget what it likes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import redis
from django.conf import settings
from django.db import connection, transaction

from bankops import alarm
from bankops.celery import app
from bankops.core import clock, outbox
from bankops.drill.run import address_of
from notifications.models import Delivery, DeliveryState
from tests.elsewhere import LONG
from tests.notifications.carried import announce
from tests.notifications.factories import make_endpoint
from tests.notifications.receiver import Receiver

pytestmark = pytest.mark.django_db

SCHEDULE = {"notifications.carry": 2, "notifications.give_up": 60, "notifications.drop_old_answers": 3600}


def test_every_task_is_known_and_on_the_schedule() -> None:
    app.loader.import_default_modules()
    schedule: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    scheduled = {entry["task"]: (entry["schedule"], entry["options"]["expires"]) for entry in schedule.values()}
    for name, seconds in SCHEDULE.items():
        assert scheduled[name] == (seconds, seconds)
    assert set(SCHEDULE) <= set(app.tasks)
    assert alarm.TASK in app.tasks
    assert settings.CELERY_TASK_ROUTES == {alarm.TASK: {"queue": alarm.QUEUE}}


def heard(listening: psycopg.Connection[Any], expected: int) -> int:
    """Return how often it was said: the expected is waited for, what goes beyond that for a moment."""
    first = list(listening.notifies(timeout=LONG, stop_after=expected)) if expected else []
    return len(first) + len(list(listening.notifies(timeout=0.3)))


@pytest.fixture
def listening(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection[Any]]:
    monkeypatch.setattr(outbox._Alarm, "rung_at", 0.0)
    with alarm.own_connection() as mine:
        mine.execute(f"LISTEN {outbox.CHANNEL}")
        yield mine


def tell(count: int = 1) -> None:
    for _each in range(count):
        outbox.announce("tests.key.turned", subject_id="v", payload={}, now=clock.now())


def taken_back() -> None:
    with transaction.atomic():
        tell()
        transaction.set_rollback(True)


def test_a_transaction_that_announces_is_heard_of_once_after_its_commit(
    listening: psycopg.Connection[Any],
) -> None:
    with transaction.atomic():
        tell(3)
        assert heard(listening, 0) == 0
    assert heard(listening, 1) == 1


def test_what_is_taken_back_is_not_heard_of(listening: psycopg.Connection[Any]) -> None:
    taken_back()
    with transaction.atomic():
        taken_back()
    assert heard(listening, 0) == 0


def test_what_is_announced_after_a_savepoint_that_was_taken_back_is_heard_of(
    listening: psycopg.Connection[Any],
) -> None:
    with transaction.atomic():
        taken_back()
        tell()
    assert heard(listening, 1) == 1


@pytest.mark.parametrize(("seconds", "hints"), [(3600, 1), (0, 20)])
def test_many_announcements_in_a_moment_are_one_hint(
    listening: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch, seconds: float, hints: int
) -> None:
    monkeypatch.setattr(outbox, "_QUIET_SECONDS", seconds)
    monkeypatch.setattr(outbox._Alarm, "rung_at", -seconds)
    for _each in range(20):
        with transaction.atomic():
            tell()
    assert heard(listening, hints) == hints


@pytest.fixture
def worker(committed_db: None) -> Iterator[subprocess.Popen[bytes]]:
    """A sender's worker as docs/operations.md has it, on the test's own database and Redis."""
    name = connection.settings_dict["NAME"]
    command = [sys.executable, "-m", "celery", "-A", "bankops", "worker", "--queues", "notifications"]
    command += ["--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    process = subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "bankops.settings.test", "DATABASE_URL": address_of(name)},
    )
    eventually(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'bankops outbox alarm' AND datname = %s", name
    )
    yield process
    process.terminate()
    assert process.wait(timeout=120) == 0


def eventually(question: str, *told: str, seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while True:
        with connection.cursor() as cursor:
            cursor.execute(question, told)
            if cursor.fetchone()[0]:
                return
        assert time.monotonic() < until, question
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_worker_hears_of_announcements_and_needs_nothing_that_redis_remembers(
    receiver: Receiver, worker: subprocess.Popen[bytes]
) -> None:
    endpoint = make_endpoint(url=receiver.url())
    announce(endpoint.partner)
    receiver.wait_for(1)

    # when everything that Redis knew is gone, the worker's queue among it
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
    time.sleep(2.5)  # the loop of before is over
    announce(endpoint.partner, 3)
    receiver.wait_for(4)
    eventually("SELECT count(*) = 4 FROM notifications_delivery WHERE state = 'DELIVERED'")
    assert Delivery.objects.filter(state=DeliveryState.DELIVERED).count() == 4
    assert len(set(receiver.ids())) == 4
