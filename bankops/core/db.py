"""Discipline around database transactions."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, OperationalError, connections, transaction
from django.db.migrations import RunSQL

from bankops.core.errors import Busy

P = ParamSpec("P")
R = TypeVar("R")


class TransactionRequired(RuntimeError):
    """A helper that writes part of something was called outside a transaction: a programming fault, not a refusal."""


def transaction_required(function: Callable[P, R]) -> Callable[P, R]:
    """Make `function` refuse to run unless its caller has opened a transaction.

    The transaction that a test case wraps around a test does not count, so the tests find what production would.
    """

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not in_transaction():
            raise TransactionRequired(f"{function.__module__}.{function.__qualname__} needs a transaction around it")
        return function(*args, **kwargs)

    return guarded


def in_transaction(using: str = DEFAULT_DB_ALIAS) -> bool:
    """Tell whether a transaction is open that was not opened by a test case."""
    return any(not getattr(block, "_from_testcase", False) for block in connections[using].atomic_blocks)


@transaction_required
def freeze_view(using: str = DEFAULT_DB_ALIAS) -> None:
    """Let the transaction that has just begun read one consistent view of the database, and write nothing.

    Inside another transaction, as in a test, it reads what that one sees.
    """
    if len(connections[using].atomic_blocks) == 1:
        with connections[using].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


_LOCK_NOT_AVAILABLE, _DEADLOCK = "55P03", "40P01"


@contextmanager
def busy_is_an_answer() -> Iterator[None]:
    """Turn a lock time-out or a deadlock into `Busy`, which every door knows how to say.

    :raises Busy: when PostgreSQL gave up waiting for a row.
    """
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) in (_LOCK_NOT_AVAILABLE, _DEADLOCK):
            raise Busy from error
        raise


# A process that stood still inside a transaction for too long finds its connection ended. The driver files that as a fault.
_STOOD_STILL = ("25P03", "25P04")


def is_gone(error: Exception) -> bool:
    """Tell whether the connection to the database was lost, and what the transaction had done with it."""
    lost = isinstance(error, OperationalError | InterfaceError)
    return lost or getattr(error.__cause__, "sqlstate", None) in _STOOD_STILL


_READ = "SAVEPOINT reading_within; SET LOCAL statement_timeout = {limit}"
_READ_BACK = "ROLLBACK TO SAVEPOINT reading_within; RELEASE SAVEPOINT reading_within"


@contextmanager
def reading_within(*, milliseconds: int, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Let each statement inside take so long at most; what fails inside leaves the caller's transaction as it was.

    For reads only: whatever was written inside is taken back at the end, which is also what puts the time-out back that
    counted before. Costs two round trips beside those of the reads.

    :raises OperationalError: from a statement that took longer.
    """
    with transaction.atomic(using=using, savepoint=False) if not connections[using].in_atomic_block else nullcontext():
        _at_once(_READ.format(limit=int(milliseconds)), using)
        try:
            yield
        finally:
            _at_once(_READ_BACK, using)


def _at_once(statements: str, using: str) -> None:
    """Send several statements in one round trip; they are not prepared, because only single ones can be."""
    current: Any = connections[using]
    current.ensure_connection()
    with current.wrap_database_errors, psycopg.Cursor(current.connection) as cursor:
        cursor.execute(statements, prepare=False)


