"""What back-tests came to."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bankops.core import clock
from risk.models import BacktestState, RuleBacktest, RuleVersion
from risk.rules.tally import Tally
from risk.selectors.rule_figures import Verdict

_BLINK = timedelta(microseconds=1)


def last_of(version: RuleVersion) -> RuleBacktest | None:
    """Return the latest back-test of what a version says now that was carried to its end; None when there is none."""
    done = version.backtests.filter(state=BacktestState.DONE, edition=version.edition)
    return done.order_by("-ended_at").first()


def summary_of(version: RuleVersion) -> str:
    """Return what the latest back-test came to, or that there is none."""
    found = last_of(version)
    return told(found) if found else _("No back-test was made of what this version says now.")


def told(backtest: RuleBacktest) -> str:
    """Return what a back-test came to, in a sentence or two."""
    result = Tally.from_json(backtest.result)
    words = {
        "first": clock.business_date(backtest.since),
        "last": clock.business_date(backtest.until - _BLINK),
        "seen": backtest.seen,
        "hits": result.hits,
        "before": result.before,
        "gained": result.gained,
        "lost": result.lost,
    }
    if backtest.compared_number is None:
        text = _("Back-test %(first)s to %(last)s, %(seen)s movements: %(hits)s hits.")
    else:
        text = _(
            "Back-test %(first)s to %(last)s, %(seen)s movements: %(hits)s hits instead of %(before)s, %(gained)s new and "
            "%(lost)s no more."
        )
    return " ".join([text % words, *_known(result), *_untold(result), *_faults(result)])


def _known(result: Tally) -> list[str]:
    if Verdict.CONFIRMED not in result.known:
        return []
    cases, hit, before = result.known[Verdict.CONFIRMED]
    words = {"cases": cases, "hit": hit, "before": before}
    return [_("Of %(cases)s confirmed cases it hits %(hit)s; the active version hit %(before)s.") % words]


def _untold(result: Tally) -> list[str]:
    if not result.untold:
        return []
    told = ngettext(
        "Over %(untold)s movement it cannot tell, because a fact that it looks at was not known: that counts as no hit.",
        "Over %(untold)s movements it cannot tell, because a fact that it looks at was not known: those count as no hits.",
        result.untold,
    )
    return [told % {"untold": result.untold}]


def _faults(result: Tally) -> list[str]:
    if not result.faults:
        return []
    return [_("Over %(faults)s movements it could not be evaluated.") % {"faults": result.faults}]
