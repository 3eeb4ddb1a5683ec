"""``manage.py services``: the embedded PostgreSQL and Redis, by hand."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from bankops.core import embedded


class Command(BaseCommand):
    help = "Start, stop or look at the embedded PostgreSQL and Redis."
    # There may be no database yet: nothing here looks at one.
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status"])
        parser.add_argument("--json", action="store_true", help="print the state of both servers as JSON")

    def handle(self, *, action: str, json: bool, **options: Any) -> None:
        try:
            if action == "start":
                embedded.start(embedded.needed())
            elif action == "stop":
                embedded.stop()
            servers = embedded.status()
        except embedded.EmbeddedError as error:
            raise CommandError(str(error)) from error
        self._print(servers, as_json=json)
        missing = embedded.needed() - {server.name for server in servers if server.running}
        if action == "status" and missing:
            raise SystemExit(3)  # what service managers answer for a service that is not running

    def _print(self, servers: list[embedded.ServerStatus], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps([server.as_dict() for server in servers], indent=2))
            return
        for server in servers:
            self.stdout.write(self._line(server))

    def _line(self, server: embedded.ServerStatus) -> str:
        if server.running:
            return _("%(name)s runs (process %(pid)s) on %(socket)s") % server.as_dict()
        if server.name not in embedded.needed():
            return _("%(name)s is not ours: its address comes from the environment") % server.as_dict()
        return _("%(name)s is stopped") % server.as_dict()
