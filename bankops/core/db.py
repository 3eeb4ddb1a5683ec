"""Discipline around database transactions."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.db.migrations import RunSQL
from django.db.models import BinaryField, Field, Model
from psycopg.types.json import Jsonb

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


def prepared(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement of ours whose text is the same every time and return its rows, if it has any. JSON comes as text.

    For what every movement of money asks: the ORM does not put it together each time, and the server keeps its plan for
    the connection (`prepare_threshold`); what joins several tables would take longer to plan than to answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


@transaction_required
def insert_in_order(rows: Sequence[Model]) -> None:
    """Insert new rows of one model in one prepared statement, in the order given, and give them their keys.

    The statement reads the same however many there are; `bulk_create` writes another for each number, and one with more
    values than the driver remembers. For columns of text, numbers, moments and JSON. The key, binary columns and those with
    a default of the database are left to it: what a row says there is not written, and not read back either.
    """
    model = type(rows[0])
    fields = _told_fields(model)
    told = [{field.column: _in_json(field.value_from_object(row)) for field in fields} for row in rows]
    for row, (key,) in zip(rows, prepared(_insertion(model), {"rows": Jsonb(told)}), strict=True):
        row.pk, row._state.adding = key, False  # noqa: SLF001 - what `bulk_create` does; Django documents `_state.adding`


@functools.cache
def _insertion(model: type[Model]) -> str:
    table, columns = model._meta.db_table, ", ".join(f'"{field.column}"' for field in _told_fields(model))
    return (
        f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM jsonb_populate_recordset(NULL::"{table}", %(rows)s)'  # noqa: S608 - names of ours
        f' RETURNING "{model._meta.pk.column}"'
    )


@functools.cache
def _told_fields(model: type[Model]) -> tuple[Field[Any, Any], ...]:
    return tuple(
        field
        for field in model._meta.concrete_fields
        if not (field.primary_key or field.has_db_default() or isinstance(field, BinaryField))
    )


def _in_json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


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
