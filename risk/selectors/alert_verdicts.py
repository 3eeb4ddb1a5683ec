"""What came of the alerts about something: whether it is looked at still, and what it came to."""

from __future__ import annotations

from collections.abc import Iterable

from risk.models import Alert


def verdicts(dedupe_keys: Iterable[str]) -> dict[str, str]:
    """Return the outcome of the newest alert about each thing; an empty text while it is open. One query, or none.

    What was never raised is left out.
    """
    keys = list(dedupe_keys)
    if not keys:
        return {}
    raised = Alert.objects.filter(dedupe_key__in=keys).order_by("raised_at", "id")
    return dict(raised.values_list("dedupe_key", "outcome"))
