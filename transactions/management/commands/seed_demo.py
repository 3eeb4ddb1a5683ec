"""`manage.py seed_demo`: the demo's bank, and who may sign in to it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from bankops.core import clock
from staff.demo import PASSWORD, PEOPLE
from transactions import demo


class Command(BaseCommand):
    help = "Make the demo's staff, customers, accounts and movements where they are missing. Refused outside the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        demo.seed(now=clock.now())
        self.stdout.write(_("Sign in with the password “%(password)s” as:") % {"password": PASSWORD})
        for person in PEOPLE:
            self.stdout.write(f"  {person.employee_number}  {person.role.label:<18} {person.full_name}")
