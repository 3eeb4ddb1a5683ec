"""`manage.py seed_policies`: the approval policies every bank starts with; in the demo, reference rates too."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from approvals.services.shipping import seed_demo_rates, seed_policies, uncovered_operations
from bankops.core import clock
from bankops.core.actor import Actor


class Command(BaseCommand):
    help = (
        "Write the shipped approval policies that are missing, while the bank has no approval request yet; later, name them. "
        "Changes none that is there. Safe to run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        actor, now = Actor.system("seed_policies"), clock.now()
        seeded = seed_policies(actor=actor, now=now)
        self.stdout.write(_("%(count)s approval policies added.") % {"count": len(seeded.written)})
        if seeded.to_be_submitted:
            self.stdout.write(
                _(
                    "Missing: %(names)s. Approval requests exist already, so rules change with consent only: submit these "
                    "under Approvals › Policies (docs/approvals.md)."
                )
                % {"names": ", ".join(seeded.to_be_submitted)}
            )
        if uncovered := uncovered_operations():
            self.stdout.write(
                _(
                    "No policy covers: %(operations)s. Until one does, each of these waits for two reviewers, whoever asks and"
                    " however urgent it is."
                )
                % {"operations": ", ".join(uncovered)}
            )
        if settings.BANKOPS_DEMO:
            rates = seed_demo_rates(actor=actor, now=now)
            self.stdout.write(_("%(count)s demo reference rates added.") % {"count": len(rates)})
