"""Throw-away databases on the server the product uses: the embedded one, or the one `DATABASE_URL` names.

The product's own database is only the place from which others are made; nothing in it is read or written.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import environ
import psycopg
from psycopg import sql

from bankops.core import embedded

_PREFIX = f"bench_{os.getpid()}_"
_DROP_SECONDS = 60.0


class Databases:
    """Makes databases for a measurement and drops them after it. All names begin with `bench_`."""

    def __init__(self) -> None:
        self._server_url = os.environ.get("DATABASE_URL") or embedded.database_url()
        self._originals: dict[str, str] = {}

    def url(self, name: str) -> str:
        """Return the address of a database of this run."""
        address, question_mark, options = self._server_url.partition("?")
        return f"{address.rpartition('/')[0]}/{name}{question_mark}{options}"

    def connect(self, url: str | None = None) -> psycopg.Connection[tuple[object, ...]]:
        """Open a connection, by default to the product's database."""
        return psycopg.connect(**_connection_arguments(url or self._server_url), autocommit=True)

    @contextmanager
    def empty(self, purpose: str) -> Iterator[str]:
        """Create an empty database and yield its address; drop it afterwards, whoever is still connected."""
        with self._made(purpose, template="template1") as url:
            yield url

    @contextmanager
    def product(self, purpose: str) -> Iterator[str]:
        """Do the same with a database that holds the product's tables, its chart and its roles."""
        with self._made(purpose, template=self.original("product", _prepare)) as url:
            yield url

    @contextmanager
    def filled(self, purpose: str, *, like: str, fill: Callable[[str], None]) -> Iterator[str]:
        """Do the same with a product's database that `fill` has filled, once for all that are `like` it."""
        original = self.original(like, fill, template=self.original("product", _prepare))
        with self._made(purpose, template=original) as url:
            yield url

    def original(self, name: str, prepare: Callable[[str], None], *, template: str = "template1") -> str:
        """Return the database others are copies of, preparing it the first time: copying one is quicker than that."""
        if name not in self._originals:
            database = f"{_PREFIX}original_{name}"
            self._originals[name] = database
            self._create(database, template)
            prepare(self.url(database))
        return self._originals[name]

    def clear(self) -> None:
        """Drop what this run still has."""
        for database in self._originals.values():
            self._drop(database)
        self._originals.clear()

    @contextmanager
    def _made(self, purpose: str, *, template: str) -> Iterator[str]:
        name = f"{_PREFIX}{purpose}"
        self._create(name, template)
        try:
            yield self.url(name)
        finally:
            self._drop(name)

    def _create(self, name: str, template: str) -> None:
        with self.connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            )

    def _drop(self, name: str) -> None:
        """Drop a database. An autovacuum worker in it cannot be ended by us, and is gone a moment later."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        deadline = time.monotonic() + _DROP_SECONDS
        while True:
            try:
                with self.connect() as connection:
                    connection.execute(statement)
                    return
            except psycopg.errors.InsufficientPrivilege:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


def _prepare(database_url: str) -> None:
    for command in ("migrate", "seed_chart", "sync_roles"):
        manage(command, database_url=database_url)


def manage(command: str, *arguments: str, database_url: str, extra: Mapping[str, str] = MappingProxyType({})) -> str:
    """Run a management command of the product against a database and return what it printed.

    :param extra: environment variables for it.
    :raises RuntimeError: when it fails; the message is the last thing it said.
    """
    result = subprocess.run(
        [sys.executable, "manage.py", command, *arguments],
        env={**os.environ, **extra, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        said = (result.stdout + result.stderr).strip()
        print(said, file=sys.stderr)
        raise RuntimeError(f"manage.py {command} failed: {said.splitlines()[-1] if said else result.returncode}")
    return result.stdout


def libpq_environment(url: str) -> dict[str, str]:
    """Return the variables by which PostgreSQL's own programs find a database."""
    arguments = _connection_arguments(url)
    variables = {"PGDATABASE": str(arguments.pop("dbname"))}
    return variables | {f"PG{name.upper()}": str(value) for name, value in arguments.items()}


def _connection_arguments(url: str) -> dict[str, Any]:
    config = environ.Env.db_url_config(url)
    names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname"}
    options: dict[str, Any] = config.get("OPTIONS", {})
    return options | {name: config[key] for key, name in names.items() if config.get(key)}
