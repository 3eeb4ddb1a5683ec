"""Those who carry: a broker, beat and Celery workers of the drill's own, as in production, to be emptied and to be killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import redis

from bankops.core import embedded
from bankops.core.embedded.binaries import redis_program
from bankops.core.embedded.layout import locate
from bankops.core.embedded.users import service_user
from bankops.drill import victims
from bankops.drill.gunicorn_hooks import BIRTHS

_READY_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Workers:
    """Workers with some processes each that send, which are replaced when they die; and their broker."""

    process: subprocess.Popen[bytes]
    births: Path
    broker: redis.Redis

    def senders(self) -> list[int]:
        """Return the process ids of those that live."""
        return victims.living(self.births, of=self.process.pid)

    def kill_one(self, chance: random.Random) -> bool:
        """Kill one as nothing can prevent; tell whether there was one."""
        alive = self.senders()
        if not alive:
            return False
        with suppress(ProcessLookupError):
            os.kill(chance.choice(alive), signal.SIGKILL)
            return True
        return False

    def flush(self) -> None:
        """Have the broker forget everything."""
        self.broker.flushall()


@contextmanager
def carrying(*, database_url: str, processes: int) -> Iterator[Workers]:
    """Have events carried out until the block ends."""
    with tempfile.TemporaryDirectory() as name, _broker(Path(name)) as (url, client):
        directory = Path(name)
        with (directory / "log").open("wb") as log:
            births = directory / "births"
            process = _worker(database_url, url, processes, births, log)
            workers = Workers(process, births, client)
            try:
                _wait_until_born(workers, directory / "log")
                with _beating(database_url, url, directory, log):
                    yield workers
            finally:
                _end(process)


@contextmanager
def _broker(directory: Path) -> Iterator[tuple[str, redis.Redis]]:
    """Run a Redis of the drill's own; yield its address and a client."""
    program = redis_program(service_user(locate().home))
    socket = directory / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(directory)]
    process = subprocess.Popen([str(program), *options], stdout=subprocess.DEVNULL)
    try:
        client = redis.Redis.from_url(f"unix://{socket}")
        _wait_until_it_answers(client)
        yield f"unix://{socket}", client
    finally:
        process.kill()
        process.wait()


def _wait_until_it_answers(client: redis.Redis) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        try:
            client.ping()
        except redis.RedisError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the drill's Redis does not answer")


def _worker(database_url: str, redis_url: str, processes: int, births: Path, log: IO[bytes]) -> subprocess.Popen[bytes]:
    return _celery(
        *("worker", "--queues", "notifications", "--concurrency", str(processes)),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        named={**_environment(database_url, redis_url), BIRTHS: str(births)},
        log=log,
    )


@contextmanager
def _beating(database_url: str, redis_url: str, directory: Path, log: IO[bytes]) -> Iterator[None]:
    """Run the product's beat: after a flush nothing else tells the workers to look."""
    named = _environment(database_url, redis_url)
    beat = _celery("beat", "--pidfile=", "--schedule", str(directory / "beat"), named=named, log=log)
    try:
        yield
    finally:
        _end(beat)


def _environment(database_url: str, redis_url: str) -> dict[str, str]:
    """Return what is different from this process's environment, which names the settings."""
    return {
        "DATABASE_URL": database_url,
        "CELERY_BROKER_URL": embedded.as_broker_url(redis_url),
        "BANKOPS_WEBHOOK_LOOPBACK": "true",
        "BANKOPS_WEBHOOK_HTTPS_ONLY": "false",
    }


def _celery(*command: str, named: dict[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*(sys.executable, "-m", "celery", "-A", "bankops.drill.deliveries.births"), *command, "--loglevel", "WARNING"],
        env={**os.environ, **named},
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def _wait_until_born(workers: Workers, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and workers.process.poll() is None:
        if workers.senders():
            return
        time.sleep(0.1)
    raise RuntimeError(f"the worker does not start:\n{log.read_text()[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=30)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
