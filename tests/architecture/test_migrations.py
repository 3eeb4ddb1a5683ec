"""Every migration can be taken back, SQL and all, and made again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from accounts.models import Customer, CustomerState
from staff.models import Branch
from tests.accounts.factories import make_branch
from tests.architecture.source import APPS, ROOT

Key = tuple[str, str]  # an app's label and the name of its migration

_SCHEMA = """
SELECT 'function', p.proname, pg_get_functiondef(p.oid) FROM pg_proc p
 WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
UNION ALL
SELECT 'trigger', t.tgrelid::regclass::text, pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE NOT t.tgisinternal
UNION ALL
SELECT 'constraint', c.conrelid::regclass::text, pg_get_constraintdef(c.oid)
  FROM pg_constraint c WHERE c.connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', i.indrelid::regclass::text, pg_get_indexdef(i.indexrelid)
  FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid WHERE r.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'column', table_name, column_name || ' ' || data_type || ' ' || is_nullable
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'sequence', sequencename, start_value::text FROM pg_sequences
UNION ALL
SELECT 'storage', relname, array_to_string(reloptions, ',') FROM pg_class WHERE reloptions IS NOT NULL
   AND relnamespace = 'public'::regnamespace
"""


_REGISTERED = (
    "INSERT INTO accounts_customer (id, number, kind, name, branch_id, created_at, risk_rating, ownership_note, version)"
    " VALUES (%s, 'C-1', 'PERSON', 'Li Hua', %s, now(), 'MEDIUM', '', 1)"
)


def schema() -> set[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_SCHEMA)
        return set(cursor.fetchall())


def test_every_sql_file_has_its_reverse() -> None:
    files = {path for config in APPS for path in (Path(config.path) / "migrations").glob("*.sql")}
    assert len(files) >= 8
    forward = {path for path in files if not path.name.endswith(".reverse.sql")}
    assert {path.with_suffix(".reverse.sql") for path in forward} == files - forward


def test_every_sql_file_is_run_by_a_migration() -> None:
    for config in APPS:
        folder = Path(config.path) / "migrations"
        migrations = "".join(path.read_text() for path in folder.glob("0*.py"))
        for path in folder.glob("*.sql"):
            assert path.name.replace(".reverse.sql", ".sql") in migrations, path.relative_to(ROOT)


@dataclass(frozen=True)
class Stop:
    """A place on the way down to an empty database: the last migration of each app, and the schema there."""

    reached: list[Key]
    schema: set[tuple[str, str, str]]

    @classmethod
    def here(cls) -> Self:
        loader = MigrationLoader(connection)
        return cls(list(dict(sorted(loader.applied_migrations.keys() & loader.graph.nodes.keys())).items()), schema())


class WayDown:
    """App by app down to nothing, each with those above it, in one go: Django works its way to the present only once."""

    def __init__(self) -> None:
        self.stops = [Stop.here()]
        self.left_behind: set[tuple[str, str]] = set()
        self._last: dict[Migration, str] = {}

    def go(self) -> None:
        executor = MigrationExecutor(connection, self._step)
        plan: list[Migration] = []
        for label in ("approvals", "transactions", "accounts", "core"):
            plan += [one for one, _back in executor.migration_plan([(label, None)]) if one not in plan]
            self._last[plan[-1]] = label
        executor.migrate([], [(migration, True) for migration in plan])

    def _step(self, action: str, migration: Migration | None = None, fake: bool | None = None) -> None:
        if action == "unapply_success" and migration in self._last:
            label = self._last[migration]
            self.stops.append(Stop.here())
            left = {(kind, name) for kind, name, _definition in self.stops[-1].schema}
            self.left_behind |= {thing for thing in left if thing[1].startswith(f"{label}_")}
            # The ledger is older than approvals, and only what it learned of them goes with them.
            ledger = [name for kind, name in left if kind == "function" and name.startswith("ledger_")]
            assert bool(ledger) == (label == "approvals")


@pytest.fixture
def models_made_once_a_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the models once for every migration that is to be taken back, before its first operation, and not after each.

    Django works out what the project was like before each of them first, and looks at the models only at those points.
    """
    mutate = Migration.mutate_state

    def mutate_state(migration: Migration, state: ProjectState, preserve: bool = True) -> ProjectState:
        if preserve:
            state = state.clone()
            state.__dict__.pop("apps", None)
        return mutate(migration, state, preserve=False)

    monkeypatch.setattr(Migration, "mutate_state", mutate_state)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("models_made_once_a_migration")
def test_every_apps_migrations_go_back_and_forth(committed_db: None) -> None:
    """App by app down to nothing, then up again: at each stop the schema is exactly what it was there on the way down.

    On the way up somebody becomes a customer before there are applications, and still is one in the end.
    """
    down, branch, customer = WayDown(), make_branch(), uuid4()

    def visit(action: str, migration: Migration | None = None, fake: bool | None = None) -> None:
        if action == "apply_success" and migration and migration.name == "0005_people":
            _become_a_customer(customer, branch)

    try:
        down.go()
        assert down.left_behind == set()
        for stop in reversed(down.stops[:-1]):
            MigrationExecutor(connection, visit).migrate(stop.reached)
            assert schema() == stop.schema
    finally:
        call_command("migrate", verbosity=0)
    assert Customer.objects.get(pk=customer).state == CustomerState.ACTIVE


def _become_a_customer(key: UUID, branch: Branch) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_REGISTERED, [key, branch.pk])
