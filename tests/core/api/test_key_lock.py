"""The lock in front of a key saves work. Held, lost, forgotten or not to be asked for, it changes nothing about the effect."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.test import Client
from pytest_django.fixtures import Settings

from bankops.core import key_lock, rate_limit
from bankops.core.key_lock import lock_on
from bankops.core.models import IdempotencyRecord, OutboxMessage
from bankops.core.rate_limit import Limit, Limiter
from tests.committed import Counters
from tests.core.own_redis import Server
from tests.elsewhere import eventually
from tests.patience import HANGS

WORKERS = 8
LIMIT = Limit(per_second=1_000, burst=1_000)
NOTES = "/api/test/notes"
over_http = [pytest.mark.usefixtures("committed_db", "callers"), pytest.mark.urls("tests.core.api.resources")]


@pytest.fixture
def callers(settings: Settings) -> None:
    settings.BANKOPS_API_AUTHENTICATION = "tests.core.api.resources.authenticate"


@pytest.fixture
def limiter(server: Server, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Limiter:
    """Let the product ask the test's own Redis, where a lock lasts for as long as any test."""
    if "hang" in request.node.name:
        monkeypatch.setattr(rate_limit, "_PATIENCE_SECONDS", HANGS)
    monkeypatch.setattr(rate_limit, "LASTS_MS", 600_000)
    limiter = Limiter(server.url)
    monkeypatch.setattr(rate_limit, "_shared", lambda: limiter)
    return limiter


def post(key: str, title: str = "Invoice 118") -> Any:
    body = json.dumps({"title": title, "amount": "12.50", "currency": "CNY"})
    headers = {"Authorization": "Bearer both", "Idempotency-Key": key}
    return Client().post(NOTES, body, content_type="application/json", headers=headers)


def effects() -> int:
    return OutboxMessage.objects.count()


def locks(server: Server) -> int:
    with redis.Redis.from_url(server.url) as client:
        return len(client.keys("idem:*"))


# -- The lock itself -----------------------------------------------------------------------------------------------------


def test_one_holds_it_until_it_lets_go(server: Server) -> None:
    limiter, mine, yours = Limiter(server.url), lock_on("crd_1", "k"), lock_on("crd_1", "k")
    first = limiter.spend("li", LIMIT, 5, lock=mine)
    assert (first.allowed, first.left, first.locked) == (True, 995, True)
    assert limiter.spend("li", LIMIT, 5, lock=yours).locked is False
    limiter.release(yours)  # which is not the holder's
    assert limiter.spend("li", LIMIT, 5, lock=yours).locked is False
    limiter.release(mine)
    assert limiter.spend("li", LIMIT, 5, lock=yours).locked is True
    assert limiter.spend("li", LIMIT, 5, lock=lock_on("crd_2", "k")).locked is True
    assert limiter.spend("li", LIMIT, 5).locked is None


def test_a_worker_that_died_keeps_its_heir_waiting_no_longer_than_it_lasts(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert key_lock.LASTS_MS <= 2_000
    limiter, lasts = Limiter(server.url), 600_000
    monkeypatch.setattr(rate_limit, "LASTS_MS", lasts)
    assert limiter.spend("li", LIMIT, 5, lock=lock_on("crd_1", "k")).locked
    assert not limiter.spend("li", LIMIT, 5, lock=lock_on("crd_1", "k")).locked
    with redis.Redis.from_url(server.url) as client:
        (held,) = client.keys("idem:*")
        assert 0 < client.pttl(held) <= lasts
        client.pexpire(held, 1)  # its time is over
    eventually(lambda: limiter.spend("li", LIMIT, 5, lock=lock_on("crd_1", "k")).locked)


def test_a_redis_that_forgot_the_script_still_counts_and_locks(server: Server) -> None:
    limiter = Limiter(server.url)
    limiter.spend("li", LIMIT, 5)
    with redis.Redis.from_url(server.url) as client:
        client.script_flush()
    told = limiter.spend("li", LIMIT, 5, lock=lock_on("crd_1", "k"))
    assert (told.locked, told.left >= 990) == (True, True)


@pytest.mark.parametrize("harm", [Server.kill, Server.hang])
def test_without_redis_nobody_knows_and_nobody_waits(
    server: Server, harm: Callable[[Server], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limit, "_PATIENCE_SECONDS", HANGS)
    limiter = Limiter(server.url)
    limiter.spend("li", LIMIT, 5)
    harm(server)
    started = time.monotonic()
    for _time in range(100):
        lock = lock_on("crd_1", "k")
        assert limiter.spend("li", LIMIT, 5, lock=lock).locked is None
        limiter.release(lock)
    assert time.monotonic() - started < 200 * HANGS / 3


# -- In front of a request -----------------------------------------------------------------------------------------------


class TestOverHttp:
    pytestmark = over_http

    def test_who_comes_while_it_is_held_is_told_so_and_begins_nothing(self, server: Server, limiter: Limiter) -> None:
        held = lock_on("crd_both", "k1")
        limiter.spend("li", LIMIT, 5, lock=held)
        answer = post("k1")
        assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (409, "request_in_flight", "1")
        assert not IdempotencyRecord.objects.exists()
        limiter.release(held)
        assert post("k1").status_code == 201

    def test_what_is_answered_is_told_again_although_it_is_held(self, server: Server, limiter: Limiter) -> None:
        first = post("k1")
        limiter.spend("li", LIMIT, 5, lock=lock_on("crd_both", "k1"))
        again = post("k1")
        assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
        assert post("k1", "another").json()["code"] == "idempotency_key_reused"
        assert IdempotencyRecord.objects.get().replays == 1

    def test_it_is_let_go_of_with_every_answer(self, server: Server, limiter: Limiter) -> None:
        statuses = [post("k1", "").status_code, post("k1").status_code, post("k1").status_code, post("k 1").status_code]
        assert statuses == [422, 201, 201, 400]
        assert locks(server) == 0

    @pytest.mark.parametrize("harm", [None, Server.kill, Server.hang, Server.forget])
    def test_eight_at_once_have_one_effect(
        self, server: Server, limiter: Limiter, harm: Callable[[Server], None] | None
    ) -> None:
        seen: Counter[int | Exception] = Counter()
        with Counters(WORKERS) as counters:
            for number in range(5):
                if harm:
                    harm(server)
                calls = [lambda: post(f"k{number}").status_code] * WORKERS  # noqa: B023
                seen.update(counters.at_once(*calls))
        assert seen[201] >= 5
        assert set(seen) <= {201, 409}
        assert (effects(), IdempotencyRecord.objects.count()) == (5, 5)
        assert set(IdempotencyRecord.objects.values_list("state", flat=True)) == {"DONE"}

    def test_a_redis_that_is_emptied_all_the_time_changes_nothing(self, server: Server, limiter: Limiter) -> None:
        seen: Counter[int | Exception] = Counter()

        def ask(turn: int, number: int) -> int:
            if turn == 0:
                server.forget()
            status: int = post(f"k{number}").status_code
            return status

        with Counters(WORKERS) as counters:
            for number in range(10):
                seen.update(counters.at_once(*[lambda turn=turn: ask(turn, number) for turn in range(WORKERS)]))  # noqa: B023
        assert set(seen) <= {201, 409}
        assert effects() == 10
