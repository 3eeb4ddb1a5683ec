"""What the tests stand on: a copy of one migrated database, and tables that are put back when something was committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from bankops.core import clock
from bankops.matrix.trace import fingerprint
from staff.models import Branch
from tests import committed, template
from tests.personas import head_office


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return the one migration that a product consists of."""
    path = tmp_path / "accounts" / "migrations" / "0001_initial.sql"
    path.parent.mkdir(parents=True)
    path.write_text("SELECT 1;\n")
    return path


def name_for(server: str, source: Path) -> str:
    return template._fingerprint(server, template._digest(source.parents[2]))


def test_another_migration_makes_another_template(source: Path) -> None:
    before = name_for("18", source)
    assert name_for("18", source) == before
    source.write_text("SELECT 2;\n")
    assert name_for("18", source) != before


def test_so_does_another_name_package_setting_server_or_day(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {name_for("18", source), name_for("19", source)}
    source = source.rename(source.with_name("0002_more.sql"))
    seen.add(name_for("18", source))
    monkeypatch.setenv("BANKOPS_CALENDAR", "ECB")
    seen.add(name_for("18", source))
    monkeypatch.setattr(template, "_packages", lambda: ["Django==1.0"])
    seen.add(name_for("18", source))
    monkeypatch.setattr(clock, "now", lambda: datetime(2020, 1, 1, tzinfo=UTC))
    seen.add(name_for("18", source))
    assert len(seen) == 6


@pytest.mark.django_db
def test_nobody_changes_the_template() -> None:
    name = connection.settings_dict["TEST"]["TEMPLATE"] or pytest.skip("somebody edits: there is none")
    where = {key: word for key, word in connection.get_connection_params().items() if key in template._SERVER}
    with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
        psycopg.connect(**where, dbname=name)


@pytest.fixture
def old_ones() -> Iterator[tuple[Any, str, str]]:
    """Return a cursor outside of the test's database, and two old templates."""
    first, second = names = [f"bankops_migrated_old_{uuid4().hex[:12]}" for _ in range(2)]
    with connection._nodb_cursor() as cursor:
        for name in names:
            cursor.execute(f'CREATE DATABASE "{name}"')
        yield cursor, first, second
        for name in names:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def there(cursor: Any) -> set[str]:
    cursor.execute("SELECT datname FROM pg_database")
    return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db
def test_a_template_goes_when_no_run_stands_on_it(old_ones: tuple[Any, str, str]) -> None:
    cursor, theirs, nobodys = old_ones
    with template._held(cursor, theirs), template._held(cursor, theirs):
        template._drop(cursor, {theirs, nobodys})
        assert there(cursor) & {theirs, nobodys} == {theirs}
    cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [theirs])  # once the server has seen them go
    cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [theirs])
    template._drop(cursor, {theirs})
    assert theirs not in there(cursor)


@pytest.mark.django_db
def test_what_cannot_be_dropped_ends_no_session(old_ones: tuple[Any, str, str]) -> None:
    cursor, looked_into, _nobodys = old_ones
    where = {key: word for key, word in connection.get_connection_params().items() if key in template._SERVER}
    with psycopg.connect(**where, dbname=looked_into):
        template._drop(cursor, {looked_into, "template1"})
    assert there(cursor) >= {looked_into, "template1"}


@pytest.mark.django_db
def test_this_run_holds_its_own(old_ones: tuple[Any, str, str]) -> None:
    name = connection.settings_dict["TEST"]["TEMPLATE"] or pytest.skip("somebody edits: there is none")
    template._drop(old_ones[0], {name})
    assert name in there(old_ones[0])


@pytest.mark.django_db
def test_none_is_made_of_sources_that_were_edited_after_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "_IMPORTED", "what was imported before the edit")
    monkeypatch.setattr(template, "_PREFIX", "bankops_edited_")
    with ExitStack() as kept, connection._nodb_cursor() as cursor:
        assert template._template(kept) is None
        assert not [name for name in there(cursor) if name.startswith("bankops_edited_")]


def test_what_is_changed_added_or_deleted_is_put_back(committed_db: None) -> None:
    branch = head_office()
    tables = ["staff_branch", "auth_permission", "django_content_type"]
    before = {table: (mark, committed._contents(table)) for table, mark in fingerprint(tables).items()}
    Branch.objects.filter(pk=branch.pk).update(name="Elsewhere")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_content_type (app_label, model) VALUES ('tests', 'thing')")
        cursor.execute("DELETE FROM auth_permission WHERE codename = 'add_group'")
    assert {table for table, (mark, _rows) in before.items() if fingerprint([table])[table] != mark} == set(tables)
    committed._restore(before)
    assert fingerprint(tables) == {table: mark for table, (mark, _contents) in before.items()}
    assert Branch.objects.get(pk=branch.pk).name == "Head Office"
