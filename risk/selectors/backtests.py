"""What back-tests came to."""

from __future__ import annotations

from django.utils.translation import gettext as _

from risk.models import BacktestState, RuleBacktest, RuleVersion


def last_of(version: RuleVersion) -> RuleBacktest | None:
    """Return the latest back-test of what a version says now that was carried to its end; None when there is none."""
    done = version.backtests.filter(state=BacktestState.DONE, edition=version.edition)
    return done.order_by("-ended_at").first()


def summary_of(version: RuleVersion) -> str:
    """Return what the latest back-test came to, or that there is none."""
    found = last_of(version)
    if found is None:
        return _("No back-test was made of what this version says now.")
    return _("Back-test")
