"""How cases look in lists and on pages."""

from __future__ import annotations

from django.utils.safestring import SafeString

from bankops.core.admin.display import Tone, badge
from risk.models import Case, CaseState

_TONES = {CaseState.OPEN: Tone.WARNING, CaseState.WAITING: Tone.QUIET, CaseState.CLOSED: Tone.GOOD}


def case_badge(case: Case) -> SafeString:
    """Return where a case stands, in a word and a colour."""
    state = CaseState(case.state)
    return badge(state.label, _TONES[state])
