"""One migrated database that the databases of all test processes are copies of: the migrations run once, not in every one.

It stays on the server for the next run, under a name that says what it was made from: any other source, package, server,
setting or day makes another one, and an old one goes once no run stands on it. What is copied is still migrated by Django,
which finds nothing to do.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from pytest_django.plugin import DjangoDbBlocker

from bankops.core import clock

_PREFIX = "bankops_migrated_"
_SOURCES = ("accounts", "approvals", "bankops", "locale", "notifications", "partners", "risk", "staff", "transactions")
_PLACES = ("BANKOPS_DATA_DIR", "BANKOPS_CHROMIUM")  # where something is says nothing about a database
_SERVER = {"host", "port", "user", "password"}
_ROOT = Path(__file__).resolve().parents[1]
_LOCK = 7_365_204_518  # any number will do that nobody else locks on this server
_OLD = """
    SELECT pg_try_advisory_lock(hashtextextended(datname, 0)) FROM pg_database
     WHERE datname = %s AND pg_get_userbyid(datdba) = current_user
"""
_UNFINISHED = "_unfinished"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Have pytest-django's database, and every scratch database of a test, made as a copy of the template."""
    with ExitStack() as kept:
        with django_db_blocker.unblock():
            connection.settings_dict["TEST"]["TEMPLATE"] = _template(kept)
        yield


def _template(kept: ExitStack) -> str | None:
    """Return the name of the template, made first where it is not there; whoever comes second waits.

    :param kept: nobody drops the template until this is closed.
    :returns: None when the sources are not those any more that this process began to import: then none is made.
    """
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])  # until this connection closes
        cursor.execute("SELECT current_setting('server_version') || current_user")
        name = _PREFIX + _fingerprint(cursor.fetchone()[0], _IMPORTED)
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [_PREFIX])
        there = {row[0] for row in cursor.fetchall()}
        if name not in there:
            _drop(cursor, there)
            if not _make(cursor, name):
                return None
        kept.enter_context(_held(cursor, name))
    return name


def _make(cursor: Any, name: str) -> bool:
    """Migrate a database under another name: one that is called `name` is whole. Nobody may look into it any more.

    :returns: False when somebody has edited the sources: what it would be made from is not what its name would say.
    """
    MigrationLoader(None)  # imports them: from here on it does not matter what is edited
    if _digest(_ROOT) != _IMPORTED:
        return False
    with _called(name + _UNFINISHED):
        unfinished = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connection.close()
    cursor.execute(f'ALTER DATABASE "{unfinished}" ALLOW_CONNECTIONS false')
    cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    return True


@contextmanager
def _held(cursor: Any, name: str) -> Iterator[None]:
    """Keep others from dropping a template, on a connection of its own to the cursor's database: locks count there only."""
    cursor.execute("SELECT current_database()")
    server = {key: word for key, word in connection.get_connection_params().items() if key in _SERVER}
    with closing(psycopg.connect(**server, dbname=cursor.fetchone()[0], autocommit=True)) as other:
        other.execute("SELECT pg_advisory_lock_shared(hashtextextended(%s, 0))", [name])
        yield


@contextmanager
def _called(name: str) -> Iterator[None]:
    """Have Django's test database be called `name` inside, and be the one in use before again afterwards."""
    own, wanted = connection.settings_dict["NAME"], connection.settings_dict["TEST"].get("NAME")
    connection.settings_dict["TEST"]["NAME"] = name
    try:
        yield
    finally:
        connection.settings_dict["TEST"]["NAME"] = wanted
        connection.settings_dict["NAME"] = settings.DATABASES[connection.alias]["NAME"] = own


def _drop(cursor: Any, names: set[str]) -> None:
    """Drop what is ours and no run stands on; whoever needs another template next drops what is left."""
    for name in names:
        cursor.execute(_OLD, [name])
        if (True,) in cursor.fetchall():
            with suppress(DatabaseError):  # somebody looks into it just now
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def _fingerprint(server: str, sources: str) -> str:
    """Return a hash over everything that could make migrations leave something else behind, the clock by its day."""
    told = [
        server,
        sys.version,
        os.environ["DJANGO_SETTINGS_MODULE"],
        str(clock.now().date()),
        *_surroundings(),
        *_packages(),
        sources,
    ]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:24]


def _surroundings() -> list[str]:
    return sorted(f"{key}={word}" for key, word in os.environ.items() if "BANKOPS" in key and key not in _PLACES)


def _packages() -> list[str]:
    return sorted(f"{one.name}=={one.version}" for one in distributions())


def _digest(root: Path) -> str:
    """Return a hash over the product's files, their names too."""
    digest = hashlib.sha256()
    for path in sorted(_files(root)):
        digest.update(f"\n{path.relative_to(root)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    for source in _SOURCES:
        for path in (root / source).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


_IMPORTED = _digest(
    _ROOT
)  # now: the modules that migrate are imported by the first test, and may be edited before it runs
