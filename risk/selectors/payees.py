"""How payees at other banks stand, from what was decided of the alerts about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from risk.assessment.payees import PayeeStanding
from risk.models import Alert, AlertOutcome, AlertState

_OF_DECIDED: Final = {AlertOutcome.FALSE_POSITIVE: PayeeStanding.CLEAR}


def standings(alerts: Collection[str]) -> Mapping[str, PayeeStanding]:
    """Return how the payee stands of whom each alert is, by what the alert is known by; one query, none for none.

    Somebody whom an alert is about is not clear until it was closed as a false positive: the latest decision counts.
    """
    found = dict.fromkeys(alerts, PayeeStanding.POSSIBLE)
    if found:
        told = Alert.objects.filter(dedupe_key__in=found).order_by("raised_at", "id")
        found |= {
            key: _standing(state, outcome) for key, state, outcome in told.values_list("dedupe_key", "state", "outcome")
        }
    return found


def _standing(state: str, outcome: str) -> PayeeStanding:
    if state != AlertState.CLOSED:
        return PayeeStanding.POSSIBLE
    return _OF_DECIDED.get(AlertOutcome(outcome), PayeeStanding.CONFIRMED)
