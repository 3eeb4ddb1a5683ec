"""How states and outcomes of rules look."""

from __future__ import annotations

from typing import Final

from django.utils.safestring import SafeString

from bankops.core.admin.display import Tone, badge
from risk.models import BacktestState, VersionState
from risk.outcomes import Outcome

_STATES: Final = {
    VersionState.DRAFT: Tone.WARNING,
    VersionState.SHADOW: Tone.QUIET,
    VersionState.ACTIVE: Tone.GOOD,
    VersionState.RETIRED: Tone.QUIET,
}
_OUTCOMES: Final = {
    Outcome.APPROVE: Tone.QUIET,
    Outcome.REVIEW: Tone.QUIET,
    Outcome.BLOCK_AND_REVIEW: Tone.WARNING,
    Outcome.DECLINE: Tone.BAD,
}
_BACKTESTS: Final = {
    BacktestState.RUNNING: Tone.WARNING,
    BacktestState.DONE: Tone.GOOD,
    BacktestState.CANCELLED: Tone.QUIET,
    BacktestState.FAILED: Tone.BAD,
}


def version_badge(state: str) -> SafeString:
    """Return where a version is on its way."""
    known = VersionState(state)
    return badge(known.label, _STATES[known])


def outcome_badge(outcome: str) -> SafeString:
    """Return what comes of a hit."""
    known = Outcome(outcome)
    return badge(known.label, _OUTCOMES[known])


def backtest_badge(state: str) -> SafeString:
    """Return how far a back-test is."""
    known = BacktestState(state)
    return badge(known.label, _BACKTESTS[known])
