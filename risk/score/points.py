"""From how likely something is to a score from 0 to 1000, and back.

A score counts doublings of the odds, as scorecards of lending do (Siddiqi, *Credit Risk Scorecards*, 2006, chapter 6): even odds
are 700 points, and each doubling adds 60. So 300, where the medium band begins as shipped, is a chance of one in a hundred; 1000
is 97 in a hundred and more, and 0 is one in 3,200 and less.
"""

from __future__ import annotations

import math
from typing import Final

from risk.bands import SCORE_MAX

EVEN: Final = 700
DOUBLING: Final = 60
PER_LOGIT: Final = DOUBLING / math.log(2)


def score_of(logit: float) -> int:
    """Return the score of a natural logarithm of the odds."""
    return min(SCORE_MAX, max(0, round(EVEN + PER_LOGIT * logit)))


def chance_of(logit: float) -> float:
    """Return the probability of a logarithm of the odds, whatever its size."""
    if logit >= 0:
        return 1 / (1 + math.exp(-logit))
    grown = math.exp(logit)
    return grown / (1 + grown)


def chance_at(score: int) -> float:
    """Return the probability that a score stands for."""
    return chance_of((score - EVEN) / PER_LOGIT)
