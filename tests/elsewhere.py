"""Somebody on a connection of their own, and a way to see that others wait for them.

A test that waits for what has to happen is right however slow the machine is; one that sleeps for long enough is not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Generic, TypeVar

from django.db import connection, connections, transaction

T = TypeVar("T")
LONG = 60.0
"""Seconds after which something is taken to never happen."""


def eventually(happened: Callable[[], object], *, seconds: float = LONG, what: str = "") -> None:
    """Wait until something has happened."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, what or "it did not happen"
        time.sleep(0.02)


class Elsewhere(Generic[T]):
    """Somebody in a transaction that stays open until they are told to end; `outcome` is what their action returned."""

    def __init__(self, action: Callable[[], T]) -> None:
        self._go_on, self._done = threading.Event(), threading.Event()
        self._pool = ThreadPoolExecutor(1)
        self.pid = 0
        self.outcome: Future[T] = self._pool.submit(self._run, action)
        assert self._done.wait(LONG)

    def end(self) -> None:
        self._go_on.set()
        self._pool.shutdown()

    def is_waited_for(self, count: int = 1) -> bool:
        """Tell whether so many connections wait for a lock of theirs."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))", [self.pid])
            return bool(cursor.fetchone()[0] >= count)

    def _run(self, action: Callable[[], T]) -> T:
        try:
            with transaction.atomic():
                result = action()
                self.pid = connection.connection.info.backend_pid
                self._done.set()
                assert self._go_on.wait(LONG)
            return result
        finally:
            self._done.set()
            connections.close_all()


@contextmanager
def elsewhere(action: Callable[[], T]) -> Iterator[Elsewhere[T]]:
    """Have somebody do something in a transaction that is open for as long as the block."""
    other = Elsewhere(action)
    try:
        yield other
    finally:
        other.end()


@contextmanager
def beside(action: Callable[[], T]) -> Iterator[Future[T]]:
    """Do something in a thread and on a connection of its own while the block goes on; it has ended when the block has."""

    def apart() -> T:
        try:
            return action()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(apart)
