"""A change of policies, tried on what happened: what would have been asked then, what would be asked now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from approvals.policies.chain import Chain
from approvals.policies.evaluation import ActivePolicy, Verdict, evaluate
from approvals.policies.facts import PolicyFacts

EXAMPLES_MAX = 20


class Effect(models.TextChoices):
    """What a change means for one submission."""

    SAME = "SAME", _("as before")
    NEWLY_REQUIRED = "NEWLY_REQUIRED", _("newly needs approval")
    NO_LONGER_REQUIRED = "NO_LONGER_REQUIRED", _("no longer needs approval")
    STRICTER = "STRICTER", _("needs more than before")
    LAXER = "LAXER", _("needs less than before")
    DIFFERENT = "DIFFERENT", _("needs more in one respect and less in another")


@dataclass(frozen=True, slots=True)
class Example:
    """A submission that the change touches: the `nth` of those tried, counted from 0."""

    nth: int
    facts: PolicyFacts
    effect: Effect
    before: Verdict
    after: Verdict


@dataclass(frozen=True, slots=True)
class Replay:
    """How many submissions a change touches, and how.

    Attributes:
        total: submissions tried; the other counts add up to it.
        examples: the first `EXAMPLES_MAX` that are not as before, in the order tried.

    """

    total: int
    same: int
    newly_required: int
    no_longer_required: int
    stricter: int
    laxer: int
    different: int
    examples: tuple[Example, ...]


def replay(before: Sequence[ActivePolicy], after: Sequence[ActivePolicy], facts_list: Iterable[PolicyFacts]) -> Replay:
    """Evaluate every submission under both sets of policies and count what changes."""
    counts: Counter[Effect] = Counter()
    examples: list[Example] = []
    for nth, facts in enumerate(facts_list):
        old, new = evaluate(before, facts), evaluate(after, facts)
        effect = effect_of(old, new)
        counts[effect] += 1
        if effect is not Effect.SAME and len(examples) < EXAMPLES_MAX:
            examples.append(Example(nth, facts, effect, old, new))
    return Replay(
        total=counts.total(),
        same=counts[Effect.SAME],
        newly_required=counts[Effect.NEWLY_REQUIRED],
        no_longer_required=counts[Effect.NO_LONGER_REQUIRED],
        stricter=counts[Effect.STRICTER],
        laxer=counts[Effect.LAXER],
        different=counts[Effect.DIFFERENT],
        examples=tuple(examples),
    )


def effect_of(before: Verdict, after: Verdict) -> Effect:
    """Return what going from one verdict to the other means. Which policy asks for it does not count."""
    if before.chain is None:
        return Effect.SAME if after.chain is None else Effect.NEWLY_REQUIRED
    if after.chain is None:
        return Effect.NO_LONGER_REQUIRED
    return _between(before.chain, after.chain)


def _between(before: Chain, after: Chain) -> Effect:
    if after.at_least_as_strict_as(before):
        return Effect.SAME if before.at_least_as_strict_as(after) else Effect.STRICTER
    return Effect.LAXER if before.at_least_as_strict_as(after) else Effect.DIFFERENT
