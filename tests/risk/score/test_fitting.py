"""Coefficients: small cases worked by hand, and what was put in comes out."""

from __future__ import annotations

import math
from random import Random

import pytest

from risk.score.fitting import NotConverged, fit, solved
from risk.score.points import chance_at, chance_of, score_of


def test_without_features_it_is_the_log_odds_of_the_share() -> None:
    """3 of 4: odds 3 to 1."""
    assert fit([], [1, 1, 1, 0]).intercept == pytest.approx(math.log(3))


def test_one_yes_or_no_is_the_log_of_the_odds_ratio() -> None:
    """Of 5 with it 4 are confirmed, of 10 without it 2: odds 4 and 1/4, so the intercept is ln(1/4) and the weight ln(16)."""
    column = [1.0] * 5 + [0.0] * 10
    labels = [1.0] * 4 + [0.0] + [1.0] * 2 + [0.0] * 8
    found = fit([column], labels, ridge=0)
    assert [found.intercept, found.weights[0]] == pytest.approx([math.log(1 / 4), math.log(16)])


def test_a_row_that_stands_for_many_is_as_many_rows() -> None:
    once = fit([[1, 1, 0, 0]], [1, 0, 1, 0], counts=[4, 1, 2, 8], ridge=0)
    assert [once.intercept, once.weights[0]] == pytest.approx([math.log(1 / 4), math.log(16)])


def test_at_the_maximum_the_slope_is_the_ridge() -> None:
    """The first derivative of the penalised likelihood is zero: Σ x (y − p) = ridge × weight, and Σ (y − p) = 0."""
    column, labels = [0.5, -1.0, 2.0, 0.0, 1.0], [1.0, 0.0, 1.0, 0.0, 0.0]
    found = fit([column], labels, ridge=0.7)
    missed = [y - chance_of(found.intercept + found.weights[0] * x) for x, y in zip(column, labels, strict=True)]
    assert sum(missed) == pytest.approx(0, abs=1e-6)
    assert sum(x * m for x, m in zip(column, missed, strict=True)) == pytest.approx(0.7 * found.weights[0], abs=1e-6)


def test_it_recovers_what_made_the_labels() -> None:
    random, weights, intercept = Random(3), [1.5, -0.8, 0.0, 0.4], -2.0
    columns = [[random.gauss(0, 1) for _row in range(20_000)] for _weight in weights]
    labels = [
        float(random.random() < chance_of(intercept + sum(w * x for w, x in zip(weights, row, strict=True))))
        for row in zip(*columns, strict=True)
    ]
    found = fit(columns, labels)
    assert found.intercept == pytest.approx(intercept, abs=0.08)
    assert list(found.weights) == pytest.approx(weights, abs=0.08)


def test_what_separates_completely_needs_a_ridge() -> None:
    with pytest.raises(NotConverged):
        fit([[1, 1, 0, 0]], [1, 1, 0, 0], ridge=0)
    assert 0 < fit([[1, 1, 0, 0]], [1, 1, 0, 0], ridge=1).weights[0] < 5


def test_the_same_column_twice_shares_its_weight() -> None:
    column, labels = [0.0, 1.0, 2.0, 3.0, 0.0], [0.0, 0.0, 1.0, 1.0, 1.0]
    first, second = fit([column, column], labels).weights
    assert first == pytest.approx(second)


def test_a_system_is_solved() -> None:
    """4x + 2y = 10 and 2x + 3y = 11: x = 1, y = 3."""
    assert solved([[4.0], [2.0, 3.0]], [10.0, 11.0]) == pytest.approx([1.0, 3.0])
    with pytest.raises(NotConverged):
        solved([[1.0], [2.0, 4.0]], [1.0, 1.0])


@pytest.mark.parametrize(
    ("logit", "score"),
    [
        (0.0, 700),
        (math.log(2), 760),
        (-math.log(2), 640),
        (math.log(1 / 99), 302),
        (math.log(1 / 3_200), 1),
        (math.log(1 / 3_300), 0),
        (-800.0, 0),
        (math.log(32), 1000),
        (800.0, 1000),
    ],
)
def test_points_double_the_odds(logit: float, score: int) -> None:
    assert score_of(logit) == score


def test_a_score_says_how_likely() -> None:
    assert chance_at(700) == 0.5
    assert chance_at(300) == pytest.approx(0.0097, abs=0.0002)
    assert (chance_of(800), chance_of(-800)) == (1.0, 0.0)
