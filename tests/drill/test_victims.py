"""Nobody is killed but whom the drill's own server forked, whatever ids were noted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from bankops.drill.deliveries.workers import Workers
from bankops.drill.server import WebServer

_FORKS = "import os, time; pid = os.fork(); print(pid or '', end='', flush=True); time.sleep(60)"


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Yield a process with one child, and the child's id."""
    process = subprocess.Popen([sys.executable, "-c", _FORKS], stdout=subprocess.PIPE)
    assert process.stdout
    child = int(os.read(process.stdout.fileno(), 20))
    yield process, child
    subprocess.run(["kill", "-9", str(child)], check=False)
    process.kill()
    process.wait()


def test_an_id_that_came_round_again_is_nobodys_victim(
    server: tuple[subprocess.Popen[bytes], int], tmp_path: Path
) -> None:
    process, child = server
    births = tmp_path / "births"
    with subprocess.Popen(["sleep", "60"]) as stranger:
        births.write_text(f"{stranger.pid}\n{child}\n")
        assert WebServer(0, process, births).workers() == [child]
        assert Workers(process, births, redis.Redis()).senders() == [child]
        process.kill()
        process.wait()
        assert WebServer(0, process, births).workers() == []
        assert stranger.poll() is None
        stranger.kill()


def test_before_anybody_was_born_there_is_nobody(server: tuple[subprocess.Popen[bytes], int], tmp_path: Path) -> None:
    assert Workers(server[0], tmp_path / "births", redis.Redis()).senders() == []
