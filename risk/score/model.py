"""The model that assesses: a frozen sum over features, and what each of them adds."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, Protocol

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from risk.facts import Facts
from risk.score import features
from risk.score.features import BY_NAME, Feature, Shape
from risk.score.points import DOUBLING, EVEN, PER_LOGIT, score_of

LOGISTIC: Final = "logistic"


class ModelUnreadable(ValueError):
    """Kept content is no model that this version of the product can ask."""


@dataclass(frozen=True, slots=True)
class Term:
    """What one feature adds.

    Attributes:
        slope: to the log odds, for each unit of the feature's number.
        mean, spread: of the number over the movements learnt from, and by how much it usually differs.
        unknown: what is added when the number is not known.
        unknown_share: the share of movements of which it was not.

    """

    name: str
    slope: float
    mean: float
    spread: float
    unknown: float
    unknown_share: float

    def added(self, value: float | None) -> float:
        """Return what a value adds to the log odds, beside what an average movement has."""
        if value is None:
            return self.unknown * (1 - self.unknown_share)
        return self.slope * (value - self.mean) - self.unknown * self.unknown_share


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one feature of a movement adds to its score.

    Attributes:
        value: the feature's number; None when it is not known.
        points: beside an average movement; negative when it speaks for the movement.
        share: of all that moves this score either way, 0 to 1.

    """

    name: str
    value: float | None
    points: float
    share: float

    def in_words(self) -> str:
        """Return a line such as `first payment to this payee: yes (+85 points)`."""
        words = {"feature": BY_NAME[self.name].label, "value": value_in_words(BY_NAME[self.name], self.value)}
        return _("%(feature)s: %(value)s (%(points)s points)") % {**words, "points": f"{self.points:+.0f}"}


class Scorer(Protocol):
    """What assessment asks of a model, whatever its kind."""

    def score(self, facts: Facts) -> int:
        """Return 0 to 1000."""

    def contributions(self, facts: Facts) -> list[Contribution]:
        """Return what each feature adds, what weighs most first."""


