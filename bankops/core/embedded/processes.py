"""Processes of the machine: which is ours, how one is started so that it outlives us, how it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bankops.core.embedded.errors import EmbeddedError

if TYPE_CHECKING:
    import psutil

    from bankops.core.embedded.users import ServiceUser

# The shell starts the server in the background, tells its number and leaves: the server belongs to nobody here.
_DETACH = '"$@" >&2 & echo $!'


def spawn_detached(
    command: Sequence[str | Path], *, log: Path, directory: Path, user: ServiceUser, env: Mapping[str, str]
) -> int:
    """Start ``command`` in a session of its own, writing to ``log``, and return its process id."""
    with log.open("ab") as output:
        result = run_as(
            user,
            ["/bin/sh", "-c", _DETACH, "sh", *command],
            stdout=subprocess.PIPE,
            stderr=output,
            directory=directory,
            env=env,
        )
    return int(result.stdout)


def run_as(
    user: ServiceUser,
    command: Sequence[str | Path],
    *,
    stdout: int,
    stderr: object,
    directory: Path,
    env: Mapping[str, str],
) -> subprocess.CompletedProcess[str]:
    """Run ``command`` to its end as ``user``, sharing no terminal, file or environment of ours."""
    identity = {} if user.is_self else {"user": user.uid, "group": user.gid, "extra_groups": []}
    try:
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            cwd=directory,
            env=dict(env),
            umask=0o077,
            start_new_session=True,
            text=True,
            check=False,
            **identity,
        )
    except OSError as error:
        message = f"Cannot run {command[0]} as {user.name}: {error}."
        raise EmbeddedError("cannot_run_server", message) from error


def server_process(pid_file: Path, *, program: str, directory: Path) -> psutil.Process | None:
    """Return the process a pid file names, if it is alive and really is ``program`` working in ``directory``.

    Numbers are reused: after a crash the file may name a stranger, and a stranger is never signalled.
    """
    import psutil

    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
        return None
    return process if _works_in(process, program, directory) else None


def processes_in(directory: Path, *, program: str) -> Iterator[psutil.Process]:
    """Yield every living process of ``program`` that works in ``directory``, whatever any pid file says."""
    import psutil

    return (process for process in psutil.process_iter() if _works_in(process, program, directory))


def wait_until_unused(directory: Path, *, program: str, seconds: float = 10.0) -> None:
    """Wait for what a killed server left behind; two servers on one directory would destroy it.

    :raises EmbeddedError: ``directory_in_use`` when something of it still lives after ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while left := list(processes_in(directory, program=program)):
        if time.monotonic() > deadline:
            pids = ", ".join(str(process.pid) for process in left)
            message = f"{program} (process {pids}) still uses {directory}, but is not under control. Stop it first."
            raise EmbeddedError("directory_in_use", message)
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Say whether a process lives; one that ended but was never collected does not."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def stop_process(process: psutil.Process, *, signals: Sequence[tuple[signal.Signals, float]]) -> None:
    """Ask a process to end, each signal with the seconds it is given, and return when it is gone.

    :raises EmbeddedError: ``server_does_not_stop`` when it outlives them all.
    """
    import psutil

    for number, seconds in signals:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            return
        if _gone_within(process.pid, seconds):
            return
    raise EmbeddedError("server_does_not_stop", f"Process {process.pid} does not stop.")


def log_tail(log: Path, lines: int = 8) -> str:
    """Return the last lines of a log, for an error message."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def _gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _works_in(process: psutil.Process, program: str, directory: Path) -> bool:
    import psutil

    try:
        named, living = process.name().startswith(program), process.status() != psutil.STATUS_ZOMBIE
        return bool(named and living and process.cwd() == os.path.realpath(directory))
    except psutil.Error:
        return False
