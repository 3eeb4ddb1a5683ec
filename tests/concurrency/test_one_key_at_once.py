"""One key from eight workers at the same moment: one effect, and seven who are told so."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from bankops.core import idempotency
from bankops.core.idempotency import Answer, Attempt, InFlight, Once, digest_of, once
from bankops.core.models import IdempotencyRecord, OutboxMessage
from bankops.core.outbox import announce
from tests.committed import Counters
from tests.concurrency.racing import execute
from tests.elsewhere import Meeting

pytestmark = pytest.mark.usefixtures("committed_db")

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
WORKERS = 8
_LOCK = "   FOR NO KEY UPDATE SKIP LOCKED\n"


def pause() -> None:
    """Do nothing, where nobody can come as far as this beside another."""


def pay(record: str) -> Answer:
    announce("test.effect", subject_id=record, payload={}, now=NOW)
    pause()
    return Answer(201, "{}", {})


def ask(key: str) -> Once:
    return once(
        attempt=Attempt("crd_1", key, digest_of("POST", "/", {}), "POST", "/"),
        effect=pay,
        refused=lambda error: Answer(error.http_status, "", {}),
        broken=lambda error: Answer(500, "", {}),
        now=NOW,
    )


def effects() -> int:
    return OutboxMessage.objects.filter(topic="test.effect").count()


def outcome(one: Once | Exception) -> str:
    if isinstance(one, Once):
        return "replayed" if one.replayed else "done"
    return "in flight" if isinstance(one, InFlight) else repr(one)


def race(rounds: int) -> Counter[str]:
    """Ask for so many keys, each from every worker at once."""
    seen: Counter[str] = Counter()
    with Counters(WORKERS) as counters:
        for number in range(rounds):
            seen.update(map(outcome, counters.at_once(*[lambda: ask(f"key-{number}")] * WORKERS)))  # noqa: B023
    return seen


def test_one_key_at_once_has_one_effect() -> None:
    seen = race(20)
    assert seen["done"] == 20
    assert seen["in flight"] + seen["replayed"] == 20 * (WORKERS - 1)
    assert effects() == 20
    assert IdempotencyRecord.objects.count() == 20
    assert set(IdempotencyRecord.objects.values_list("state", flat=True)) == {"DONE"}


@pytest.fixture
def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    assert idempotency._TAKE.count(_LOCK) == 1
    monkeypatch.setitem(globals(), "pause", Meeting(2))
    monkeypatch.setattr(idempotency, "_TAKE", idempotency._TAKE.replace(_LOCK, ""))


def test_twin_without_the_lock_the_trigger_stops_the_second(
    without_lock: None, caplog: pytest.LogCaptureFixture
) -> None:
    """All of them begin; the second answer is refused where it is written, takes its effect with it, and the first is given."""
    seen = race(1)
    assert seen["done"] == 1
    assert "has been given" in caplog.text
    assert seen["replayed"] == WORKERS - 1
    assert effects() == 1


def test_twin_without_lock_and_trigger_has_many_effects(without_lock: None) -> None:
    execute("ALTER TABLE core_idempotencyrecord DISABLE TRIGGER idempotency_fixed")
    try:
        assert race(1)["done"] > 1
        assert effects() > 1
    finally:
        execute("ALTER TABLE core_idempotencyrecord ENABLE TRIGGER idempotency_fixed")