@dataclass(frozen=True, slots=True)
class ScoreModel:
    """A logistic model.

    Attributes:
        intercept: log odds of an average movement: one whose every feature adds nothing.
        terms: in the order of `features.FEATURES`, all of them.

    """

    intercept: float
    terms: tuple[Term, ...]
    _base: float = field(init=False, repr=False, compare=False)
    _ways: tuple[tuple[features.Reader, float, float], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put together what `score` adds up: a start, and for each term with a weight its reader, slope and unknown."""
        averages = [(term, term.slope * term.mean) for term in self.terms]
        base = self.intercept - sum(average + term.unknown * term.unknown_share for term, average in averages)
        ways = tuple(
            (BY_NAME[term.name].read, term.slope, average + term.unknown)
            for term, average in averages
            if term.slope or term.unknown
        )
        object.__setattr__(self, "_base", base)
        object.__setattr__(self, "_ways", ways)

    def logit(self, facts: Facts) -> float:
        """Return the log odds of a movement being one that people confirm."""
        told = self._base
        for read, slope, unknown in self._ways:
            value = read(facts)
            told += unknown if value is None else slope * value
        return told

    def score(self, facts: Facts) -> int:
        """Return 0 to 1000; see `risk.score.points`."""
        return score_of(self.logit(facts))

    def contributions(self, facts: Facts) -> list[Contribution]:
        """Return what each feature adds, what weighs most first. Their points and those of the intercept are the score."""
        told = [
            (term.name, value, PER_LOGIT * term.added(value))
            for term, value in zip(self.terms, features.values(facts), strict=True)
            if term.slope or term.unknown
        ]
        total = math.fsum(abs(points) for _name, _value, points in told) or 1.0
        found = [Contribution(name, value, points, abs(points) / total) for name, value, points in told]
        return sorted(found, key=lambda one: (-one.share, one.name))

    def in_words(self) -> list[str]:
        """Return a line for each feature that counts, what usually moves a score most first."""
        counting = [term for term in self.terms if term.slope or term.unknown]
        return [_term_in_words(term) for term in sorted(counting, key=_usual_move, reverse=True)]

    def as_content(self) -> dict[str, Any]:
        """Return it as it is kept: JSON primitives."""
        terms = {
            term.name: {name: getattr(term, name) for name in _KEPT}
            for term in self.terms
            if term.slope or term.unknown
        }
        points = {"even": EVEN, "doubling": DOUBLING}
        return {"kind": LOGISTIC, "intercept": self.intercept, "terms": terms, "points": points}

    @classmethod
    def from_content(cls, content: Mapping[str, Any], *, features_version: int) -> ScoreModel:
        """Read it as it was kept.

        :raises ModelUnreadable: when it is of another kind, of other features or another scale of points, or no model.
        """
        if content.get("kind") != LOGISTIC or features_version != features.VERSION:
            raise ModelUnreadable(f"{content.get('kind')} over features of version {features_version}")
        if content.get("points") != {"even": EVEN, "doubling": DOUBLING}:
            raise ModelUnreadable("another scale of points")
        try:
            kept = content["terms"]
            if not kept.keys() <= BY_NAME.keys():
                raise ModelUnreadable("features that nobody knows")
            return cls(_finite(content["intercept"]), tuple(_term(name, kept.get(name)) for name in BY_NAME))
        except (KeyError, TypeError, AttributeError) as error:
            raise ModelUnreadable(repr(error)) from error


def hash_of(content: Mapping[str, Any]) -> str:
    """Return by what content is known: SHA-256 of its canonical JSON, in hexadecimal."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(text.encode()).hexdigest()


def value_in_words(feature: Feature, value: float | None) -> str:
    """Return a feature's number as people know it."""
    if value is None:
        return _("not known")
    match feature.shape:
        case Shape.FLAG:
            return _("yes") if value else _("no")
        case Shape.SHARE:
            return _("%(percent)s %%") % {"percent": f"{value * 100:.0f}"}
        case Shape.RATIO:
            return _("%(times)s times") % {"times": f"{math.exp(value):.2g}"}
        case Shape.AMOUNT:
            return number_format(round(10**value - 1), force_grouping=True)
        case Shape.COUNT:
            return number_format(round(math.expm1(value)))


_KEPT: Final = ("slope", "mean", "spread", "unknown", "unknown_share")


def _term(name: str, kept: Mapping[str, Any] | None) -> Term:
    if kept is None:
        return Term(name, 0.0, 0.0, 0.0, 0.0, 0.0)
    return Term(name, *(_finite(kept[column]) for column in _KEPT))


def _finite(value: Any) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ModelUnreadable(f"{value!r} is no number")
    return float(value)


def _usual_move(term: Term) -> float:
    return abs(term.slope * term.spread) + abs(term.unknown) * term.unknown_share


def _term_in_words(term: Term) -> str:
    feature = BY_NAME[term.name]
    parts: list[str] = []
    if term.slope and feature.shape is Shape.FLAG:
        parts.append(_("yes instead of no: %(points)s points") % {"points": f"{PER_LOGIT * term.slope:+.0f}"})
    elif term.slope:
        points = f"{PER_LOGIT * term.slope * term.spread:+.0f}"
        parts.append(_("higher by as much as it usually differs: %(points)s points") % {"points": points})
    if term.unknown:
        parts.append(_("not known: %(points)s points") % {"points": f"{PER_LOGIT * term.unknown:+.0f}"})
    return _("%(feature)s: %(parts)s") % {"feature": feature.label, "parts": "; ".join(parts)}


READERS: Final = {LOGISTIC: ScoreModel.from_content}
"""Who reads which kind of content. Another kind of model is a `Scorer` with a reader here."""


def read_model(content: Mapping[str, Any], *, features_version: int) -> Scorer:
    """Return the model that content holds.

    :raises ModelUnreadable: when nobody reads its kind, or its reader cannot.
    """
    reader = READERS.get(content.get("kind", ""))
    if reader is None:
        raise ModelUnreadable(f"kind {content.get('kind')!r}")
    return reader(content, features_version=features_version)


def strongest(contributions: Sequence[Contribution], most: int) -> list[Contribution]:
    """Return those that speak against a movement most."""
    return [one for one in contributions if one.points > 0][:most]
