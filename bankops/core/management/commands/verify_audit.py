"""`manage.py verify_audit`: prove that nobody changed the audit trail."""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from bankops.core import clock, sealing
from bankops.core.sealing import Head, Verification

_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


class Command(BaseCommand):
    help = "Recompute the audit trail's hash chain. Changes nothing; exits 1 when anything does not fit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")
        parser.add_argument(
            "--expect-head", metavar="POSITION:HASH", help="A head exported earlier, which must still be there."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        result = sealing.verify(now=clock.now(), expect=_head(options["expect_head"]))
        self.stdout.write(_as_json(result) if options["json"] else _as_text(result))
        if result.faults:
            raise SystemExit(1)


def _head(text: str | None) -> Head | None:
    if not text:
        return None
    parts = _HEAD.fullmatch(text.strip())
    if parts is None:
        raise CommandError(_("--expect-head takes POSITION:HASH as printed by --json."))
    return Head(int(parts[1]), bytes.fromhex(parts[2]))


def _as_json(result: Verification) -> str:
    return json.dumps(
        {
            "ok": not result.faults,
            "sealed": result.sealed,
            "unsealed": result.unsealed,
            "head": str(result.head),
            "faults": [asdict(fault) for fault in result.faults],
        }
    )


def _as_text(result: Verification) -> str:
    lines = [
        _("%(sealed)s sealed events checked, %(unsealed)s waiting for their seal.")
        % {"sealed": result.sealed, "unsealed": result.unsealed},
        _("Head: %(head)s") % {"head": result.head},
    ]
    lines += [
        _("FAULT at position %(position)s (event %(event)s): %(code)s")
        % {"position": fault.position, "event": fault.event_id, "code": fault.code}
        for fault in result.faults
    ]
    return "\n".join(lines) if result.faults else "\n".join([*lines, _("The chain is whole.")])
