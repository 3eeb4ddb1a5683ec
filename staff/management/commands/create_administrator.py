"""`manage.py create_administrator`: the first person of a new bank, who hires everybody else in the admin.

Refused once there is one. The way out when no administrator can sign in any more is `--emergency`, with the reason; whoever
can run this owns the server anyway, and it stands in the audit trail.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.errors import BankOpsError
from staff.services import hire_administrator, sync_roles


class Command(BaseCommand):
    help = "Create a new bank's administrator and print the temporary password, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("employee_number", help="For instance E1001.")
        parser.add_argument("full_name", help="In quotes when it has a space.")
        parser.add_argument("--email", default="")
        parser.add_argument(
            "--emergency",
            metavar="REASON",
            help="Make another although there is one, who cannot sign in any more: say what happened.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now, actor = clock.now(), Actor.system("create_administrator")
        emergency: str | None = options["emergency"]
        sync_roles(actor=actor, now=now)
        try:
            hired = hire_administrator(
                employee_number=options["employee_number"],
                full_name=options["full_name"],
                email=options["email"],
                emergency=emergency is not None,
                actor=actor,
                reason="manage.py create_administrator" if emergency is None else emergency,
                now=now,
            )
        except BankOpsError as refusal:
            raise CommandError(f"{refusal} ({refusal.code})") from refusal
        self.stdout.write(_("%(person)s may sign in as administrator.") % {"person": hired.user})
        self.stdout.write(
            _("Temporary password, shown this once: %(password)s") % {"password": hired.temporary_password}
        )
