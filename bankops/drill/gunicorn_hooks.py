"""Gunicorn's hooks while its workers are drilled: each notes its birth, so that whoever kills them knows whom.

Read by gunicorn as its configuration (`--config python:bankops.drill.gunicorn_hooks`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

BIRTHS = "BANKOPS_DRILL_BIRTHS"
"""The environment variable that names the file with the workers' process ids, one a line, the newest last."""


def when_ready(_server: Any) -> None:
    """Import in the master whatever the first request would: workers that are killed young would never get past it."""
    from django.urls import get_resolver

    assert get_resolver().url_patterns


def post_fork(_server: Any, worker: Any) -> None:
    """Note the process id of a worker that was just born."""
    with Path(os.environ[BIRTHS]).open("a") as births:
        births.write(f"{worker.pid or os.getpid()}\n")
