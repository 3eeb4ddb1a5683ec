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


def waiting_for(pid: int) -> int:
    """Return how many connections wait for a lock that the session of a process of PostgreSQL's has, or is ahead of them for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND %s = ANY (pg_blocking_pids(pid))", [pid]
        )
        return int(cursor.fetchone()[0])


def waiting_here() -> int:
    """Return how many connections to the test's database wait for a lock, whosever."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database()"
        )
        return int(cursor.fetchone()[0])


class Meeting:
    """A place in the middle of something where whoever comes waits for the others: until so many are there.

    Whoever waits for a lock of theirs counts too: they will not come any further before. All go on in the same instant.
    """

    def __init__(self, count: int) -> None:
        self._count, self._come, self._lock = count, 0, threading.Lock()
        self._all_are_there = threading.Event()

    def __call__(self) -> None:
        with self._lock:
            self._come += 1
            if self._come >= self._count:
                self._all_are_there.set()
        pid, until = connection.connection.info.backend_pid, time.monotonic() + LONG
        while not self._all_are_there.wait(0.02):
            assert time.monotonic() < until, "the others did not come"
            if self._come + waiting_for(pid) >= self._count:
                self._all_are_there.set()


class Gate:
    """The same in SQL: a statement with `sql` in it waits until the gate is open, and from then on does not wait."""

    sql = "pg_advisory_xact_lock_shared(7202611)"

    def __init__(self, porter: Elsewhere[None]) -> None:
        self._porter = porter

    def open(self) -> None:
        self._porter.end()


@contextmanager
def gate(*, waiting: int = 0) -> Iterator[Gate]:
    """Have a gate that opens by itself when so many connections wait, at it or for each other; by hand where that is none."""
    over = threading.Event()
    with elsewhere(_shut) as porter:
        made = Gate(porter)

        def watch() -> None:
            eventually(lambda: over.is_set() or waiting_here() >= waiting, what="too few came to the gate")
            made.open()

        try:
            if waiting:
                with beside(watch):
                    try:
                        yield made
                    finally:
                        over.set()
            else:
                yield made
        finally:
            made.open()


def _shut() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {Gate.sql.replace('_shared', '')}")


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

    def is_waited_for(self) -> bool:
        """Tell whether somebody waits for a lock of theirs."""
        return waiting_for(self.pid) > 0

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
    """Do something in a thread and on a connection of its own while the block goes on; it has ended, and well, when that has."""

    def apart() -> T:
        try:
            return action()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        doing = pool.submit(apart)
        yield doing
    doing.result()
