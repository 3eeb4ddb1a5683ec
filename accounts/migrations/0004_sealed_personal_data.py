"""Identifiers and dates of birth are sealed; identifiers get the key that sealing needs before a row is saved.

Every row is read, sealed and written once, in batches, within the migration's transaction: about a minute for a million
customers, during which the tables are locked. Identifiers are spelled as they are today, without spaces and hyphens, or they
would never be found again. Two that differ in nothing else were one all the time: the later keeps its own spelling, and is
named, by its customer, on the standard error output. Backwards it unseals. Values that were wiped by then cannot come back: a
pseudonymised identifier becomes a number nobody issued.
"""

import hashlib
import re
import sys
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import django.contrib.postgres.indexes
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models

import accounts.models.account
import bankops.core.ids
import bankops.core.sealed
import bankops.core.word_search
from bankops.core import encryption
from bankops.core.db import sql_file

_HERE = Path(__file__).parent
_BATCH = 5_000

# (table, key of the row, key of what it is bound to)
_BORN = (("accounts_customer", "id", "id"), ("accounts_historicalcustomer", "history_id", "id"))


def seal(_apps: Any, schema_editor: Any) -> None:
    cursor = schema_editor.connection.cursor()
    doubles = _doubles(cursor)
    for rows in _batches(cursor, "accounts_customeridentifier", "id", "type, value"):
        cursor.execute(
            "UPDATE accounts_customeridentifier i SET new_id = r.new_id, value_sealed = r.sealed, value_index = r.index"
            " FROM unnest(%s::bigint[], %s::uuid[], %s::bytea[], %s::text[]) r (id, new_id, sealed, index) WHERE i.id = r.id",
            _columns(
                [_identifier(key, value if key in doubles else _spelled(type_, value)) for key, type_, value in rows]
            ),
        )
    for table, key, bound_to in _BORN:
        for born in _batches(cursor, table, key, f"{bound_to}, birth_date", where="birth_date IS NOT NULL"):
            sealed = [(row, _sealed(f"{table}.birth_date.{owner}", day.isoformat())) for row, owner, day in born]
            _update(cursor, table, key, "birth_date_sealed", "bytea", sealed)


def unseal(_apps: Any, schema_editor: Any) -> None:
    cursor = schema_editor.connection.cursor()
    for rows in _batches(cursor, "accounts_customeridentifier", "id", "value"):
        plain = [(key, _plain(f"accounts_customeridentifier.value.{key}", value) or str(key)) for key, value in rows]
        _update(cursor, "accounts_customeridentifier", "id", "value_plain", "text", plain)
    for table, key, bound_to in _BORN:
        for born in _batches(cursor, table, key, f"{bound_to}, birth_date", where="birth_date IS NOT NULL"):
            days = [(row, _day(_plain(f"{table}.birth_date.{owner}", value))) for row, owner, value in born]
            _update(cursor, table, key, "birth_date_plain", "date", days)


def _batches(cursor: Any, table: str, key: str, columns: str, where: str = "true") -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of a table in the order of their keys, a few thousand at a time."""
    first = f"SELECT {key}, {columns} FROM {table} WHERE {where} ORDER BY {key} LIMIT {_BATCH}"  # noqa: S608  # our names
    following = first.replace("ORDER BY", f"AND {key} > %s ORDER BY")
    cursor.execute(first)
    while rows := cursor.fetchall():
        yield rows
        cursor.execute(following, [rows[-1][0]])


def _update(cursor: Any, table: str, key: str, column: str, kind: str, values: list[tuple[Any, Any]]) -> None:
    keys = "uuid" if key == "id" else "bigint"
    given = f"unnest(%s::{keys}[], %s::{kind}[]) r (key, value)"
    cursor.execute(f"UPDATE {table} t SET {column} = r.value FROM {given} WHERE t.{key} = r.key", _columns(values))  # noqa: S608


def _columns(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _doubles(cursor: Any) -> set[int]:
    """Return the rows that would be another's equal once spelled anew, and say whose they are."""
    first: dict[tuple[str, str, bytes], int] = {}
    doubles: dict[int, str] = {}
    # A row that is spelled so already goes before one that only becomes so: it can keep nothing else.
    for already in (True, False):
        for rows in _batches(cursor, "accounts_customeridentifier", "id", "type, issuer, value, customer_id"):
            for key, type_, issuer, value, customer in rows:
                spelled = _spelled(type_, value)
                if (spelled == value) is already:
                    place = (type_, issuer, hashlib.sha256(spelled.encode()).digest())
                    if first.setdefault(place, key) != key:
                        doubles[key] = f"{type_} of customer {customer}"
    for what in doubles.values():
        sys.stderr.write(f"\nSpelled otherwise, the same identifier is there already: {what}. It keeps its spelling.\n")
    return set(doubles)


