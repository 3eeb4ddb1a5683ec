"""`manage.py create_administrator`: the first person of a new bank, who hires everybody else in the admin."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.errors import BankOpsError
from staff.roles import Role
from staff.services import hire_user, sync_roles


class Command(BaseCommand):
    help = (
        "Create an administrator and print the temporary password, once. Whoever can run this owns the server anyway."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("employee_number", help="For instance E1001.")
        parser.add_argument("full_name", help="In quotes when it has a space.")
        parser.add_argument("--email", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        now, actor = clock.now(), Actor.system("create_administrator")
        sync_roles(actor=actor, now=now)
        try:
            hired = hire_user(
                employee_number=options["employee_number"],
                full_name=options["full_name"],
                email=options["email"],
                branch=None,
                roles=[Role.ADMINISTRATOR],
                actor=actor,
                reason="manage.py create_administrator",
                now=now,
            )
        except BankOpsError as refusal:
            raise CommandError(f"{refusal} ({refusal.code})") from refusal
        self.stdout.write(_("%(person)s may sign in as administrator.") % {"person": hired.user})
        self.stdout.write(
            _("Temporary password, shown this once: %(password)s") % {"password": hired.temporary_password}
        )
