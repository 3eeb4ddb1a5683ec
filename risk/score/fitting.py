"""Logistic regression with a ridge, in plain Python: what maximises the weighted likelihood less half the penalty.

Iteratively reweighted least squares (Newton's method; McCullagh and Nelder, *Generalized Linear Models*, 1989, section 2.5) over
columns. No random start and no order of rows: the same data gives the same coefficients.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from typing import Final

from risk.score.points import chance_of

ROUNDS_MAX: Final = 50
CLOSE_ENOUGH: Final = 1e-8
STILL: Final = 1e-4
_HALVINGS: Final = 30

Column = Sequence[float]


@dataclass(frozen=True, slots=True)
class Fit:
    """What was found.

    Attributes:
        intercept: log odds where every column is 0.
        weights: of the columns, in their order.
        rounds: of Newton's method.

    """

    intercept: float
    weights: tuple[float, ...]
    rounds: int


class NotConverged(ArithmeticError):
    """The likelihood has no maximum that was reached: without a ridge, where a column separates the classes."""


def fit(columns: Sequence[Column], labels: Column, *, counts: Column | None = None, ridge: float = 1.0) -> Fit:
    """Return the coefficients.

    :param columns: a sequence of numbers for each feature, all as long as `labels`. A ridge is only fair to standardised ones.
    :param labels: 0 or 1.
    :param counts: how many movements each row stands for; one, if not given.
    :param ridge: half of it times the square of each weight is taken off the likelihood; the intercept is free.
    :raises NotConverged: when there is no maximum.
    """
    asked = _Asked(
        terms=[[1.0] * len(labels), *columns],
        labels=labels,
        counts=[1.0] * len(labels) if counts is None else counts,
        penalty=[0.0, *([ridge] * len(columns))],
    )
    found = [asked.start(), *([0.0] * len(columns))]
    worth = asked.worth(found)
    for rounds in range(1, ROUNDS_MAX + 1):
        step = asked.step(found)
        found, gained = _improved(asked, found, step, worth)
        worth += gained
        if gained <= CLOSE_ENOUGH * max(1.0, abs(worth)) and max(map(abs, step)) < STILL:
            return Fit(found[0], tuple(found[1:]), rounds)
    raise NotConverged(f"no maximum within {ROUNDS_MAX} rounds")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be fitted.

    Attributes:
        terms: the columns, after one of ones for the intercept.
        penalty: on the square of each coefficient.

    """

    terms: Sequence[Column]
    labels: Column
    counts: Column
    penalty: Sequence[float]

    def start(self) -> float:
        """Return the log odds over all: a good place to begin, a little away from never and always."""
        ones, total = sum(map(mul, self.labels, self.counts)), sum(self.counts)
        return math.log((ones + 0.5) / (total - ones + 0.5))

    def logits(self, found: Sequence[float]) -> list[float]:
        """Return the log odds of every row: coefficients by columns, summed."""
        told = [0.0] * len(self.labels)
        for weight, column in zip(found, self.terms, strict=True):
            if weight:
                told = [before + weight * value for before, value in zip(told, column, strict=True)]
        return told

    def worth(self, found: Sequence[float]) -> float:
        """Return the weighted logarithm of the likelihood, less the penalty."""
        rows = zip(self.counts, self.labels, self.logits(found), strict=True)
        likely = sum(count * (label * logit - _softplus(logit)) for count, label, logit in rows)
        return likely - sum(price * weight * weight for price, weight in zip(self.penalty, found, strict=True)) / 2

    def step(self, found: Sequence[float]) -> list[float]:
        """Return where Newton's method goes from here."""
        chances = [chance_of(logit) for logit in self.logits(found)]
        rows = zip(self.counts, self.labels, chances, strict=True)
        missed = [count * (label - chance) for count, label, chance in rows]
        bends = [count * chance * (1 - chance) for count, chance in zip(self.counts, chances, strict=True)]
        slope = [
            sum(map(mul, column, missed)) - price * weight
            for column, price, weight in zip(self.terms, self.penalty, found, strict=True)
        ]
        return solved(self._curvature(bends), slope)

    def _curvature(self, bends: Column) -> list[list[float]]:
        """Return the lower half of the matrix of second derivatives, with the sign turned."""
        rows: list[list[float]] = []
        for place, column in enumerate(self.terms):
            bent = list(map(mul, column, bends))
            row = [sum(map(mul, bent, other)) for other in self.terms[: place + 1]]
            row[place] += self.penalty[place]
            rows.append(row)
        return rows


def _improved(asked: _Asked, found: list[float], step: Sequence[float], worth: float) -> tuple[list[float], float]:
    """Take the step, or as much of it as makes things better; return by how much it did."""
    share = 1.0
    for _halving in range(_HALVINGS):
        tried = [weight + share * change for weight, change in zip(found, step, strict=True)]
        gained = asked.worth(tried) - worth
        if gained >= 0:
            return tried, gained
        share /= 2
    return found, 0.0


def _softplus(logit: float) -> float:
    return math.log1p(math.exp(-abs(logit))) + max(0.0, logit)


def solved(lower: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Solve a symmetric positive definite system by Cholesky's method.

    :param lower: the matrix up to its diagonal, row by row.
    :raises NotConverged: when it is not positive definite: columns depend on each other and no ridge holds them.
    """
    root: list[list[float]] = []
    for place, row in enumerate(lower):
        done: list[float] = []
        for column in range(place + 1):
            known = sum(map(mul, done, root[column])) if column < place else sum(value * value for value in done)
            left = row[column] - known
            if column < place:
                done.append(left / root[column][column])
            elif left > 0:
                done.append(math.sqrt(left))
            else:
                raise NotConverged("columns depend on each other")
        root.append(done)
    return _backward(root, _forward(root, right))


def _forward(root: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    told: list[float] = []
    for row, value in zip(root, right, strict=True):
        told.append((value - sum(map(mul, row, told))) / row[-1])
    return told


def _backward(root: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    told = list(right)
    for place in range(len(root) - 1, -1, -1):
        told[place] /= root[place][place]
        for column in range(place):
            told[column] -= root[place][column] * told[place]
    return told
