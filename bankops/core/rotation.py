"""Write anew, under the newest key, what older keys sealed: `manage.py rotate_encryption`.

Every `SealedTextField` is found by itself, with its blind indexes and in history tables too. What an app encrypts otherwise it
names in `apps.ready`:

    rotation.register(Place("staff_onetimecodedevice", "encrypted_secret", ("user_id",), device_context))

Rows are locked a batch at a time and written by SQL: what they say does not change, so they get no new version. A rotation
may be stopped and started again; what is done is not done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from bankops.core import audit, encryption, sealed
from bankops.core.actor import Actor
from bankops.core.sealed import BlindIndexField, SealedTextField

ROTATED = audit.event_type("core.encryption.rotated", _("Encrypted data written under the newest key"))


@dataclass(frozen=True, slots=True)
class Place:
    """A column of encrypted bytes.

    :param bound_to: the columns that the bytes are bound to, besides where they are; also what `context` takes.
    :param context: the associated data of a row, from its values of `bound_to`.
    :param key: the table's primary key.
    :param batch: how many rows are rewritten at once at most; fewer where the values are large.
    :param indexes: columns that hold a keyed hash of the text, each with how it is computed under the newest key.
    """

    table: str
    column: str
    bound_to: tuple[str, ...]
    context: Callable[..., str]
    key: str = "id"
    batch: int = 1_000
    indexes: tuple[tuple[str, Callable[[str], str]], ...] = ()

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


_registered: dict[str, Place] = {}


def register(place: Place) -> None:
    """Add a place that no `SealedTextField` shows."""
    _registered[str(place)] = place


def places() -> list[Place]:
    """Return every place where something is sealed, in the order of their names."""
    fields = [field for model in apps.get_models() for field in model._meta.concrete_fields]
    found = [_place(field) for field in fields if isinstance(field, SealedTextField)]
    return sorted([*found, *_registered.values()], key=str)


def outdated(place: Place) -> int:
    """Return how many values there are under an older key, or in an older format."""
    query = sql.SQL("SELECT count(*) FROM {table} WHERE {outdated}").format(**_parts(place))
    with connection.cursor() as cursor:
        cursor.execute(query, {"header": encryption.current_header()})
        return int(cursor.fetchone()[0])


def rotate(place: Place, *, batch: int = 1_000) -> Iterator[int]:
    """Write the outdated values of a place anew, yielding the size of each batch when it is committed.

    :raises CannotDecrypt: when a value cannot be read; the batches before it stay.
    """
    last: Any = None
    while rows := _rotate_batch(place, last, min(batch, place.batch)):
        yield len(rows)
        last = rows[-1][0]


@transaction.atomic
def record(counts: dict[str, int], *, actor: Actor, now: datetime) -> None:
    """Tell the audit trail what was written anew. Writes `core.encryption.rotated`."""
    key_id = encryption.key_ids()[0]
    audit.record(ROTATED, actor=actor, subject=audit.Subject("encryption_key", key_id, key_id), now=now, detail=counts)


@transaction.atomic
def _rotate_batch(place: Place, last: Any, size: int) -> Sequence[tuple[Any, ...]]:
    parts = _parts(place)
    values = {"header": encryption.current_header(), "last": last, "size": size}
    after = sql.SQL("TRUE" if last is None else "{key} > %(last)s").format(**parts)
    query = sql.SQL(
        "SELECT {key}, {column}, {bound_to} FROM {table} WHERE {outdated} AND {after} ORDER BY {key} LIMIT %(size)s FOR UPDATE"
    ).format(**parts, after=after)
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
        cursor.executemany(_update(place), [_renewed(place, row) for row in rows])
    return rows


def _update(place: Place) -> sql.Composed:
    columns = [place.column, *(column for column, _index in place.indexes)]
    assignments = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(column)) for column in columns)
    return sql.SQL("UPDATE {table} SET {assignments} WHERE {key} = %s").format(
        **{**_parts(place), "assignments": assignments}
    )


def _renewed(place: Place, row: tuple[Any, ...]) -> list[Any]:
    key, old, *bound_to = row
    context = place.context(*bound_to)
    plain = encryption.decrypt(bytes(old), context=context)
    indexes = [index(plain.decode()) for _column, index in place.indexes]
    return [encryption.encrypt(plain, context=context), *indexes, key]


def _parts(place: Place) -> dict[str, sql.Composable]:
    column = sql.Identifier(place.column)
    header = sql.SQL("substring({} FROM 1 FOR {})").format(column, sql.Literal(encryption.HEADER_BYTES))
    return {
        "table": sql.Identifier(place.table),
        "key": sql.Identifier(place.key),
        "column": column,
        "bound_to": sql.SQL(", ").join(map(sql.Identifier, place.bound_to)),
        "outdated": sql.SQL("octet_length({}) > 0 AND {} <> %(header)s").format(column, header),
    }


def _place(field: SealedTextField[Any, Any]) -> Place:
    options, column = field.model._meta, str(field.column)
    tracked: type[models.Model] = getattr(field.model, "instance_type", field.model)
    assert options.pk is not None
    assert tracked._meta.pk is not None

    def context(key: Any) -> str:
        return sealed.context(options.db_table, column, key)

    return Place(
        table=options.db_table,
        column=column,
        bound_to=(str(tracked._meta.pk.column),),
        context=context,
        key=str(options.pk.column),
        indexes=tuple(
            (str(index.column), index.index_of)
            for index in options.concrete_fields
            if isinstance(index, BlindIndexField) and index.of == field.name
        ),
    )
