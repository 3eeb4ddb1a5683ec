"""A database whose rows are really committed, for tests with several connections.

After such a test Django empties every table. The append-only tables refuse that, and what the migrations seeded would be
gone; so here every table is put back to what it was before the test, with triggers and foreign keys asleep. What stands in
a table is read once and known again by its fingerprint: hardly any of them changes in a test.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, Self, TypeVar

import pytest
from django.db import connection, connections
from django.test import TransactionTestCase

from bankops.matrix.trace import fingerprint

T = TypeVar("T")


@pytest.fixture
def committed_db(transactional_db: None) -> None:
    """Give the test real commits. `@pytest.mark.django_db(transaction=True)` and `live_server` do the same."""


_known: dict[str, tuple[tuple[int, int], bytes]] = {}  # by table: the fingerprint, and what stood there then


def _remember(cls: type[TransactionTestCase]) -> None:
    marks = fingerprint(connection.introspection.table_names())
    for table, mark in marks.items():
        if table not in _known or _known[table][0] != mark:
            _known[table] = mark, _contents(table)
    cls.tables_before = {table: _known[table] for table in marks}  # type: ignore[attr-defined]


def _put_back(self: TransactionTestCase) -> None:
    connection.close()
    _restore(self.tables_before)  # type: ignore[attr-defined]


_base: Any = TransactionTestCase
_base._fixture_setup = classmethod(_remember)
_base._fixture_teardown = _put_back


class Counters:
    """People at so many counters, each a thread with a connection of its own, which stay from one race to the next.

    A new connection learns the tables and compiles the triggers first, which takes longer than most of what races.
    """

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count)
        self._count = count

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.at_once(*[connections.close_all] * self._count)
        self._threads.shutdown()

    def at_once(self, *calls: Callable[[], T]) -> list[T | Exception]:
        """Run one call at each counter, all started together; return results or errors in order."""
        assert len(calls) == self._count
        barrier = Barrier(self._count)
        running = [self._threads.submit(_begin_together, barrier, call) for call in calls]
        return [future.result(timeout=60) for future in running]


def at_once(*calls: Callable[[], T]) -> list[T | Exception]:
    """Run every call in a thread and connection of its own, all started together; return results or errors in order."""
    with Counters(len(calls)) as counters:
        return counters.at_once(*calls)


def wait_for_the_feed(table: str = "core_outboxmessage") -> None:
    """Wait until every event can be read: that is when no transaction is open that is older, of other tests' databases too.

    :param table: another one that is read in the order of its rows' transactions.
    """
    for _attempt in range(2_400):
        with connection.cursor() as cursor:
            cursor.execute(_NOT_YET.format(table=table))
            if cursor.fetchone() is None:
                return
        time.sleep(0.05)
    raise TimeoutError("somebody's transaction has been open for long")


_NOT_YET = "SELECT FROM {table} WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint LIMIT 1"


def _begin_together(barrier: Barrier, call: Callable[[], T]) -> T | Exception:
    try:
        connection.ensure_connection()
        barrier.wait(timeout=60)
        return call()
    except Exception as error:  # noqa: BLE001  # the test looks at it
        return error


def _contents(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
        return b"".join(bytes(chunk) for chunk in copy)


def _restore(before: dict[str, tuple[tuple[int, int], bytes]]) -> None:
    now = fingerprint(list(before))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table, (mark, contents) in before.items():
            if now[table] != mark:
                cursor.execute(f'DELETE FROM "{table}"')
                with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                    copy.write(contents)
        cursor.execute("SET session_replication_role = DEFAULT")
