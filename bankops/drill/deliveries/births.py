"""The Celery application of a drill's workers: the product's own, which rests endpoints for seconds in place of minutes.

Each process that it forks notes its birth, so that whoever kills them knows whom. Read by `celery -A`.
"""

from __future__ import annotations

import os
from pathlib import Path

from celery.signals import worker_process_init

from bankops.celery import app
from bankops.drill.gunicorn_hooks import BIRTHS

__all__ = ["app"]
_FASTER = 60  # minutes become seconds


@worker_process_init.connect
def _born(**_signal: object) -> None:
    from notifications import breaker  # models: not before Django is ready

    breaker.RESTS = tuple(rest / _FASTER for rest in breaker.RESTS)
    with Path(os.environ[BIRTHS]).open("a") as births:
        births.write(f"{os.getpid()}\n")
