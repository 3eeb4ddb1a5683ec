"""A worker's ear on the outbox: what was announced is carried out at once, and not when beat next looks.

Of the workers that send (`--queues notifications`), each listens. What is heard is a hint: PostgreSQL may have been away, and
who listens may have been killed between hearing and telling. Beat sends the same task every two seconds.
"""

from __future__ import annotations

import logging
import threading
from contextlib import closing
from typing import Any

import psycopg
from celery import bootsteps
from django.db import connections
from kombu.exceptions import OperationalError

QUEUE, TASK = "notifications", "notifications.carry"
_DEBOUNCE_SECONDS = 0.2
_AGAIN_SECONDS = 2.0
_EXPIRES_SECONDS = 2
_logger = logging.getLogger(__name__)


class OutboxAlarm(bootsteps.StartStopStep):
    """Listens in a thread of the worker's main process, on a connection of its own."""

    requires = ("celery.worker.components:Pool",)  # its processes are forked before there is another thread

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def include_if(self, worker: Any) -> bool:
        return QUEUE in worker.app.amqp.queues.consume_from

    def start(self, worker: Any) -> None:
        self._thread = threading.Thread(target=self._listen_on, args=(worker.app,), name="outbox-alarm", daemon=True)
        self._thread.start()

    def stop(self, worker: Any) -> None:
        self._stopping.set()
        if self._thread:
            self._thread.join(timeout=_AGAIN_SECONDS)

    def terminate(self, parent: Any) -> None:
        self.stop(parent)

    def _listen_on(self, app: Any) -> None:
        """Listen until the worker stops; begin again when the database went away."""
        while not self._stopping.is_set():
            try:
                with closing(own_connection()) as listening:
                    self._listen(app, listening)
            except psycopg.Error:
                _logger.warning("outbox_alarm_lost", exc_info=True)
                self._stopping.wait(_AGAIN_SECONDS)

    def _listen(self, app: Any, listening: psycopg.Connection) -> None:
        from bankops.core.outbox import CHANNEL  # models: not before Django is ready

        listening.execute(f"LISTEN {CHANNEL}")
        _send(app)  # whatever was announced while nobody listened
        while not self._stopping.is_set():
            heard = list(listening.notifies(timeout=1.0, stop_after=1))
            if heard:
                _send(app)
                self._stopping.wait(_DEBOUNCE_SECONDS)


def own_connection() -> psycopg.Connection:
    """Return a connection beside Django's, which is of one thread and ends with a task."""
    known = connections["default"].get_connection_params()
    return psycopg.connect(**{**known, "application_name": "bankops outbox alarm"}, autocommit=True)


def _send(app: Any) -> None:
    try:
        app.send_task(TASK, queue=QUEUE, expires=_EXPIRES_SECONDS, retry=False)
    except (OperationalError, OSError):
        _logger.warning("outbox_alarm_unheard", exc_info=True)  # beat's turn
