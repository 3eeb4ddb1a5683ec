"""`manage.py ship_rules`: the risk rules every bank starts with."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from bankops.core import clock
from bankops.core.actor import Actor
from risk.services.shipping import ship_rules


class Command(BaseCommand):
    help = (
        "Write the shipped risk rules that are missing, and new versions of those that this release ships otherwise: active "
        "while the bank has no approval request yet, as drafts later. Changes none that the bank wrote to. Safe to run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        written = ship_rules(actor=Actor.system("ship_rules"), now=clock.now())
        self.stdout.write(_("%(count)s rules added, and active.") % {"count": len(written.active)})
        if written.renewed:
            self.stdout.write(
                _("%(count)s of them are new versions of rules shipped before.") % {"count": written.renewed}
            )
        if written.drafts:
            self.stdout.write(
                _(
                    "%(count)s rules added as drafts. Approval requests exist already, so what counts changes with consent only: "
                    "try them, and ask for them under Risk › Risk rules (docs/rules.md)."
                )
                % {"count": len(written.drafts)}
            )
