"""A request repeated under one key: one effect, one answer, whatever happens in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _

from bankops.core import clock, idempotency, tasks
from bankops.core import repeats as observing
from bankops.core.api.problems import error_of
from bankops.core.errors import BankOpsError, Busy
from bankops.core.idempotency import Answer, Attempt, InFlight, KeyReused, Once, digest_of, once
from bankops.core.models import IdempotencyRecord, IdempotencyState, OutboxMessage
from bankops.core.outbox import announce
from bankops.core.repeats import Cause, Repeat
from tests.elsewhere import beside, eventually
from tests.unchanged import refused_by_database

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
POSTED = Answer(201, '{"status":"posted"}', {"Location": "/api/v1/transfers/tr_1"}, "tr_1")


class NotThisTime(BankOpsError):
    code = "not_this_time"
    message = _("Not this time.")


def attempt(key: str = "one", *, body: object = "a", scope: str = "crd_1") -> Attempt:
    return Attempt(scope, key, digest_of("POST", "/api/v1/transfers", body), "POST", "/api/v1/transfers")


def pay(record: str) -> Answer:
    """Have an effect that can be counted."""
    announce("test.effect", subject_id=record, payload={}, now=NOW)
    return POSTED


def paying_then(error: Exception) -> Callable[[str], Answer]:
    def effect(record: str) -> Answer:
        pay(record)
        raise error

    return effect


def ask(effect: Callable[[str], Answer] = pay, *, of: Attempt | None = None, now: datetime = NOW) -> Once:
    return once(
        attempt=of or attempt(),
        effect=effect,
        refused=lambda error: Answer(error.http_status, f'{{"code":"{error.code}"}}', {}),
        broken=lambda error: Answer(500, '{"code":"internal_error"}', {}),
        now=now,
    )


def effects() -> int:
    return OutboxMessage.objects.filter(topic="test.effect").count()


def record() -> IdempotencyRecord:
    return IdempotencyRecord.objects.get()


@pytest.fixture
def repeats() -> Iterator[list[Repeat]]:
    told: list[Repeat] = []
    observing.install_observer(told.append)
    yield told
    observing._observers.remove(told.append)


def test_the_first_answer_is_given_again_to_the_byte(repeats: list[Repeat]) -> None:
    first, second = ask(), ask(now=NOW + timedelta(days=3))
    assert (first, second) == (Once(POSTED, replayed=False), Once(POSTED, replayed=True))
    assert effects() == 1
    kept = record()
    assert (kept.state, kept.replays, kept.last_replay_at) == (IdempotencyState.DONE, 1, NOW + timedelta(days=3))
    assert OutboxMessage.objects.get(topic="test.effect").subject_id == kept.public_id
    assert repeats == [Repeat(kept.public_id, "crd_1", Cause.REPLAYED, "tr_1", NOW + timedelta(days=3))]


def test_a_refusal_is_stored_and_its_effect_is_not() -> None:
    first = ask(paying_then(NotThisTime()))
    assert (first.answer.status, first.answer.body) == (422, '{"code":"not_this_time"}')
    assert ask() == Once(first.answer, replayed=True)  # although it would work now
    assert effects() == 0


def test_a_fault_is_stored_and_its_effect_is_not() -> None:
    first = ask(paying_then(ZeroDivisionError()))
    assert first.answer.status == 500
    assert ask() == Once(first.answer, replayed=True)
    assert effects() == 0


def _spoil(_record: str) -> Answer:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1/0")
    return POSTED


def test_a_fault_of_the_database_is_stored_too() -> None:
    assert ask(_spoil).answer.status == 500
    assert record().state == IdempotencyState.DONE


@pytest.mark.parametrize("passing", [Busy(), OperationalError("the server went away")])
def test_what_never_began_is_not_stored(passing: Exception) -> None:
    with pytest.raises(type(passing)):
        ask(paying_then(passing))
    assert (record().state, effects()) == (IdempotencyState.STARTED, 0)
    assert ask() == Once(POSTED, replayed=False)
    assert (record().takeovers, effects()) == (1, 1)


def test_other_content_under_the_same_key_is_refused(repeats: list[Repeat]) -> None:
    ask()
    with pytest.raises(KeyReused) as caught:
        ask(of=attempt(body="b"))
    assert (caught.value.code, caught.value.http_status) == ("idempotency_key_reused", 422)
    assert (effects(), record().replays) == (1, 0)
    assert [repeat.cause for repeat in repeats] == [Cause.OTHER_CONTENT]


def test_somebody_elses_same_key_is_another_one() -> None:
    ask()
    assert ask(of=attempt(scope="crd_2")).replayed is False
    assert effects() == 2


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ({"a": 1, "b": [2]}, {"b": [2], "a": 1}, True),
        ({"amount": "1.0"}, {"amount": 1.0}, False),
        ({"amount": "1.0"}, {"amount": "1.00"}, False),
        ({"on": True}, {"on": 1}, False),
        ({"name": "\ud800"}, {"name": "?"}, False),
    ],
)
def test_layout_does_not_make_another_request_but_types_do(left: object, right: object, same: bool) -> None:
    assert (digest_of("POST", "/a", left) == digest_of("POST", "/a", right)) is same
    assert digest_of("POST", "/a", left) != digest_of("POST", "/b", left)


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency_key_required"),
        ("", "idempotency_key_required"),
        ("a b", "idempotency_key_invalid"),
        ("é", "idempotency_key_invalid"),
        ("a\n", "idempotency_key_invalid"),
        ("a" * 256, "idempotency_key_invalid"),
    ],
)
def test_a_key_is_checked(key: str | None, code: str) -> None:
    with pytest.raises(BankOpsError) as caught:
        idempotency.acceptable_key(key)
    assert (caught.value.code, caught.value.http_status) == (code, 400)
    assert idempotency.acceptable_key("~" * 255) == "~" * 255


def test_a_key_cannot_be_claimed_inside_a_transaction() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        ask()
    assert not IdempotencyRecord.objects.exists()


def test_what_nobody_carries_on_is_settled_and_says_so(repeats: list[Repeat]) -> None:
    with pytest.raises(Busy):
        ask(paying_then(Busy()))
    assert idempotency.settle_abandoned(now=NOW + timedelta(minutes=10)) == 0
    assert idempotency.settle_abandoned(now=NOW + timedelta(minutes=11)) == 1
    assert idempotency.settle_abandoned(now=NOW + timedelta(minutes=11)) == 0
    again = ask(now=NOW + timedelta(minutes=12))
    assert (again.answer.status, again.answer.body, again.replayed) == (409, '{"code":"request_abandoned"}', True)
    assert effects() == 0
    assert [repeat.cause for repeat in repeats] == [Cause.ABANDONED, Cause.REPLAYED]


def test_keys_are_kept_31_days_and_then_go() -> None:
    ask(now=NOW - timedelta(days=40))
    ask(of=attempt("two"), now=NOW - timedelta(days=30))
    with pytest.raises(Busy):
        ask(paying_then(Busy()), of=attempt("three"), now=NOW - timedelta(days=40))
    assert idempotency.purge(now=NOW) == 1
    assert set(IdempotencyRecord.objects.values_list("key", flat=True)) == {"two", "three"}


def test_the_beat_settles_and_purges() -> None:
    with pytest.raises(Busy):
        ask(paying_then(Busy()), now=NOW - timedelta(days=400))
    tasks.settle_abandoned()
    assert record().state == IdempotencyState.ABANDONED
    tasks.purge_idempotency()
    assert not IdempotencyRecord.objects.exists()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {"core.settle_abandoned", "core.purge_idempotency"} <= scheduled


def test_what_the_database_refuses_at_the_commit_is_answered_and_leaves_nothing(committed_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE one (id int PRIMARY KEY)")
        cursor.execute("CREATE TEMP TABLE two (one int REFERENCES one DEFERRABLE INITIALLY DEFERRED)")

    def effect(key: str) -> Answer:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO two VALUES (1)")  # refused, but not now
        return pay(key)

    first, second = ask(effect), ask(effect)
    assert (first.answer, second.answer) == (Answer(500, '{"code":"internal_error"}', {}),) * 2
    assert (first.replayed, second.replayed) == (False, True)
    assert (effects(), record().state) == (0, IdempotencyState.DONE)


def test_a_worker_that_stood_still_too_long_is_taken_over(committed_db: None) -> None:
    """Suspended with its machine, say: PostgreSQL ends its connection, and nothing was done. That is no answer."""

    def effect(key: str) -> Answer:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', '50ms', true)")
        pid = connection.connection.info.backend_pid
        with beside(lambda: eventually(lambda: not lives(pid))):
            """Stand still."""
        return pay(key)

    def lives(pid: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid])
            return bool(cursor.rowcount)

    with pytest.raises(DatabaseError) as caught:
        ask(effect)
    assert getattr(caught.value.__cause__, "sqlstate", "") == "25P03"
    assert error_of(caught.value).code == "unavailable"
    assert (record().state, effects()) == (IdempotencyState.STARTED, 0)
    assert ask() == Once(POSTED, replayed=False)
    assert (record().takeovers, effects()) == (1, 1)


def test_who_only_counts_cannot_take_an_answer_away() -> None:
    def fail(_repeat: Repeat) -> None:
        raise ZeroDivisionError

    observing.install_observer(fail)
    try:
        ask()
        assert ask().answer == POSTED
    finally:
        observing._observers.remove(fail)


def change(**values: Any) -> None:
    IdempotencyRecord.objects.update(**values)


@pytest.mark.parametrize(
    "values",
    [{"scope": "crd_9"}, {"key": "x"}, {"digest": b"x" * 32}, {"method": "PUT"}, {"path": "/x"}, {"started_at": NOW}],
)
def test_the_database_keeps_what_was_asked(values: dict[str, Any]) -> None:
    ask(now=NOW - timedelta(days=1))
    with refused_by_database("what was asked under"):
        change(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"status": 422},
        {"body": ""},
        {"headers": {}},
        {"subject_id": "tr_2"},
        {"takeovers": 2},
        {"state": "STARTED", "status": None, "finished_at": None},
    ],
)
def test_the_database_keeps_the_answer(values: dict[str, Any]) -> None:
    ask()
    with refused_by_database("has been given"):
        change(**values)


def test_the_database_keeps_young_keys_and_those_in_flight() -> None:
    ask(now=clock.now() - timedelta(days=30))
    with refused_by_database("younger than 31 days"):
        IdempotencyRecord.objects.all().delete()
    with refused_by_database("append_only: TRUNCATE"), connection.cursor() as cursor:
        cursor.execute("TRUNCATE core_idempotencyrecord")


def _insert(**values: Any) -> None:
    row = {"scope": "crd_1", "key": "one", "digest": b"", "method": "POST", "path": "/", "started_at": NOW}
    IdempotencyRecord.objects.create(**{**row, "state": "STARTED", **values})


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({}, "idempotency_key_once"),
        ({"key": "two", "state": "GONE", "status": 200, "finished_at": NOW}, "idempotency_state_known"),
        ({"key": "two", "state": "DONE"}, "idempotency_done_has_answer"),
        ({"key": "two", "status": 200}, "idempotency_done_has_answer"),
    ],
)
def test_the_database_refuses_impossible_rows(values: dict[str, Any], constraint: str) -> None:
    ask()
    with refused_by_database(constraint):
        _insert(**values)


_DIES = """
import sys, os, time, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from bankops.core import idempotency
from tests.core import test_idempotency as bank

