"""What score models add to an assessment: a score beside that of the rules, and the reasons for it.

A model never makes an assessment fail. One that cannot be asked adds nothing, and a reason without weight says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.conf import settings

from risk.assessment.answer import Reason
from risk.bands import Band, band_of
from risk.facts import Facts
from risk.outcomes import Outcome
from risk.score.model import Contribution, Scorer, strongest
from risk.selectors.score import LiveModel, LiveModels

log = structlog.get_logger(__name__)

PREFIX: Final = "model_"
"""What the codes of a model's reasons begin with; the name of a feature follows, or one of these."""
MODEL_SCORE: Final = "model_score"
MODEL_FAILED: Final = "model_failed"
MODEL_UNUSABLE: Final = "model_unusable"
NOT_FEATURES: Final = (MODEL_SCORE, MODEL_FAILED, MODEL_UNUSABLE)
TOLD_AGAINST: Final = 3
"""So many features that speak against a movement are told at most."""
TOLD_FOR: Final = 2
STRONG: Final = 0.1
"""From this share on of all that moves the score, a feature that speaks for the movement is told, too; so many at most."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What models say of a movement: `reasons` of the one that counts, `shadow` of the one beside it."""

    reasons: tuple[Reason, ...] = ()
    shadow: tuple[Reason, ...] = ()


def scored(facts: Facts, models: LiveModels) -> Scored:
    """Ask the models."""
    return Scored(
        reasons=_counted(facts, models.active) if models.active else (),
        shadow=_beside(facts, models.shadow) if models.shadow else (),
    )


def points(reasons: Iterable[Reason]) -> int:
    """Return the score of reasons: the weights of the rules together, or what a model says, whichever is higher."""
    told = list(reasons)
    rules = sum(reason.weight for reason in told if not is_of_model(reason.code, reason.rule))
    return max([rules, *(reason.weight for reason in told if reason.code == MODEL_SCORE and not reason.rule)])


def points_of_rules(kept: Iterable[Mapping[str, Any]]) -> int:
    """Return the weights together of those of kept reasons that are not a model's."""
    return sum(reason["weight"] for reason in kept if not is_of_model(reason["code"], reason.get("rule", "")))


def is_of_model(code: str, rule: str) -> bool:
    """Whether a reason is a model's: a rule may call its own what it likes."""
    return code.startswith(PREFIX) and not rule


def is_part_of_model(code: str, rule: str) -> bool:
    """Whether a reason is a feature that a model's score is made of: it adds nothing beside that score."""
    return is_of_model(code, rule) and code not in NOT_FEATURES


def _counted(facts: Facts, model: LiveModel) -> tuple[Reason, ...]:
    if model.scorer is None:
        return (_note(MODEL_UNUSABLE, model),)
    try:
        return _reasons(facts, model, model.scorer)
    except Exception:
        log.exception("score_model_failed", model=model.number)
        return (_note(MODEL_FAILED, model),)


def _reasons(facts: Facts, model: LiveModel, scorer: Scorer) -> tuple[Reason, ...]:
    """Return the score, what speaks against the movement most, and what strongly speaks for it; of a low score, nothing."""
    score = scorer.score(facts)
    band = band_of(score)
    if band is Band.LOW:
        return ()
    outcome = Outcome(settings.BANKOPS_RISK_MODEL_HIGH) if band is Band.HIGH else Outcome.APPROVE
    told = scorer.contributions(facts)
    parts = [*strongest(told, TOLD_AGAINST), *_strong_for(told)]
    return (Reason(MODEL_SCORE, score, outcome, about=str(model.number)), *map(_part, parts))


def _strong_for(told: Iterable[Contribution]) -> list[Contribution]:
    """Return what speaks for a movement so strongly that its score cannot be understood without."""
    return [one for one in told if one.points < 0 and one.share >= STRONG][:TOLD_FOR]


def _part(one: Contribution) -> Reason:
    """Return a feature with the points that it adds, exactly (ADR 0022): `about` has them with their sign.

    Weights are no less than 0, so what speaks for a movement has none.
    """
    return Reason(PREFIX + one.name, max(0, round(one.points)), Outcome.APPROVE, about=f"{one.points:+.1f}")


def _beside(facts: Facts, model: LiveModel) -> tuple[Reason, ...]:
    if model.scorer is None:
        return ()
    try:
        return (Reason(MODEL_SCORE, model.scorer.score(facts), Outcome.APPROVE, about=str(model.number)),)
    except Exception:
        log.exception("score_model_failed", model=model.number)
        return ()


def _note(code: str, model: LiveModel) -> Reason:
    return Reason(code, 0, Outcome.APPROVE, about=str(model.number))
