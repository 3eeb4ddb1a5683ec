"""``manage.py demo``: the whole product on one machine, from nothing to a sign-in page, and away again on Ctrl-C."""

from __future__ import annotations

import io
import json
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from bankops.core import embedded
from bankops.core.supervisor import Command as Process
from bankops.core.supervisor import Supervisor

_HOST = "127.0.0.1"
_PORTS_TRIED = 100
_READY_SECONDS = 60.0
_RECEIVER_PORT = 8099


class Command(BaseCommand):
    help = "Start the product with demo data: database, Redis, web, worker and scheduler. Ctrl-C stops everything."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="the next free port is taken when this one is not")
        parser.add_argument("--once", action="store_true", help="play the product's story and say whether it held")

    def handle(self, *, port: int, once: bool, **options: Any) -> None:
        if not settings.BANKOPS_DEMO:
            raise CommandError(_("These settings are not for demonstrations (BANKOPS_DEMO is off)."))
        _stop_on_signals()
        try:
            self._say(_("Starting PostgreSQL and Redis …"))
            with embedded.lease(embedded.needed()):
                sign_ins = self._prepare()
                status = self._run(_free_port(port), sign_ins, once=once)
                connections.close_all()
        except KeyboardInterrupt:
            status = 130 if once else 0
        except embedded.EmbeddedError as error:
            raise CommandError(str(error)) from error
        if status:
            sys.exit(status)

    def _prepare(self) -> str:
        """Bring database and files up to date. Return what the commands that seed said."""
        self._say(_("Preparing the database …"))
        call_command("migrate", verbosity=0, interactive=False)
        for name in settings.BANKOPS_DEMO_PREPARATION:
            call_command(name, stdout=io.StringIO())
        said = io.StringIO()
        for name in settings.BANKOPS_DEMO_SEEDS:
            call_command(name, stdout=said)
        call_command("collectstatic", verbosity=0, interactive=False)
        connections.close_all()
        return said.getvalue()

    def _run(self, port: int, sign_ins: str, *, once: bool) -> int:
        logs = embedded.data_dir() / "logs"
        logs.mkdir(exist_ok=True)
        receives_at = _free_port(_RECEIVER_PORT)
        supervisor = Supervisor(_processes(port, receives_at, logs), say=self._say)
        address = f"http://{_HOST}:{port}/"
        self._say(_("Starting web, worker and beat …"))
        supervisor.start()
        try:
            _wait_until_healthy(f"{address}healthz", logs)
            if once:
                play: Callable[..., int] = import_string(settings.BANKOPS_DEMO_STORY)
                return play(base_url=address, say=self._say)
            self._welcome(address, sign_ins, receives_at, logs)
            supervisor.wait()
        finally:
            _ignore_signals()
            self._say(_("Stopping …"))
            supervisor.stop()
        return 0

    def _welcome(self, address: str, sign_ins: str, receives_at: int, logs: Path) -> None:
        self._say("")
        self._say(_("bankops is at %(address)s") % {"address": address})
        self._say(sign_ins.rstrip())
        self._say(_("One-time code of the moment:  .venv/bin/python manage.py demo_code EMPLOYEE_NUMBER"))
        receiver = {"address": f"http://{_HOST}:{receives_at}/hooks", "log": logs / "receiver.log"}
        self._say(_("A receiver of webhooks to try out: %(address)s   what comes: %(log)s") % receiver)
        self._say(_("Logs: %(logs)s   Stop: Ctrl-C") % {"logs": logs})

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _processes(port: int, receives_at: int, logs: Path) -> list[Process]:
    """Return web, workers and beat, as docs/operations.md has them for production, and a partner's receiver of webhooks."""
    python = [sys.executable, "-m"]
    web = [*python, "gunicorn", "bankops.wsgi:application", "--bind", f"{_HOST}:{port}", "--workers", "2"]
    web += ["--worker-class", "gthread", "--threads", "4", "--log-level", "warning", "--no-control-socket"]
    celery = [*python, "celery", "-A", "bankops"]
    worker = [*celery, "worker", "--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    # No pid file: a beat that was killed would leave one behind and never start again.
    beat = [*celery, "beat", "--loglevel", "WARNING", "--pidfile="]
    sender = [*worker, "--queues", "notifications"]
    receiver = [sys.executable, str(settings.BASE_DIR / "manage.py"), *settings.BANKOPS_DEMO_RECEIVER, str(receives_at)]
    commands = {"web": web, "worker": worker, "sender": sender, "beat": beat, "receiver": receiver}
    return [Process(name=name, arguments=command, log=logs / f"{name}.log") for name, command in commands.items()]


def _free_port(wanted: int) -> int:
    for port in range(wanted, wanted + _PORTS_TRIED):
        with socket.socket() as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind((_HOST, port))
            except OSError:
                continue
            return port
    raise CommandError(_("No free port from %(port)s on. Name another with --port.") % {"port": wanted})


def _wait_until_healthy(url: str, logs: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not _is_healthy(url):
        if time.monotonic() > deadline:
            raise CommandError(_("The product did not become healthy. Its logs are in %(logs)s.") % {"logs": logs})
        time.sleep(0.1)


def _is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own address
            return bool(json.load(response)["healthy"])
    except (OSError, urllib.error.URLError, ValueError):
        return False


def _stop_on_signals() -> None:
    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup was used
        signal.signal(signal.SIGHUP, interrupt)


def _ignore_signals() -> None:
    """Once stopping, an impatient second Ctrl-C must not leave half of it running."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
