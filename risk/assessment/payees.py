"""A movement to a payee at another bank, with what is known of the payee's name: the assessment of everything else, and that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

from django.conf import settings

from risk.assessment.answer import Assessment, Reason, in_order
from risk.assessment.scoring import points
from risk.bands import SCORE_MAX
from risk.outcomes import Outcome, strictest

PAYEE_CONFIRMED: Final = "payee_confirmed"
PAYEE_POSSIBLE: Final = "payee_possible"
PAYEE_UNSCREENED: Final = "payee_unscreened"


class PayeeStanding(StrEnum):
    """What is known of a payee: on no list, to be decided, decided to be listed, or not held against the lists yet."""

    CLEAR = "CLEAR"
    POSSIBLE = "POSSIBLE"
    CONFIRMED = "CONFIRMED"
    UNSCREENED = "UNSCREENED"


_CODES: Final[Mapping[PayeeStanding, str]] = {
    PayeeStanding.CONFIRMED: PAYEE_CONFIRMED,
    PayeeStanding.POSSIBLE: PAYEE_POSSIBLE,
    PayeeStanding.UNSCREENED: PAYEE_UNSCREENED,
}


def with_payee(said: Assessment, standing: PayeeStanding, *, about: str) -> Assessment:
    """Return an assessment that counts how the payee stands, beside everything else that was said.

    As of a customer, a hit that nobody has decided holds back, or what `BANKOPS_RISK_POSSIBLE_HIT` says; a confirmed one, and a
    payee whom nobody has looked at yet, always.

    :param about: the public id of what names the payee: `so_…`.
    """
    if standing is PayeeStanding.CLEAR:
        return said
    weight = SCORE_MAX if standing is PayeeStanding.CONFIRMED else settings.BANKOPS_RISK_HIGH_FROM
    told = settings.BANKOPS_RISK_POSSIBLE_HIT if standing is PayeeStanding.POSSIBLE else Outcome.BLOCK_AND_REVIEW
    reason = Reason(_CODES[standing], weight, Outcome(told), about=about)
    reasons = in_order([*said.reasons, reason])
    return replace(
        said,
        reasons=reasons,
        outcome=strictest([said.outcome, reason.outcome]),
        score=min(SCORE_MAX, points(reasons)),
    )


def is_for_payee_alone(said: Assessment) -> bool:
    """Whether a movement is stopped for nothing but a payee about whom there is an alert."""
    stopping = {reason.code for reason in said.reasons if reason.outcome.stops}
    return bool(stopping) and stopping <= {PAYEE_POSSIBLE, PAYEE_CONFIRMED}
