"""Learning a model: from labelled movements to coefficients, a calibration, and how good it is on what came later.

The earliest movements are learnt from, those that follow calibrate it, and the last ones measure it: what is measured was never
learnt from, and lies later, as everything will that it is used on. Deterministic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from risk.errors import ScoreModelNoBetter, TooFewLabels
from risk.facts import Facts
from risk.score import features, measuring
from risk.score.features import FEATURES
from risk.score.fitting import Column, NotConverged, fit
from risk.score.measuring import Quality
from risk.score.model import ScoreModel, Term
from risk.score.points import chance_of, score_of

LEARNT_FROM, CALIBRATED_BY = 0.6, 0.8
"""Up to where, in the order of time, the confirmed movements are learnt from and calibrate."""
LEAST: Final = {"learn": 50, "calibrate": 20, "measure": 20}
"""Of each label, in each part."""
RIDGE: Final = 1.0
_TO: Final = {"learn": _("learn from"), "calibrate": _("calibrate by"), "measure": _("measure by")}
_STILL: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Labelled:
    """A past movement, and what people came to.

    Attributes:
        confirmed: whether its alert was confirmed or reported.
        stands_for: how many movements it stands for: more than one where only a sample was read.
        rules: the weights of the rules that hit it, together: what it scored without a model.
        values: of `features.FEATURES`.

    """

    movement: str
    moment: datetime
    confirmed: bool
    stands_for: float
    rules: int
    values: Sequence[float | None]

    @classmethod
    def of(cls, facts: Facts, *, confirmed: bool, stands_for: float = 1.0, rules: int = 0) -> Labelled:
        """Read the features of a movement."""
        told = features.values(facts)
        return cls(facts.movement, facts.moment, confirmed, stands_for, rules, told)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one range of time, in its order, and how many of them have which label."""

    rows: tuple[Labelled, ...]

    @property
    def labels(self) -> list[float]:
        return [float(row.confirmed) for row in self.rows]

    @property
    def counts(self) -> list[float]:
        return [row.stands_for for row in self.rows]

    def as_json(self) -> dict[str, Any]:
        confirmed = sum(row.confirmed for row in self.rows)
        return {
            "since": self.rows[0].moment.isoformat(),
            "until": self.rows[-1].moment.isoformat(),
            "confirmed": confirmed,
            "not_confirmed": len(self.rows) - confirmed,
            "movements": round(sum(self.counts)),
        }


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, with what it was learnt from and how good it is.

    Attributes:
        parts: `learn`, `calibrate` and `measure`.
        model_quality, rules_quality: on the last part: of the model's score, and of the rules' weights alone.
        capacity: of 10,000 movements, how many somebody can look at.
        brier, brier_of_share: of the model, and of somebody who always says the share of confirmed ones.

    """

    model: ScoreModel
    parts: dict[str, Part]
    model_quality: Quality
    rules_quality: Quality
    capacity: int
    brier: float
    brier_of_share: float
    calibration: list[dict[str, Any]]

    def metrics(self) -> dict[str, Any]:
        """Return how good it is, as it is kept."""
        return {
            "capacity": self.capacity,
            "model": self.model_quality.as_json(),
            "rules": self.rules_quality.as_json(),
            "brier": round(self.brier, 9),
            "brier_of_share": round(self.brier_of_share, 9),
            "calibration": self.calibration,
        }


def train(rows: Sequence[Labelled], *, capacity: int, ridge: float = RIDGE) -> Trained:
    """Learn, calibrate and measure a model.

    :param rows: in any order.
    :param capacity: of 10,000 movements, how many somebody can look at.
    :raises TooFewLabels: when a part has too few of either label: nobody learns what never, or always, happened.
    :raises ScoreModelNoBetter: when the model does not tell them apart better than chance.
    """
    parts = split(rows)
    for name, least in LEAST.items():
        _refuse_few(name, parts[name], least)
    try:
        model = _calibrated(learnt(parts["learn"], ridge=ridge), parts["calibrate"])
    except NotConverged as error:
        raise ScoreModelNoBetter(figure=str(error)) from error
    trained = _measured(model, parts, capacity)
    if trained.model_quality.auc_low <= 0.5:
        raise ScoreModelNoBetter(figure=f"{trained.model_quality.auc:.3f}")
    return trained


def split(rows: Sequence[Labelled]) -> dict[str, Part]:
    """Return the three parts. No two parts share a moment."""
    ordered = sorted(rows, key=lambda row: (row.moment, row.movement))
    moments = [row.moment for row in ordered if row.confirmed]
    if not moments:
        raise TooFewLabels(part=_TO["learn"], kind=_("confirmed"), found=0, least=LEAST["learn"])
    first, second = (moments[int(len(moments) * share)] for share in (LEARNT_FROM, CALIBRATED_BY))
    return {
        "learn": Part(tuple(row for row in ordered if row.moment < first)),
        "calibrate": Part(tuple(row for row in ordered if first <= row.moment < second)),
        "measure": Part(tuple(row for row in ordered if row.moment >= second)),
    }


def learnt(part: Part, *, ridge: float = RIDGE) -> ScoreModel:
    """Return the model that fits a part best, not calibrated yet.

    :raises NotConverged: as `fit`.
    """
    counts = part.counts
    columns = [_column([row.values[place] for row in part.rows], counts) for place in range(len(FEATURES))]
    used: list[Column] = [column for one in columns for column in (one.known, one.unknown) if column is not None]
    found = fit(used, part.labels, counts=counts, ridge=ridge)
    weights = iter(found.weights)
    terms = tuple(
        one.term(
            feature.name,
            0.0 if one.known is None else next(weights),
            0.0 if one.unknown is None else next(weights),
        )
        for feature, one in zip(FEATURES, columns, strict=True)
    )
    return ScoreModel(found.intercept, terms)


@dataclass(frozen=True, slots=True)
class _Column:
    """A feature over all rows, standardised; None where it is always the same and nothing can be learnt from it.

    What is not known is 0 in `known`, which is the average, and has a column of its own.
    """

    mean: float
    spread: float
    unknown_share: float
    unknown_spread: float
    known: list[float] | None
    unknown: list[float] | None

    def term(self, name: str, known: float, unknown: float) -> Term:
        """Return what it adds, in the feature's own unit."""
        return Term(
            name,
            slope=known / self.spread if known else 0.0,
            mean=self.mean,
            spread=self.spread,
            unknown=unknown / self.unknown_spread if unknown else 0.0,
            unknown_share=self.unknown_share,
        )


