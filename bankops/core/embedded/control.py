"""Starting, stopping and looking at the embedded servers, one caller at a time."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bankops.core.embedded import postgres_server, redis_server, rooms
from bankops.core.embedded.errors import EmbeddedError
from bankops.core.embedded.layout import Layout, data_dir, locate
from bankops.core.embedded.users import service_user

POSTGRES = "postgres"
REDIS = "redis"
ALL_SERVERS = frozenset({POSTGRES, REDIS})
_LOCK_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class ServerStatus:
    name: str
    running: bool
    pid: int | None
    socket: str
    log: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def needed(environ: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Return the servers nobody has named an address for, which are therefore ours to run."""
    variables = {POSTGRES: "DATABASE_URL", REDIS: "REDIS_URL"}
    return frozenset(server for server, variable in variables.items() if not environ.get(variable))


def start(servers: frozenset[str] = ALL_SERVERS) -> frozenset[str]:
    """Make sure the servers run and answer. Return those this call started; the others ran already.

    Safe to call from any number of processes at once; the servers outlive all of them.

    :raises EmbeddedError: when a server cannot be made to run; the message says what to do.
    """
    return _start(servers, leased=False)


@contextmanager
def lease(servers: frozenset[str] = ALL_SERVERS) -> Iterator[None]:
    """Have the servers run for as long as anybody holds a lease; the last to leave stops them.

    Servers that were started by hand (``start()``) before are left running.
    """
    rooms.make_data_dir(data_dir())
    with (data_dir() / "leases").open("w") as leases:
        fcntl.flock(leases.fileno(), fcntl.LOCK_SH)  # waits while the last of an earlier party is tidying up
        try:
            _start(servers, leased=True)
            yield
        finally:
            if _leased().exists() and _acquired(leases.fileno()):
                _stop_now(ALL_SERVERS)


def stop(servers: frozenset[str] = ALL_SERVERS) -> frozenset[str]:
    """Stop the servers of this data directory, and no others. Return those that were running.

    :raises EmbeddedError: ``server_does_not_stop``, ``busy``.
    """
    return _stop_now(servers) if data_dir().is_dir() else frozenset()


def status() -> list[ServerStatus]:
    """Look at both servers without changing anything."""
    layout = locate()
    return [
        _status(POSTGRES, postgres_server.find(layout), layout.postgres_socket, postgres_server.log(layout)),
        _status(REDIS, redis_server.find(layout), layout.redis_socket, redis_server.log(layout)),
    ]


def _start(servers: frozenset[str], *, leased: bool) -> frozenset[str]:
    rooms.make_data_dir(data_dir())
    if not servers:
        return frozenset()
    user = service_user(data_dir())
    with _locked(data_dir()):
        layout = locate()
        if rooms.has_leftovers(layout):
            _stop(layout, ALL_SERVERS)
            rooms.remove_leftovers(layout)
        rooms.make_rooms(layout, user)
        _note_who_stops_them(leased=leased)
        modules = {POSTGRES: postgres_server, REDIS: redis_server}
        return frozenset(name for name, module in modules.items() if name in servers and module.start(layout, user))


def _status(name: str, process: Any, socket: Path, log: Path) -> ServerStatus:
    pid = process.pid if process else None
    return ServerStatus(name=name, running=pid is not None, pid=pid, socket=str(socket), log=str(log))


def _stop_now(servers: frozenset[str]) -> frozenset[str]:
    service_user(data_dir())  # refuses what belongs to somebody else
    with _locked(data_dir()):
        _leased().unlink(missing_ok=True)
        return _stop(locate(), servers)


def _note_who_stops_them(*, leased: bool) -> None:
    if not leased:
        _leased().unlink(missing_ok=True)
    elif not any(server.running for server in status()):
        _leased().touch()


def _leased() -> Path:
    """Return the mark of servers that were started for a lease, not by hand."""
    return data_dir() / "leased"


def _stop(layout: Layout, servers: frozenset[str]) -> frozenset[str]:
    modules = {REDIS: redis_server, POSTGRES: postgres_server}
    return frozenset(name for name, module in modules.items() if name in servers and module.stop(layout))


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Hold the data directory's lock. The kernel lets go of it when we die, so it is never stale."""
    with (directory / "lock").open("w") as lock:
        deadline = time.monotonic() + _LOCK_SECONDS
        while not _acquired(lock.fileno()):
            if time.monotonic() > deadline:
                raise EmbeddedError("busy", f"Another process has been busy with {directory} for minutes.")
            time.sleep(0.05)
        yield


def _acquired(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
