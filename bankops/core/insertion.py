"""New rows by one prepared statement, whose text is the same however many there are of each table.

`bulk_create` writes another statement for each number of rows, and one with more values than the driver remembers is taken
apart again each time.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import AutoField, BinaryField, Field, Model
from psycopg.types.json import Jsonb

from bankops.core.db import prepared, transaction_required


@transaction_required
def insert_in_order(rows: Sequence[Model]) -> None:
    """Insert new rows of one or more models, those of one in the order given, and give them the keys the database draws.

    For columns of text, numbers, dates, moments, keys and JSON, and binary ones that are never empty. Other binary columns and
    those that only the database has a default for are left to it: what a row says there is not written, and not read back either.
    """
    by_model: dict[type[Model], list[Model]] = {}
    for row in rows:
        by_model.setdefault(type(row), []).append(row)
    told = {f"rows_{place}": _as_json(model, by_model[model]) for place, model in enumerate(by_model)}
    (drawn,) = prepared(_insertion(tuple(by_model)), told)
    for of_one, keys in zip(by_model.values(), drawn, strict=True):
        for row, key in zip(of_one, keys, strict=True):
            row.pk, row._state.adding = key, False  # noqa: SLF001 - what `bulk_create` does; Django documents `_state.adding`


def _as_json(model: type[Model], rows: Sequence[Model]) -> Jsonb:
    fields = _told_fields(model)
    return Jsonb([{field.column: _in_json(field.value_from_object(row)) for field in fields} for row in rows])


@functools.cache
def _insertion(models: tuple[type[Model], ...]) -> str:
    """Return the statement. What its parts insert is one command: their keys to each other are checked when it has ended."""
    parts = [f"t{place} AS ({_part(model, place)})" for place, model in enumerate(models)]
    keys = [f"(SELECT array_agg(key) FROM t{place})" for place in range(len(models))]  # noqa: S608 - names of ours
    return f"WITH {', '.join(parts)} SELECT {', '.join(keys)}"


def _part(model: type[Model], place: int) -> str:
    table, columns = model._meta.db_table, ", ".join(f'"{field.column}"' for field in _told_fields(model))
    return (
        f'INSERT INTO "{table}" ({columns})'  # noqa: S608 - names of ours
        f' SELECT {columns} FROM jsonb_populate_recordset(NULL::"{table}", %(rows_{place})s)'
        f' RETURNING "{model._meta.pk.column}" AS key'
    )


@functools.cache
def _told_fields(model: type[Model]) -> tuple[Field[Any, Any], ...]:
    return tuple(field for field in model._meta.concrete_fields if not _is_left_to_the_database(field))


def _is_left_to_the_database(field: Field[Any, Any]) -> bool:
    if field.has_db_default():
        return not field.has_default()
    return isinstance(field, AutoField) or (isinstance(field, BinaryField) and field.null)


def _in_json(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return value.hex
    return f"\\x{value.hex()}" if isinstance(value, bytes) else value
