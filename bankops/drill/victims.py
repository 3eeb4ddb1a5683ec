"""Whom a drill may kill: processes that its own server forked, and that are still the same ones."""

from __future__ import annotations

from pathlib import Path


def living(births: Path, *, of: int) -> list[int]:
    """Return the process ids noted in a file, the oldest first, of those that live and that the process `of` is the parent of.

    An id that was noted may belong to a stranger by now: the system gives them out again, after some thirty thousand others.
    """
    import psutil

    try:
        children = psutil.Process(of).children()
    except psutil.NoSuchProcess:
        return []
    alive = {child.pid for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE}
    born = [int(line) for line in births.read_text().split()] if births.exists() else []
    return [pid for pid in dict.fromkeys(born) if pid in alive]
