"""The embedded Redis: the same life as the database beside it. What it holds is a hint; it is kept all the same."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bankops.core.embedded import processes
from bankops.core.embedded.binaries import redis_program
from bankops.core.embedded.errors import EmbeddedError
from bankops.core.embedded.layout import Layout
from bankops.core.embedded.users import ServiceUser

if TYPE_CHECKING:
    import psutil

# redis-server or valkey-server, whichever the machine has.
PROGRAMS = ("redis-server", "valkey-server")
_READY_SECONDS = 60.0
_STOP_SIGNALS = ((signal.SIGTERM, 20.0), (signal.SIGKILL, 5.0))

_CONFIGURATION = """\
# Written at every start by bankops.core.embedded. Changes here are lost.
port 0
unixsocket {socket}
unixsocketperm 700
dir {directory}
pidfile {pid_file}
daemonize no
databases 64
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


def find(layout: Layout) -> psutil.Process | None:
    """Return our running server, however it was started, or nothing."""
    for program in PROGRAMS:
        process = processes.server_process(_pid_file(layout), program=program, directory=layout.redis)
        if process:
            return process
    return None


def start(layout: Layout, user: ServiceUser) -> bool:
    """Make sure the server answers. Return whether this call started it."""
    running = find(layout)
    if running and _is_ready(layout, running.pid):
        return False
    program = redis_program(user)
    for name in PROGRAMS:
        processes.wait_until_unused(layout.redis, program=name)
    conf = _write_configuration(layout)
    pid = processes.spawn_detached(
        [program, conf], log=log(layout), directory=layout.home, user=user, env={"PATH": os.defpath, "LC_ALL": "C"}
    )
    if not _is_ready(layout, pid):
        message = f"Redis ended at once:\n{processes.log_tail(log(layout))}\nLog: {log(layout)}"
        raise EmbeddedError("redis_not_ready", message)
    return True


def stop(layout: Layout) -> bool:
    """Stop our server, if it runs. Return whether there was anything to stop."""
    process = find(layout)
    if process is None:
        return False
    processes.stop_process(process, signals=_STOP_SIGNALS)
    return True


def log(layout: Layout) -> Path:
    return layout.logs / "redis.log"


def _write_configuration(layout: Layout) -> Path:
    conf = layout.conf / "redis.conf"
    conf.write_text(
        _CONFIGURATION.format(
            socket=_quoted(layout.redis_socket), directory=_quoted(layout.redis), pid_file=_quoted(_pid_file(layout))
        )
    )
    conf.chmod(0o644)
    return conf


def _is_ready(layout: Layout, pid: int) -> bool:
    """Wait until the server answers, its file read. Say no when it ends instead."""
    import redis

    deadline = time.monotonic() + _READY_SECONDS
    with redis.Redis(unix_socket_path=str(layout.redis_socket), socket_timeout=5) as client:
        while True:
            try:
                client.ping()
                return True
            except redis.RedisError as error:
                if not processes.is_alive(pid):
                    return False
                if time.monotonic() > deadline:
                    message = f"Redis does not answer: {error}\nLog: {log(layout)}"
                    raise EmbeddedError("redis_not_ready", message) from error
            time.sleep(0.02)


def _pid_file(layout: Layout) -> Path:
    return layout.redis / "redis.pid"


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
