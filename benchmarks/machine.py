"""What the figures were measured on, as far as it says something about them."""

from __future__ import annotations

import os
import platform

import psutil

from benchmarks.databases import Databases

_GIGABYTE = 1_000_000_000


def describe(databases: Databases) -> dict[str, object]:
    """Return cores, memory and versions; nothing that names the machine."""
    with databases.connect() as connection:
        version = connection.info.server_version
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / _GIGABYTE),
        "postgresql": f"{version // 10_000}.{version % 10_000}",
        "python": platform.python_version(),
    }
