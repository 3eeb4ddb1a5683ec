"""The proofs at the end of the day, by the same commands that staff run."""

from __future__ import annotations

import io

from django.core.management import call_command

from bankops.core.models import AuditEvent
from bankops.core.story import Step
from bankops.story.told import Story, until

_SEAL_SECONDS_MAX = 30.0


def _worker_seals(_told: Story) -> str:
    unsealed = AuditEvent.objects.filter(position__isnull=True)
    until(
        lambda: not unsealed.exists(),
        "the worker sealed nothing; see worker.log and beat.log",
        seconds=_SEAL_SECONDS_MAX,
    )
    return _proof("verify_audit")


def _verify_books(_told: Story) -> str:
    return _proof("verify_books")


def _proof(command: str) -> str:
    """Run a proving command; it ends with SystemExit when something is wrong."""
    output = io.StringIO()
    try:
        call_command(command, stdout=output)
    except SystemExit as failed:
        raise AssertionError(output.getvalue()) from failed
    return output.getvalue().strip().splitlines()[-1]


STEPS: tuple[Step[Story], ...] = (
    Step("The worker has sealed the audit trail, and it verifies", _worker_seals),
    Step("The books verify", _verify_books),
)
