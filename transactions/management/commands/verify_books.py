"""`manage.py verify_books`: prove that the books are right."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from transactions import verification
from transactions.verification import Outcome, Verification


class Command(BaseCommand):
    help = "Recompute every balance and every entry's sum. Changes nothing; exits 1 when anything differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        result = verification.verify_books()
        self.stdout.write(_as_json(result) if options["json"] else _as_text(result))
        if not result.ok:
            raise SystemExit(1)


def _as_json(result: Verification) -> str:
    return json.dumps(
        {
            "ok": result.ok,
            "entries": result.entries,
            "postings": result.postings,
            "accounts": result.accounts,
            "checks": {
                outcome.check.code: {
                    "faults": outcome.fault_count,
                    "first": [asdict(fault) for fault in outcome.faults],
                }
                for outcome in result.outcomes
            },
        }
    )


def _as_text(result: Verification) -> str:
    counts = {"entries": result.entries, "postings": result.postings, "accounts": result.accounts}
    lines = [_("%(entries)s entries, %(postings)s postings, %(accounts)s accounts.") % counts]
    for outcome in result.outcomes:
        lines += _outcome_lines(outcome)
    return "\n".join([*lines, _("The books are right.") if result.ok else _("THE BOOKS ARE WRONG.")])


def _outcome_lines(outcome: Outcome) -> list[str]:
    mark = "✗" if outcome.fault_count else "✓"
    head = f"{mark} {outcome.check.label}"
    if outcome.fault_count:
        head += _(": %(count)s faults") % {"count": outcome.fault_count}
    return [head, *(f"    {fault.record}: {fault.detail}" for fault in outcome.faults)]
