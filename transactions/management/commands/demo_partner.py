"""`manage.py demo_partner`: a partner whose system may call the demo's API from this machine, and what it signs in with."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from bankops.core import clock
from bankops.core.errors import BankOpsError
from transactions import partner_demo
from transactions.partner_demo import Introduced


class Command(BaseCommand):
    help = "Introduce the demo's partner where it is missing, and print its credential. Refused outside the demo."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--new-secret", action="store_true", help="replace its secret; the old one ends at once")

    def handle(self, *, new_secret: bool = False, **options: Any) -> None:
        introduce = partner_demo.new_secret if new_secret else partner_demo.seed
        try:
            found = introduce(now=clock.now())
        except BankOpsError as refusal:
            raise CommandError(f"{refusal.code}: {refusal}") from refusal
        self.stdout.write(_("Partner %(name)s calls the API from this machine with:") % {"name": found.partner.name})
        self.stdout.write(f"  CLIENT_ID={found.credential.client_id}")
        self.stdout.write(_secret_of(found))
        payer, payee = partner_demo.payer_and_payee()
        self.stdout.write(f"  FROM={payer.public_id}  ({partner_demo.PAYER})")
        self.stdout.write(f"  PAYEE={payee.number}  ({partner_demo.PAYEE})")


def _secret_of(found: Introduced) -> str:
    if found.secret:
        return f"  SECRET={found.secret}"
    return _("  Its secret was shown once. For a new one:  .venv/bin/python manage.py demo_partner --new-secret")
