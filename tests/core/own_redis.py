"""A Redis of a test's own, to be killed, stopped and emptied."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import redis

from bankops.core.embedded.binaries import redis_program
from bankops.core.embedded.layout import locate
from bankops.core.embedded.users import service_user


class Server:
    """One process on a socket of its own, empty at the start."""

    def __init__(self, directory: Path) -> None:
        self.socket = directory / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._directory = directory
        self.start()

    def start(self) -> None:
        program = redis_program(service_user(locate().home))
        options = ["--port", "0", "--unixsocket", str(self.socket), "--save", "", "--dir", str(self._directory)]
        self.process = subprocess.Popen([str(program), *options], stdout=subprocess.DEVNULL)
        with redis.Redis.from_url(self.url) as client:
            for _again in range(200):
                try:
                    client.ping()
                except redis.RedisError:
                    time.sleep(0.02)
                else:
                    return
        raise AssertionError("the test's Redis does not answer")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()

    def hang(self) -> None:
        """Take calls and answer none."""
        self.process.send_signal(signal.SIGSTOP)

    def forget(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()
