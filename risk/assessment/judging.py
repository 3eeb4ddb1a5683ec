"""From completed facts to an answer: every rule is asked, and what is known of the parties is counted with them.

Pure: the same facts, rules and standings give the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings

from risk.assessment.answer import (
    FAILED,
    LISTS_MISSING,
    SCREENING_CONFIRMED,
    SCREENING_PENDING,
    SCREENING_POSSIBLE,
    Reason,
    in_order,
)
from risk.assessment.scoring import Scored, points, scored
from risk.bands import SCORE_MAX
from risk.facts import Facts
from risk.language.errors import RuleFault
from risk.outcomes import Outcome, strictest
from risk.selectors.screening import Standing

if TYPE_CHECKING:
    from risk.selectors.rules import LiveRule, RuleSet
    from risk.selectors.score import LiveModels


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found, before it is an assessment; see there."""

    reasons: tuple[Reason, ...] = ()
    shadow: tuple[Reason, ...] = ()
    snoozed: tuple[Reason, ...] = ()
    failure: str = ""

    @property
    def outcome(self) -> Outcome:
        """The strictest that any reason asks for."""
        return strictest(reason.outcome for reason in self.reasons)

    @property
    def score(self) -> int:
        """The weights of all reasons together, or what the model says where that is higher; at most `SCORE_MAX`."""
        return min(SCORE_MAX, points(self.reasons))


def judge(
    facts: Facts,
    *,
    rules: RuleSet,
    standings: Mapping[str, Standing],
    now: datetime,
    models: LiveModels | None = None,
    lists_fresh: bool = True,
) -> Judgement:
    """Ask every rule and the models, and look at how the parties stand with the lists of sanctions.

    A live rule that cannot tell is a reason to stop; the others are asked all the same, so that the reasons are complete.
    One in shadow that cannot tell has said nothing.

    :param lists_fresh: whether every list of sanctions that the bank relies on is there and not too old
        (`risk.selectors.lists.LISTS_PROBLEM_SQL` says). Where one is not, nobody counts as clear.
    """
    hits, faults = _asked(rules.active, facts)
    told_shadow, _faults = _asked(rules.shadow, facts)
    snoozed = [one for one in hits if _passed_over(one, rules, facts, now)]
    counted = [one for one in hits if one not in snoozed]
    learnt = scored(facts, models) if models else Scored()
    return Judgement(
        reasons=in_order([*counted, *faults, *_screening(facts, standings, lists_fresh), *learnt.reasons]),
        shadow=in_order([*told_shadow, *learnt.shadow]),
        snoozed=in_order(snoozed),
        failure=faults[0].about if faults else "",
    )


def _passed_over(hit: Reason, rules: RuleSet, facts: Facts, now: datetime) -> bool:
    """Whether a hit is snoozed for the customer. What refuses is not: a version that does so may have come after the snooze."""
    return hit.outcome is not Outcome.DECLINE and rules.snoozed(hit.rule, facts.customer, now)


def failed(code: str) -> Judgement:
    """Return what is said of a movement that could not be assessed: somebody must look at it first."""
    return Judgement(reasons=(fault(code),), failure=code)


def fault(code: str, rule: LiveRule | None = None) -> Reason:
    """Return a fault as a reason: as heavy as what makes a score high."""
    which = {"rule": rule.key, "version": rule.version_id} if rule else {}
    return Reason(FAILED, settings.BANKOPS_RISK_HIGH_FROM, Outcome.BLOCK_AND_REVIEW, about=code, **which)  # type: ignore[arg-type]


def _asked(rules: Iterable[LiveRule], facts: Facts) -> tuple[list[Reason], list[Reason]]:
    """Return the hits of rules, and the faults of those that could not tell."""
    hits, faults = list[Reason](), list[Reason]()
    for rule in rules:
        try:
            if rule.compiled.evaluate(facts).hit:
                hits.append(Reason(rule.reason_code, rule.weight, rule.outcome, rule.key, rule.version_id))
        except RuleFault as broken:
            faults.append(fault(broken.code, rule))
    return hits, faults


def _screening(facts: Facts, standings: Mapping[str, Standing], lists_fresh: bool) -> Iterator[Reason]:
    if not lists_fresh:
        yield Reason(LISTS_MISSING, settings.BANKOPS_RISK_HIGH_FROM, Outcome.BLOCK_AND_REVIEW)
    for customer in sorted({facts.payer.customer, facts.payee.customer} - {None}, key=str):
        standing = standings.get(str(customer))
        if standing is Standing.CONFIRMED:
            yield Reason(SCREENING_CONFIRMED, SCORE_MAX, Outcome.BLOCK_AND_REVIEW, about=str(customer))
        elif standing is Standing.UNSCREENED:
            weight = settings.BANKOPS_RISK_HIGH_FROM
            yield Reason(SCREENING_PENDING, weight, Outcome.BLOCK_AND_REVIEW, about=str(customer))
        elif standing is Standing.POSSIBLE:
            outcome = Outcome(settings.BANKOPS_RISK_POSSIBLE_HIT)
            yield Reason(SCREENING_POSSIBLE, settings.BANKOPS_RISK_HIGH_FROM, outcome, about=str(customer))
