"""How often somebody may call: counted by a real Redis for everybody, and by each process alone when it is gone."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TypeVar

import pytest
import redis
from django.conf import settings

from bankops.core import rate_limit
from bankops.core.rate_limit import Limit, Limiter, LocalLimiter
from tests.core.own_redis import Server
from tests.patience import HANGS

SLOW = Limit(per_second=1, burst=50)
T = TypeVar("T")


def in_a_moment(spend: Callable[[str], T], *, seconds: float) -> T:
    """Return what calls on a new bucket come to when they took less than so long together: then nothing has flown back."""
    for number in count():
        began = time.monotonic()
        told = spend(f"li-{number}")
        if time.monotonic() - began < seconds:
            return told
    raise AssertionError


def test_so_many_at_once_and_then_so_many_a_second(server: Server) -> None:
    limiter, limit = Limiter(server.url), Limit(per_second=10, burst=5)
    bucket, verdicts = in_a_moment(
        lambda bucket: (bucket, [limiter.spend(bucket, limit, 1) for _ in range(6)]), seconds=0.1
    )
    assert [verdict.left for verdict in verdicts[:2]] == [4, 3]
    assert [verdict.allowed for verdict in verdicts] == [True] * 5 + [False]
    refused = verdicts[-1]
    assert (refused.left, refused.retry_after, refused.reset) == (0, 1, 1)
    assert limiter.spend("wang", limit, 5).allowed  # another bucket
    time.sleep(0.25)
    assert limiter.spend(bucket, limit, 2).allowed


def test_a_cost_is_taken_whole_or_not_at_all(server: Server) -> None:
    limiter = Limiter(server.url)
    first, refused, last = in_a_moment(
        lambda bucket: [limiter.spend(bucket, SLOW, cost) for cost in (48, 5, 2)], seconds=1
    )
    assert first.left == 2
    assert (refused.allowed, refused.left, refused.retry_after) == (False, 2, 3)
    assert last.allowed


def test_who_asks_for_more_than_fits_in_is_given_it_from_a_full_bucket(server: Server) -> None:
    limiter = Limiter(server.url)
    verdicts = in_a_moment(lambda bucket: [limiter.spend(bucket, SLOW, cost) for cost in (51, 1)], seconds=1)
    assert [verdict.allowed for verdict in verdicts] == [True, False]


def test_everybody_at_once_gets_no_more_than_there_is(server: Server) -> None:
    limit = Limit(per_second=1, burst=50)

    def call() -> int:
        limiter = Limiter(server.url)
        return sum(limiter.spend("li", limit, 1).allowed for _ in range(40))

    started = time.monotonic()
    with ThreadPoolExecutor(8) as callers:
        given = sum(calling.result() for calling in [callers.submit(call) for _ in range(8)])
    assert 50 <= given <= 51 + (time.monotonic() - started)


def test_without_redis_there_is_still_a_limit_and_a_share_of_it(server: Server) -> None:
    limiter = Limiter(server.url, processes=2)
    assert limiter.spend("li", SLOW, 1).left == 49
    server.kill()
    assert [limiter.spend("li", SLOW, 5).allowed for _ in range(6)] == [True] * 5 + [False]  # half of 50


def test_when_redis_is_back_it_is_asked_again(server: Server) -> None:
    limiter = Limiter(server.url)
    server.kill()
    limiter.spend("li", SLOW, 50)
    server.start()
    time.sleep(1.1)
    assert limiter.spend("li", SLOW, 1).left == 49  # it has forgotten; what it counts now is for everybody
    with redis.Redis.from_url(server.url) as client:
        assert client.keys() == [b"rate:li"]
        assert client.pttl("rate:li") < 3_000


def test_a_forgotten_script_is_sent_again(server: Server) -> None:
    limiter = Limiter(server.url)
    limiter.spend("li", SLOW, 1)
    with redis.Redis.from_url(server.url) as client:
        client.script_flush()
    assert limiter.spend("li", SLOW, 1).left == 48


def test_a_redis_that_hangs_costs_one_call_a_moment_and_the_others_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limit, "_PATIENCE_SECONDS", HANGS)
    limiter = Limiter(server.url)
    limiter.spend("li", SLOW, 1)
    server.process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    verdicts = [limiter.spend("li", SLOW, 1) for _ in range(100)]
    taken = time.monotonic() - started
    assert taken < 100 * HANGS / 3
    assert 50 <= sum(verdict.allowed for verdict in verdicts) <= 51 + taken


def test_one_process_counts_as_redis_does() -> None:
    now = [1_000_000_000]
    local = LocalLimiter(now=lambda: now[0])
    assert [local.spend("li", 100_000, 5, 1)[0] for _ in range(6)] == [1] * 5 + [0]
    assert local.spend("li", 100_000, 5, 2) == (0, 0, 200_000, 500_000)
    now[0] += 200_000_000
    assert local.spend("li", 100_000, 5, 2) == (1, 0, 0, 500_000)


def test_one_process_remembers_who_has_spent_most() -> None:
    local = LocalLimiter(buckets_max=10, now=lambda: 0)
    local.spend("greedy", 1, 100, 100)
    for number in range(100):
        local.spend(f"guest {number}", 1, 100, 1)
    assert len(local._full_at) <= 10
    assert local.spend("greedy", 1, 100, 1)[0] == 0


@pytest.mark.parametrize("wrong", [(0, 1), (1, 0), (-1, 5)])
def test_no_limit_is_no_limit(wrong: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Limit(*wrong)


def test_all_processes_share_the_products_redis() -> None:
    with redis.Redis.from_url(settings.BANKOPS_RATE_LIMIT_URL) as client:
        client.delete("rate:test of sharing")
        rate_limit.spend("test of sharing", SLOW, 10)
        assert Limiter(settings.BANKOPS_RATE_LIMIT_URL).spend("test of sharing", SLOW, 10).left in {30, 31}
        client.delete("rate:test of sharing")
