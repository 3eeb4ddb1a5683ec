"""`manage.py appoint_reviewer`: the first reviewers of a new bank, whom nobody could approve yet.

Refused as soon as two active people hold the role: from then on roles go through them.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.errors import BankOpsError
from staff.roles import Role
from staff.selectors import user_by_employee_number
from staff.services import appoint_reviewer, sync_roles
from staff.services.first_people import REVIEWING


class Command(BaseCommand):
    help = "Make somebody reviewer while fewer than two active people hold the role. It stands in the audit trail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("employee_number", help="Of somebody hired already, for instance E1003.")
        parser.add_argument("role", choices=[role.value for role in REVIEWING])
        parser.add_argument("--reason", required=True, help="Kept for ever in the audit trail.")

    def handle(self, *args: Any, **options: Any) -> None:
        now, actor, role = clock.now(), Actor.system("appoint_reviewer"), Role(options["role"])
        sync_roles(actor=actor, now=now)
        try:
            user = appoint_reviewer(
                user=user_by_employee_number(options["employee_number"]),
                role=role,
                actor=actor,
                reason=options["reason"],
                now=now,
            )
        except BankOpsError as refusal:
            raise CommandError(f"{refusal} ({refusal.code})") from refusal
        self.stdout.write(_("%(person)s now holds the role %(role)s.") % {"person": user, "role": role.label})
