"""Run a command that is told to stop when the process that started it dies, however that happened.

``python tether.py PARENT_PID COMMAND...`` replaces itself with the command. Linux only; elsewhere it just runs it.
A script of its own, because only a process that has not started anything yet can safely ask this of the kernel.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit("The parent died before its child began.")
    os.execvp(command[0], command)  # noqa: S606 - the supervisor's own command line


if __name__ == "__main__":
    main()
