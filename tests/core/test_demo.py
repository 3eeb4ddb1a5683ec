"""`manage.py demo` from nothing to a sign-in page and away again, as somebody at a terminal has it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from bankops.core.embedded.layout import PROJECT_ROOT
from bankops.core.management.commands import demo

Terminal = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """Start the demo, with a database of its own; whatever is left of it ends with the test."""
    parent = Path(tempfile.mkdtemp(prefix="bankops-demo-"))
    parent.chmod(0o755)
    own = {"BANKOPS_DATA_DIR": str(parent / ".data"), "DJANGO_SETTINGS_MODULE": "bankops.settings.dev"}
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}} | own
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", "demo", "--port", "18000"]
        process = subprocess.Popen(
            command, cwd=PROJECT_ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
    subprocess.run([sys.executable, "manage.py", "services", "stop"], cwd=PROJECT_ROOT, env=environment, check=True)
    shutil.rmtree(parent)


def read_until(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    assert process.stdout
    read = ""
    for line in process.stdout:
        read += line
        if match := re.search(pattern, line):
            return match
    pytest.fail(f"the demo ended without saying “{pattern}”:\n{read}")


def healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}healthz", timeout=60) as response:
            return bool(json.load(response)["healthy"])
    except OSError:
        return False


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def leader(process: subprocess.Popen[str], last_argument: str) -> psutil.Process:
    """Return a process of the demo's by how its command ends, when it is there: one that begins or ends has another, or none."""
    found: list[psutil.Process] = []

    def is_there() -> bool:
        found[:] = [child for child in psutil.Process(process.pid).children() if ends_in(child, last_argument)]
        return bool(found)

    assert eventually(is_there, seconds=60)
    return found[0]


def ends_in(process: psutil.Process, last_argument: str) -> bool:
    try:
        return bool(process.cmdline()[-1:] == [last_argument])
    except psutil.Error:
        return False


@pytest.mark.slow
@pytest.mark.timeout(600)  # it makes a bank from nothing, which beside two other tests takes its time
def test_the_demo_comes_up_survives_its_processes_and_goes_away(terminal: Terminal) -> None:
    # given a demo that is up
    process = terminal()
    address = read_until(process, r"bankops is at (http://\S+)")[1]
    assert healthy(address)
    read_until(process, "Ctrl-C")

    # when one process after another is killed, then each comes back
    of = {"web": "--no-control-socket", "worker": "--without-mingle", "sender": "notifications", "beat": "--pidfile="}
    for name, last_argument in of.items():
        leader(process, last_argument).kill()
        read_until(process, f"{name}: killed by SIGKILL")
        read_until(process, f"{name}: started again")
    assert eventually(lambda: healthy(address))

    # and when Ctrl-C is pressed, then nothing is left
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=180)
    assert process.returncode == 0
    assert eventually(lambda: not any(map(lives, family)), seconds=60)
    assert not healthy(address)


def test_a_port_that_is_taken_is_left_to_whoever_has_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert demo._free_port(port) > port
