"""The embedded PostgreSQL: made once, started when it is not running, stopped when it is ours."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bankops.core.embedded import processes
from bankops.core.embedded.addresses import DATABASE_NAME, DATABASE_ROLE
from bankops.core.embedded.binaries import postgres_programs
from bankops.core.embedded.errors import EmbeddedError
from bankops.core.embedded.layout import Layout
from bankops.core.embedded.users import ServiceUser

if TYPE_CHECKING:
    import psutil
    import psycopg

PROGRAM = "postgres"
_SUPERUSER = "postgres"
# A server that crashed replays its journal before it answers; that is worth waiting for.
_READY_SECONDS = 120.0
# Fast shutdown first (checkpoint and all), then the one that leaves the work to the next start.
_STOP_SIGNALS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))

_CONFIGURATION = """\
# Written at every start by bankops.core.embedded. Changes here are lost.
listen_addresses = ''
unix_socket_directories = {sockets}
unix_socket_permissions = 0700
port = 5432
hba_file = {hba}
ident_file = {ident}
max_connections = 100

# A payment that was confirmed survives a power cut. None of these is ever traded for speed.
fsync = on
full_page_writes = on
synchronous_commit = on

# For two cores and a few gigabytes.
shared_buffers = 256MB
max_wal_size = 2GB
wal_compression = on
random_page_cost = 1.1
jit = off

timezone = 'UTC'
log_timezone = 'UTC'
"""
# No passwords: the kernel tells the server who is calling. Nobody but the names in the map gets in.
_ACCESS = "local all all peer map=bankops\n"


def find(layout: Layout) -> psutil.Process | None:
    """Return our running server, however it was started, or nothing."""
    pid_file = layout.postgres_data / "postmaster.pid"
    return processes.server_process(pid_file, program=PROGRAM, directory=layout.postgres_data)


def start(layout: Layout, user: ServiceUser) -> bool:
    """Make sure the server answers and the product's database exists. Return whether this call started it."""
    running = find(layout)
    if running and _is_ready(layout, running.pid):
        return False
    programs = postgres_programs(user)
    if not (layout.postgres_data / "PG_VERSION").exists():
        _initialise(layout, user, programs)
    _write_configuration(layout, user)
    _remove_stale_locks(layout)
    command: list[str | Path] = [
        programs / "postgres",
        "-D",
        layout.postgres_data,
        "-c",
        f"config_file={_conf(layout)}",
    ]
    pid = processes.spawn_detached(command, log=log(layout), directory=layout.home, user=user, env=_environment())
    if not _is_ready(layout, pid):
        message = f"PostgreSQL ended at once:\n{processes.log_tail(log(layout))}\nLog: {log(layout)}"
        raise EmbeddedError("postgres_not_ready", message)
    return True


def stop(layout: Layout) -> bool:
    """Stop our server, if it runs. Return whether there was anything to stop."""
    process = find(layout)
    if process is None:
        return False
    processes.stop_process(process, signals=_STOP_SIGNALS)
    return True


def log(layout: Layout) -> Path:
    return layout.logs / "postgres.log"


def _initialise(layout: Layout, user: ServiceUser, programs: Path) -> None:
    """Create the cluster beside its place and move it there whole: an interrupted start leaves no half of one."""
    unfinished = layout.postgres / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    options = [f"--username={_SUPERUSER}", "--auth=peer", "--encoding=UTF8", "--data-checksums"]
    # The built-in locale sorts alike on every machine and with every C library.
    options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    result = processes.run_as(
        user,
        [programs / "initdb", "-D", unfinished, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        directory=layout.home,
        env=_environment(),
    )
    if result.returncode:
        raise EmbeddedError("postgres_not_initialised", f"PostgreSQL could not be set up:\n{result.stdout}")
    unfinished.rename(layout.postgres_data)


def _write_configuration(layout: Layout, user: ServiceUser) -> None:
    callers = dict.fromkeys([user.name, pwd.getpwuid(os.geteuid()).pw_name])
    roles = (DATABASE_ROLE, _SUPERUSER)
    hba, ident = layout.conf / "pg_hba.conf", layout.conf / "pg_ident.conf"
    texts = {
        hba: _ACCESS,
        ident: "".join(f'bankops "{caller}" {role}\n' for caller in callers for role in roles),
        _conf(layout): _CONFIGURATION.format(sockets=_quoted(layout.sockets), hba=_quoted(hba), ident=_quoted(ident)),
    }
    for path, text in texts.items():
        path.write_text(text)
        path.chmod(0o644)


def _remove_stale_locks(layout: Layout) -> None:
    """Clear the way after a crash.

    PostgreSQL itself deals with a lock file whose process is gone. One whose number belongs to another program by now,
    or to a process nobody collected, it takes for a running server; we have looked, and know better.
    """
    processes.wait_until_unused(layout.postgres_data, program=PROGRAM)
    socket_lock = layout.postgres_socket.with_name(f"{layout.postgres_socket.name}.lock")
    for lock in (layout.postgres_data / "postmaster.pid", socket_lock):
        if _names_a_process(lock):
            lock.unlink()


def _names_a_process(lock: Path) -> bool:
    import psutil

    try:
        return bool(psutil.pid_exists(abs(int(lock.read_text().split()[0]))))
    except (FileNotFoundError, ValueError, IndexError):
        return False


def _is_ready(layout: Layout, pid: int) -> bool:
    """Wait until the server answers. Say no when it ends instead, as one that was killed a moment ago does."""
    import psycopg

    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            with psycopg.connect(_conninfo(layout), autocommit=True) as connection:
                _prepare(connection)
                return True
        except psycopg.OperationalError as error:
            if not processes.is_alive(pid):
                return False
            if time.monotonic() > deadline:
                message = f"PostgreSQL does not answer: {error}\nLog: {log(layout)}"
                raise EmbeddedError("postgres_not_ready", message) from error
        time.sleep(0.05)


def _conninfo(layout: Layout) -> str:
    import psycopg.conninfo

    return psycopg.conninfo.make_conninfo(
        host=str(layout.sockets), port=5432, user=_SUPERUSER, dbname="postgres", connect_timeout=5
    )


def _prepare(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Create the product's role and database: it may make databases for its tests, and nothing else special."""
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [DATABASE_ROLE]).fetchone():
        connection.execute(f"CREATE ROLE {DATABASE_ROLE} LOGIN CREATEDB")
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]).fetchone():
        connection.execute(f"CREATE DATABASE {DATABASE_NAME} OWNER {DATABASE_ROLE}")


def _conf(layout: Layout) -> Path:
    return layout.conf / "postgresql.conf"


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _environment() -> dict[str, str]:
    """Nothing of ours: a PGDATA or LC_ALL of the caller's must not reach the server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
