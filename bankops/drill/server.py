"""A real web server on a database of somebody's choice: gunicorn as in production, to be measured or to be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import MappingProxyType

from bankops.drill import victims
from bankops.drill.gunicorn_hooks import BIRTHS

_READY_SECONDS = 60.0
_HOST = "127.0.0.1"
# All calls come from one address here, which the bank would soon be tired of.
_PATIENT = {"BANKOPS_ADDRESS_PER_SECOND": "1000000", "BANKOPS_ADDRESS_BURST": "10000000"}


@dataclass(frozen=True, slots=True)
class WebServer:
    """Gunicorn with some workers, which it replaces when they die.

    Attributes:
        port: where it listens on this machine; connections wait there even while no worker lives.

    """

    port: int
    process: subprocess.Popen[bytes]
    births: Path

    @property
    def netloc(self) -> str:
        """Host and port, as clients name them."""
        return f"{_HOST}:{self.port}"

    def workers(self) -> list[int]:
        """Return the process ids of the workers that live, the oldest first."""
        return victims.living(self.births, of=self.process.pid)


@contextmanager
def web_server(
    *,
    database_url: str,
    settings: str,
    workers: int = 2,
    threads: int = 8,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[WebServer]:
    """Serve the product until the block ends. What the server says is in the error when it does not start.

    :param settings: the module of Django's settings.
    :param environment: variables for it, beside those of this process.
    """
    with (
        tempfile.TemporaryDirectory() as directory,
        socket.create_server((_HOST, 0), backlog=512) as listening,
        (Path(directory) / "log").open("wb") as log,
    ):
        births = Path(directory) / "births"
        births.touch()
        more = {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": settings, BIRTHS: str(births)}
        process = subprocess.Popen(
            _command(listening.fileno(), workers, threads),
            env={**os.environ, **_PATIENT, **environment, **more},
            pass_fds=[listening.fileno()],
            stdout=log,
            stderr=log,
            start_new_session=True,  # its processor time is shared out as a service's, and Ctrl-C ends it through us
        )
        server = WebServer(listening.getsockname()[1], process, births)
        try:
            _wait_until_it_answers(server, Path(log.name))
            yield server
        finally:
            process.terminate()
            _wait_or_kill(process)


def _command(descriptor: int, workers: int, threads: int) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", "bankops.wsgi:application"),
        *("--config", "python:bankops.drill.gunicorn_hooks", "--preload"),
        *("--bind", f"fd://{descriptor}", "--workers", str(workers)),
        *("--worker-class", "gthread", "--threads", str(threads), "--keep-alive", "60"),
        *("--log-level", "warning", "--no-control-socket", "--graceful-timeout", "5"),
    ]


def _wait_until_it_answers(server: WebServer, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        connection = HTTPConnection(_HOST, server.port, timeout=_READY_SECONDS)
        try:
            connection.request("GET", "/api/")
            if connection.getresponse().status == 404:
                return
        except (OSError, HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise RuntimeError(f"gunicorn does not answer:\n{log.read_text()[-2000:]}")


def _wait_or_kill(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
