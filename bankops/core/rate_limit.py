"""How often somebody may call, counted in Redis for all processes together; without Redis each counts for itself.

GCRA (ITU-T I.371) allows `burst` units at once and `per_second` in the long run, and needs one number per bucket.
There is never no limit: what Redis cannot answer in time, a limiter in this process does, with its share of the rate.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry

from bankops.core.key_lock import LASTS_MS, RELEASE, KeyLock

log = structlog.get_logger(__name__)

_SCRIPT = (Path(__file__).parent / "rate_limit.lua").read_text()
_SECOND = 1_000_000  # µs
_PATIENCE_SECONDS = 0.05  # a slow Redis must not slow payments
_PAUSE_SECONDS = 1.0  # before Redis is asked again
_BUCKETS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """Units a second in the long run, and units at once.

    :raises ValueError: when one is not positive.
    """

    per_second: int
    burst: int

    def __post_init__(self) -> None:
        if self.per_second < 1 or self.burst < 1:
            raise ValueError("a limit allows at least one unit a second, and one at once")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the units were given, how many are `left`, and in how many seconds they would be given or all be there.

    Attributes:
        locked: whether the lock that was asked for in the same call is the caller's now; None when none was, or nobody knows.

    """

    allowed: bool
    limit: Limit
    left: int
    retry_after: int
    reset: int
    locked: bool | None = None


class LocalLimiter:
    """The same arithmetic in the memory of one process, for at most `buckets_max` buckets: the emptiest are kept."""

    def __init__(self, *, buckets_max: int = _BUCKETS_MAX, now: Callable[[], int] = time.monotonic_ns) -> None:
        self._full_at: dict[str, int] = {}
        self._lock = Lock()
        self._buckets_max = buckets_max
        self._now = now

    def spend(self, bucket: str, interval: int, burst: int, cost: int) -> tuple[int, int, int, int]:
        """Answer as `rate_limit.lua` does."""
        with self._lock:
            now = self._now() // 1000
            full_at = max(self._full_at.get(bucket, now), now)
            after = full_at + interval * cost
            room = interval * burst - (after - now)
            if room < 0:
                return 0, (interval * burst - (full_at - now)) // interval, -room, full_at - now
            self._full_at[bucket] = after
            self._make_room()
            return 1, room // interval, 0, after - now

    def _make_room(self) -> None:
        if len(self._full_at) > self._buckets_max:
            emptiest = sorted(self._full_at, key=self._full_at.__getitem__)[self._buckets_max // 2 :]
            self._full_at = {bucket: self._full_at[bucket] for bucket in emptiest}


class Limiter:
    """Counts in Redis while it answers.

    :param url: where Redis is.
    :param processes: how many processes share the rate when each has to count for itself.
    """

    def __init__(self, url: str, *, processes: int = 1) -> None:
        client = redis.Redis.from_url(
            url,
            socket_timeout=_PATIENCE_SECONDS,
            socket_connect_timeout=_PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._client = client
        self._script = client.register_script(_SCRIPT)
        self._release = client.register_script(RELEASE)
        self._local = LocalLimiter()
        self._processes = processes
        self._ask_again_at = -math.inf

    def spend(self, bucket: str, limit: Limit, cost: int, *, lock: KeyLock | None = None) -> Verdict:
        """Take `cost` units out of a bucket, or none. Who asks for more than fits in is given it from a full one.

        :param lock: to be taken in the same call; see `Verdict.locked`.
        """
        counted, locked = self._in_redis(bucket, limit, cost, lock) or (self._here(bucket, limit, cost), None)
        allowed, left, wait, reset = counted
        return Verdict(bool(allowed), limit, left, math.ceil(wait / _SECOND), math.ceil(reset / _SECOND), locked)

    def release(self, lock: KeyLock) -> None:
        """Let go of a lock, if it is still the caller's. It ends by itself when Redis does not answer."""
        if time.monotonic() >= self._ask_again_at:
            try:
                self._release(keys=[lock.name], args=[lock.value])
            except redis.RedisError as error:
                self._pause(error)

    def _in_redis(
        self, bucket: str, limit: Limit, cost: int, lock: KeyLock | None
    ) -> tuple[tuple[int, int, int, int], bool | None] | None:
        if time.monotonic() < self._ask_again_at:
            return None
        interval = max(1, _SECOND // limit.per_second)
        keys, args = [f"rate:{bucket}"], [interval, limit.burst, min(cost, limit.burst)]
        try:
            if lock is None:
                return self._script(keys=keys, args=args), None
            return self._counted_and_locked(keys, args, lock)
        except redis.RedisError as error:
            self._pause(error)
            return None

    def _counted_and_locked(
        self, keys: list[str], args: list[int], lock: KeyLock
    ) -> tuple[tuple[int, int, int, int], bool]:
        """Ask for both at once. A script that Redis has forgotten is sent again, which the pipeline does not do by itself."""
        with self._client.pipeline(transaction=False) as both:
            both.evalsha(self._script.sha, len(keys), *keys, *args)
            both.set(lock.name, lock.value, nx=True, px=LASTS_MS)
            counted, locked = both.execute(raise_on_error=False)
        if isinstance(counted, NoScriptError):
            counted = self._script(keys=keys, args=args)
        for answer in (counted, locked):
            if isinstance(answer, redis.RedisError):
                raise answer
        return counted, bool(locked)

    def _pause(self, error: redis.RedisError) -> None:
        self._ask_again_at = time.monotonic() + _PAUSE_SECONDS
        log.warning("rate_limit_without_redis", error=type(error).__name__)

    def _here(self, bucket: str, limit: Limit, cost: int) -> tuple[int, int, int, int]:
        interval = max(1, _SECOND * self._processes // limit.per_second)
        burst = max(1, limit.burst // self._processes)
        return self._local.spend(bucket, interval, burst, min(cost, burst))


@functools.cache
def _shared() -> Limiter:
    return Limiter(settings.BANKOPS_RATE_LIMIT_URL, processes=settings.BANKOPS_WEB_PROCESSES)


def spend(bucket: str, limit: Limit, cost: int, *, lock: KeyLock | None = None) -> Verdict:
    """Take `cost` units out of the bucket of this name, or none, for all processes of the product together.

    :param lock: to be taken in the same call; see `Verdict.locked`.
    """
    return _shared().spend(bucket, limit, cost, lock=lock)


def release(lock: KeyLock) -> None:
    """Let go of a lock that `spend` gave."""
    _shared().release(lock)