def _column(values: Sequence[float | None], counts: Sequence[float]) -> _Column:
    told = [(value, count) for value, count in zip(values, counts, strict=True) if value is not None]
    weight = math.fsum(count for _value, count in told)
    mean = math.fsum(value * count for value, count in told) / weight if weight else 0.0
    spread = math.sqrt(math.fsum(count * (value - mean) ** 2 for value, count in told) / weight) if weight else 0.0
    share = 1 - weight / math.fsum(counts)
    share_spread = math.sqrt(max(0.0, share * (1 - share)))
    known = [0.0 if value is None else (value - mean) / spread for value in values] if spread > _STILL else None
    missing = [((value is None) - share) / share_spread for value in values] if share_spread > _STILL else None
    return _Column(mean, spread, share, share_spread, known, missing)


def _calibrated(model: ScoreModel, part: Part) -> ScoreModel:
    """Return the model with its log odds moved and stretched so that a chance is what comes true (Platt, 1999).

    It stays a sum over features: each term is stretched, and what an average movement has is moved.

    :raises ScoreModelNoBetter: when what it calls likely comes true less often.
    """
    told = [logit_of(model, row) for row in part.rows]
    found = fit([told], part.labels, counts=part.counts, ridge=0.0)
    (stretch,) = found.weights
    if stretch <= 0:
        raise ScoreModelNoBetter(figure=f"{stretch:.3f}")
    terms = tuple(
        Term(one.name, one.slope * stretch, one.mean, one.spread, one.unknown * stretch, one.unknown_share)
        for one in model.terms
    )
    return ScoreModel(found.intercept + stretch * model.intercept, terms)


def logit_of(model: ScoreModel, row: Labelled) -> float:
    """Return the log odds of a row whose features are read already."""
    added = (term.added(value) for term, value in zip(model.terms, row.values, strict=True))
    return model.intercept + math.fsum(added)


def _measured(model: ScoreModel, parts: dict[str, Part], capacity: int) -> Trained:
    last = parts["measure"]
    labels, counts = last.labels, last.counts
    told = [logit_of(model, row) for row in last.rows]
    chances = [chance_of(logit) for logit in told]
    share = math.fsum(label * count for label, count in zip(labels, counts, strict=True)) / math.fsum(counts)
    return Trained(
        model=model,
        parts=parts,
        model_quality=measuring.quality([score_of(logit) for logit in told], labels, counts, capacity=capacity),
        rules_quality=measuring.quality([row.rules for row in last.rows], labels, counts, capacity=capacity),
        capacity=capacity,
        brier=measuring.brier(chances, labels, counts),
        brier_of_share=measuring.brier([share] * len(labels), labels, counts),
        calibration=measuring.calibration(chances, labels, counts),
    )


def _refuse_few(name: str, part: Part, least: int) -> None:
    confirmed = sum(row.confirmed for row in part.rows)
    for kind, found in ((_("confirmed"), confirmed), (_("not confirmed"), len(part.rows) - confirmed)):
        if found < least:
            raise TooFewLabels(part=_TO[name], kind=kind, found=found, least=least)
