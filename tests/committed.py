"""A database whose rows are really committed, for tests with several connections.

After such a test Django empties every table. The append-only tables refuse that, and what the migrations seeded would be
gone; so here every table is put back to what it was before the test, with triggers and foreign keys asleep.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any, TypeVar

import pytest
from django.db import connection, connections
from django.test import TransactionTestCase

T = TypeVar("T")


@pytest.fixture
def committed_db(transactional_db: None) -> None:
    """Give the test real commits. `@pytest.mark.django_db(transaction=True)` and `live_server` do the same."""


def _remember(cls: type[TransactionTestCase]) -> None:
    cls.tables_before = {table: _contents(table) for table in connection.introspection.table_names()}  # type: ignore[attr-defined]


def _put_back(self: TransactionTestCase) -> None:
    connection.close()
    _restore(self.tables_before)  # type: ignore[attr-defined]


_base: Any = TransactionTestCase
_base._fixture_setup = classmethod(_remember)
_base._fixture_teardown = _put_back


def at_once(*calls: Callable[[], T]) -> list[T | Exception]:
    """Run every call in a thread and connection of its own, all started together; return results or errors in order."""
    barrier = Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(index: int, call: Callable[[], T]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=10)
            results[index] = call()
        except Exception as error:  # noqa: BLE001  # the test looks at it
            results[index] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def _contents(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
        return b"".join(bytes(chunk) for chunk in copy)


def _restore(before: dict[str, bytes]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table, contents in before.items():
            if _contents(table) != contents:
                cursor.execute(f'DELETE FROM "{table}"')
                with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                    copy.write(contents)
        cursor.execute("SET session_replication_role = DEFAULT")