def pay_and_hang(record):
    bank.pay(record)
    print("there", flush=True)
    time.sleep(60)

if sys.argv[2] == "before the effect":
    bank.pay = lambda record: None
if sys.argv[2] == "after the answer":
    finishing = idempotency._FINISH
    idempotency._FINISH = finishing.replace("UPDATE", "WITH gone AS (UPDATE") + " RETURNING id) SELECT id FROM gone"
    prepared = idempotency.prepared
    def answered(statement, values):
        rows = prepared(statement, values)
        if "gone" in statement:
            print("there", flush=True)
            time.sleep(60)
        return rows
    idempotency.prepared = answered
    bank.ask()
else:
    bank.ask(pay_and_hang)
"""


@pytest.mark.slow
@pytest.mark.parametrize("where", ["before the effect", "in the effect", "after the answer"])
def test_killed_in_the_middle_the_next_one_carries_on(committed_db: None, where: str) -> None:
    """Kill -9 of the worker: while it lives the key is in flight, then whoever repeats the request has the effect."""
    process = subprocess.Popen(
        [sys.executable, "-c", _DIES, connection.settings_dict["NAME"], where],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "bankops.settings.test"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "there\n"
        with pytest.raises(InFlight) as caught:
            ask()
        assert (caught.value.http_status, caught.value.retry_after) == (409, 1)
        assert idempotency.settle_abandoned(now=NOW + timedelta(days=1)) == 0  # somebody is at it
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert (record().state, effects()) == (IdempotencyState.STARTED, 0)
    assert _when_the_server_has_noticed() == Once(POSTED, replayed=False)
    assert ask() == Once(POSTED, replayed=True)
    assert (effects(), record().takeovers) == (1, 1)


def _when_the_server_has_noticed() -> Once:
    """Ask as a partner is told to: the same key again while it is in flight."""
    for _again in range(1_200):
        try:
            return ask()
        except InFlight:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.05)")
    raise AssertionError("the dead worker's lock is still there")