def _spelled(type_: str, value: str) -> str:
    """Return a number as `accounts.validation` spells it today; external ones are taken as they come."""
    if type_ == "EXTERNAL":
        return value.strip()
    return re.sub(r"[\s\-‐-―]+", "", unicodedata.normalize("NFKC", value)).upper() or value


def _identifier(key: int, value: str) -> tuple[int, Any, bytes, str]:
    new_id = bankops.core.ids.uuid7()
    index = encryption.fingerprint(value, context="accounts.identifier")
    return key, new_id, _sealed(f"accounts_customeridentifier.value.{new_id}", value), index


def _sealed(context: str, text: str) -> bytes:
    return encryption.encrypt(text.encode(), context=context)


def _plain(context: str, sealed: Any) -> str:
    return encryption.decrypt(bytes(sealed), context=context).decode() if sealed else ""


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_pinned_functions")]

    operations = [
        migrations.AlterModelOptions(
            "customer",
            {
                "default_permissions": ("view",),
                "permissions": [
                    ("register_customer", "Can register a customer"),
                    ("reveal_personal_data", "Can see a customer's personal data in clear, with a reason"),
                    ("export_personal_data", "Can export everything held about a customer"),
                    ("pseudonymise_customer", "Can erase a former customer's personal data"),
                ],
                "verbose_name": "customer",
                "verbose_name_plural": "customers",
            },
        ),
        migrations.RemoveConstraint("customeridentifier", "identifier_once"),
        migrations.RemoveConstraint("customeridentifier", "identifier_has_value"),
        migrations.AddField("customeridentifier", "issued_on", models.DateField("issued on", blank=True, null=True)),
        migrations.AddField("customeridentifier", "expires_on", models.DateField("expires on", blank=True, null=True)),
        migrations.AddField(
            "customeridentifier", "verified_at", models.DateTimeField("verified at", blank=True, null=True)
        ),
        migrations.AddField(
            "customeridentifier",
            "value_index",
            bankops.core.sealed.BlindIndexField(context="accounts.identifier", editable=False, null=True, of="value"),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                sql_file(_HERE / "sealing_columns.sql"),
                migrations.RunPython(seal, unseal),
                sql_file(_HERE / "sealed_columns.sql"),
            ],
            state_operations=[
                migrations.AlterField(
                    "customeridentifier",
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                migrations.AlterField(
                    "customeridentifier", "value", bankops.core.sealed.SealedTextField("value", max_length=60)
                ),
                *(
                    migrations.AlterField(
                        model, "birth_date", bankops.core.sealed.SealedTextField("date of birth", blank=True, null=True)
                    )
                    for model in ("customer", "historicalcustomer")
                ),
            ],
        ),
        migrations.RemoveIndex("customer", "customer_by_name"),
        migrations.AddIndex(
            "customer",
            django.contrib.postgres.indexes.GinIndex(bankops.core.word_search.Words("name"), name="customer_by_words"),
        ),
        migrations.AddIndex(
            "account", models.Index(fields=["number"], name="account_by_number", opclasses=["varchar_pattern_ops"])
        ),
        migrations.AddIndex(
            "account",
            models.Index(
                accounts.models.account.NumberElsewhere("external_reference"),
                condition=models.Q(("external_reference", ""), _negated=True),
                name="account_by_number_elsewhere",
            ),
        ),
        migrations.AddIndex("customeridentifier", models.Index(fields=["value_index"], name="identifier_by_value")),
        migrations.AddConstraint(
            "customeridentifier",
            models.UniqueConstraint(fields=("type", "issuer", "value_index"), name="identifier_once"),
        ),
        migrations.AddConstraint(
            "customeridentifier",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        django.db.models.lookups.GreaterThan(django.db.models.functions.text.Length("value"), 0),
                        ("value_index__isnull", False),
                    ),
                    models.Q(
                        django.db.models.lookups.Exact(django.db.models.functions.text.Length("value"), 0),
                        ("value_index__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="identifier_indexed",
            ),
        ),
        migrations.AddConstraint(
            "customeridentifier",
            models.CheckConstraint(
                condition=models.Q(
                    ("issued_on__isnull", True),
                    ("expires_on__isnull", True),
                    ("expires_on__gte", models.F("issued_on")),
                    _connector="OR",
                ),
                name="identifier_expires_after_issue",
            ),
        ),
    ]
