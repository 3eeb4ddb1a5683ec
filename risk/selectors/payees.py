"""How payees at other banks stand, from what was decided of the alerts about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from risk.assessment.payees import PayeeStanding
from risk.models import AlertOutcome
from risk.selectors.alert_verdicts import verdicts

_BY_OUTCOME: Final[Mapping[str, PayeeStanding]] = {
    "": PayeeStanding.POSSIBLE,
    AlertOutcome.FALSE_POSITIVE: PayeeStanding.CLEAR,
}


def standings(alerts: Collection[str]) -> Mapping[str, PayeeStanding]:
    """Return how the payee stands of whom each alert is, by what the alert is known by; one query, none for none.

    Somebody whom an alert is about is not clear until it was closed as a false positive: the latest decision counts.
    """
    found = verdicts(alerts)
    return {key: _BY_OUTCOME.get(found.get(key, ""), PayeeStanding.CONFIRMED) for key in alerts}
