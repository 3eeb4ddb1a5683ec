"""`manage.py sync_roles`: make the roles in the database exactly what the code declares."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from bankops.core import clock
from bankops.core.actor import Actor
from staff.services import sync_roles


class Command(BaseCommand):
    help = "Make every role hold exactly the declared rights. Run after each migrate; safe to run twice."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = sync_roles(actor=Actor.system("sync_roles"), now=clock.now())
        for role in changed:
            self.stdout.write(_("%(role)s: set to the declared rights.") % {"role": role.label})
        if not changed:
            self.stdout.write(_("Every role was as declared."))
