"""A small process supervisor for the demo: web, worker and beat under one roof, any of which may die.

In production each of them is a service of its own (docs/operations.md).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_TETHER = Path(__file__).with_name("tether.py")
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Command:
    """One child: a name for people, and what to run. Its output goes to ``log``, or where ours goes."""

    name: str
    arguments: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds. A child that lived for ``healthy`` starts again with the first wait."""

    first_wait: float = 0.5
    longest_wait: float = 15.0
    healthy: float = 30.0
    stop: float = 20.0


class Child:
    """One supervised command and its current process, which leads a session and process group of its own."""

    def __init__(self, command: Command, patience: Patience) -> None:
        self.command = command
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._wait = patience.first_wait
        self.due_at: float | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        arguments = [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), *self.command.arguments]
        environment = {**os.environ, **self.command.env}
        output = self.command.log.open("ab") if self.command.log else None
        try:
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                env=environment,
                start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor alone
            )
        finally:
            if output:
                output.close()
        self._started_at, self.due_at = time.monotonic(), None

    def ended(self) -> int | None:
        """Return the exit status if the process ended by now, having cleared away what it left running."""
        if self._process is None or not _has_ended(self._process.pid):
            return None
        # Its number is ours until we collect it, so the group is surely the one it led.
        _kill_group(self._process.pid)
        status = self._process.wait()
        self._process = None
        return status

    def schedule_restart(self) -> float:
        """Decide when to start again and return the wait in seconds, doubled at every quick death."""
        now = time.monotonic()
        if now - self._started_at >= self._patience.healthy:
            self._wait = self._patience.first_wait
        wait, self._wait = self._wait, min(self._wait * 2, self._patience.longest_wait)
        self.due_at = now + wait
        return wait

    def stop(self) -> bool:
        """End the process politely, then firmly. Return whether politeness was enough."""
        self.due_at = None
        if self._process is None:
            return True
        # Not Popen's own way, which may collect the process first and lose hold of its number.
        os.kill(self._process.pid, signal.SIGTERM)
        deadline = time.monotonic() + self._patience.stop
        while self.ended() is None:
            if time.monotonic() > deadline:
                _kill_group(self._process.pid)
                self._process.wait()
                self._process = None
                return False
            time.sleep(_POLL_SECONDS)
        return True


class Supervisor:
    """Keeps commands running in a thread of its own, until told to stop.

    :param commands: started in this order, stopped in the reverse order.
    :param say: receives one line per event.
    """

    def __init__(
        self, commands: Sequence[Command], *, say: Callable[[str], None] = print, patience: Patience | None = None
    ) -> None:
        self._children = [Child(command, patience or Patience()) for command in commands]
        self._say = say
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop every child in order and return when none is left. May be called twice."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def pids(self) -> dict[str, int | None]:
        """Return the current process of each command, or nothing while one waits to be started again."""
        return {child.command.name: child.pid for child in self._children}

    def wait(self) -> None:
        """Return when the supervisor has stopped; a signal handler or another thread makes it."""
        while self._thread.is_alive():
            self._thread.join(timeout=1)

    def _watch(self) -> None:
        # The kernel ties a tethered child to the thread that started it: all of them are started here.
        try:
            for child in self._children:
                child.start()
            while not self._stopping.wait(_POLL_SECONDS):
                for child in self._children:
                    self._look_after(child)
        finally:
            self._stop_all()

    def _look_after(self, child: Child) -> None:
        if child.due_at is not None:
            if time.monotonic() >= child.due_at:
                child.start()
                self._say(f"{child.command.name}: started again (process {child.pid})")
            return
        status = child.ended()
        if status is not None:
            wait = child.schedule_restart()
            self._say(f"{child.command.name}: {_cause(status)}; starting again in {wait:g} s")

    def _stop_all(self) -> None:
        for child in reversed(self._children):
            if not child.stop():
                self._say(f"{child.command.name}: did not stop in time and was killed")


def _has_ended(pid: int) -> bool:
    """Look without collecting: until then the kernel gives its number to nobody else."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # nobody left; macOS says "not permitted" when only the dead leader remains


def _cause(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"
