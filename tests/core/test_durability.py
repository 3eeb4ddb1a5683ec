"""The product refuses a database that may forget: asked the real server, with the settings really off."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django.fixtures import Settings

from bankops.core.durability import DatabaseNotDurable, assert_durable, end_unless_durable, require_durable_database
from bankops.core.embedded.layout import PROJECT_ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> Iterator[BaseDatabaseWrapper]:
    """A connection whose sessions do not wait for the disk, as a client or a role's settings can ask for."""
    database = connection.copy()
    database.settings_dict["OPTIONS"] = {**database.settings_dict["OPTIONS"], "options": "-c synchronous_commit=off"}
    monkeypatch.setattr("bankops.core.durability.connection", database)
    yield database
    database.close()


def test_a_durable_database_is_accepted() -> None:
    assert_durable(connection)


def test_a_session_that_does_not_wait_for_the_disk_is_refused(forgetful: BaseDatabaseWrapper) -> None:
    with pytest.raises(DatabaseNotDurable, match="synchronous_commit switched off") as refusal:
        assert_durable(forgetful)
    assert refusal.value.code == "database_not_durable"
    assert refusal.value.context == {"settings": "synchronous_commit"}


@pytest.mark.usefixtures("forgetful")
def test_processes_do_not_start_on_it() -> None:
    with pytest.raises(DatabaseNotDurable):
        require_durable_database()
    with pytest.raises(SystemExit, match="database_not_durable"):
        end_unless_durable()


def test_a_developer_may_say_it_is_wanted(forgetful: BaseDatabaseWrapper, settings: Settings) -> None:
    settings.BANKOPS_ALLOW_UNSAFE_DATABASE = True
    assert_durable(forgetful)


@pytest.mark.parametrize("local", ["local", "remote_write", "remote_apply"])
def test_every_setting_that_waits_for_the_local_disk_is_accepted(local: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL synchronous_commit = {local}")
    assert_durable(connection)


@pytest.mark.slow
@pytest.mark.parametrize(
    "process",
    [
        ["gunicorn", "bankops.wsgi:application", "--bind", "127.0.0.1:0", "--workers", "1", "--no-control-socket"],
        ["celery", "-A", "bankops", "worker", "--concurrency", "1"],
        # Beat deletes a schedule file it cannot read, so the file is always one of the test's own.
        ["celery", "-A", "bankops", "beat", "--pidfile=", "--schedule", "SCHEDULE"],
    ],
    ids=["web", "worker", "beat"],
)
def test_web_worker_and_beat_refuse_it_for_real(process: list[str], tmp_path: Path) -> None:
    # given that the client library itself asks every session not to wait
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bankops.settings.test",
        "PGOPTIONS": "-c synchronous_commit=off",
    }
    arguments = [argument.replace("SCHEDULE", str(tmp_path / "schedule")) for argument in process]

    result = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )

    assert result.returncode != 0
    assert "database_not_durable" in result.stdout + result.stderr