def prepared(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement of ours whose text is the same every time and return its rows, if it has any. JSON comes as text.

    For what every movement of money asks: the ORM does not put it together each time, and the server keeps its plan for
    the connection (`prepare_threshold`); what joins several tables would take longer to plan than to answer. The driver is
    asked directly, in a third of the time that Django's cursor takes, unless somebody listens to what is asked.
    """
    current: Any = connections[DEFAULT_DB_ALIAS]
    if current.execute_wrappers or current.queries_logged:
        with current.cursor() as listened_to:
            listened_to.execute(statement, parameters)
            return listened_to.fetchall() if listened_to.description else []
    current.ensure_connection()
    current.validate_no_broken_transaction()
    with current.wrap_database_errors, psycopg.Cursor(current.connection) as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.pgresult and cursor.pgresult.nfields else []


class Asked(NamedTuple):
    """A statement of ours whose text is the same every time, and its parameters."""

    statement: str
    parameters: Mapping[str, Any]


def prepared_together(asked: Sequence[Asked], *, milliseconds: int) -> list[list[tuple[Any, ...]]]:
    """Run several statements as `prepared` does, in one round trip, each for so long at most.

    What fails leaves the caller's transaction and its time-out as they were. None of the statements can be told what another
    one answered: for who knows all questions beforehand. They must read only; unlike `reading_within`, this takes nothing back
    of what succeeds.

    :return: the rows of each, in the order asked.
    :raises OperationalError: when one took longer than so many milliseconds.
    """
    current: Any = connections[DEFAULT_DB_ALIAS]
    if current.execute_wrappers or current.queries_logged:
        with reading_within(milliseconds=milliseconds):
            return [prepared(statement, parameters) for statement, parameters in asked]
    with transaction.atomic(savepoint=False) if not current.in_atomic_block else nullcontext():
        current.ensure_connection()
        current.validate_no_broken_transaction()
        try:
            with current.wrap_database_errors:
                with current.connection.pipeline():
                    cursors = _send_together(current.connection, asked, milliseconds)
                return [cursor.fetchall() for cursor in cursors]
        except DatabaseError:
            # What followed the statement that failed was not run, nor prepared, though the driver takes it for prepared: it
            # forgets all that when it hears of this rollback.
            _at_once(_READ_BACK, DEFAULT_DB_ALIAS)
            raise


# As `_READ`, for statements that are sent on without waiting. It must not end by rolling back: the driver forgets what it has
# prepared when it hears of that, and in a pipeline it has prepared more by then, which the server is made to forget as well.
_SEND = (
    "SAVEPOINT reading_within",
    """SELECT set_config('bankops.time_out', current_setting('statement_timeout'), true),
              set_config('statement_timeout', '{limit}', true)""",
)
_SEND_BACK = (
    "SELECT set_config('statement_timeout', current_setting('bankops.time_out'), true)",
    "RELEASE SAVEPOINT reading_within",
)


def _send_together(
    connection: psycopg.Connection[tuple[Any, ...]], asked: Sequence[Asked], milliseconds: int
) -> list[psycopg.Cursor[Any]]:
    frame, cursors = psycopg.Cursor(connection), [psycopg.Cursor(connection) for _one in asked]
    for statement in _SEND:
        frame.execute(statement.replace("{limit}", str(int(milliseconds))), prepare=False)
    for cursor, (statement, parameters) in zip(cursors, asked, strict=True):
        cursor.execute(statement, parameters)
    for statement in _SEND_BACK:
        frame.execute(statement, prepare=False)
    return cursors


def sql_file(path: Path) -> RunSQL:
    """Return the migration operation for a `.sql` file and its `.reverse.sql` beside it.

    The files are sent whole (a list of one), so that dollar quoting and semicolons inside functions survive.
    """
    return RunSQL([path.read_text()], [path.with_suffix(".reverse.sql").read_text()])


_PINNED = """
DO $$
DECLARE
    known regprocedure;
BEGIN
    FOR known IN SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                  WHERE n.nspname = current_schema() AND p.prokind = 'f' AND p.proname ~ '^({prefixes})_' LOOP
        EXECUTE format('ALTER FUNCTION %s {change}', known, current_schema());
    END LOOP;
END $$
"""


def pinned_search_path(*prefixes: str) -> RunSQL:
    """Return the migration operation that ties functions whose names begin so to the schema they are in.

    PostgreSQL looks for an unqualified table among the session's temporary ones first. A guard that is not tied down
    could be shown a table of the attacker's own making in place of the real one.
    """
    names = "|".join(prefixes)
    tie = _PINNED.replace("{prefixes}", names).replace("{change}", "SET search_path = %I, pg_temp")
    untie = _PINNED.replace("{prefixes}", names).replace("{change}", "RESET search_path")
    return RunSQL([tie], [untie])
