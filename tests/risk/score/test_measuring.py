"""Metrics against counting every pair, and against small cases worked by hand."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.score import measuring


def quality(scores: list[float], labels: list[float], capacity: int = 5_000) -> measuring.Quality:
    return measuring.quality(scores, labels, [1.0] * len(labels), capacity=capacity)


def pairs(scores: list[float], labels: list[float]) -> float:
    ones = [score for score, label in zip(scores, labels, strict=True) if label]
    others = [score for score, label in zip(scores, labels, strict=True) if not label]
    won = sum(1.0 if one > other else 0.5 if one == other else 0.0 for one in ones for other in others)
    return won / (len(ones) * len(others))


_ROWS = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40).filter(
    lambda rows: len({label for _score, label in rows}) == 2
)


@given(_ROWS)
def test_the_area_is_what_counting_all_pairs_gives(rows: list[tuple[int, bool]]) -> None:
    scores, labels = [float(score) for score, _label in rows], [float(label) for _score, label in rows]
    assert quality(scores, labels).auc == pytest.approx(pairs(scores, labels))


@given(_ROWS, st.integers(1, 5))
def test_a_row_that_stands_for_many_measures_as_many_rows(rows: list[tuple[int, bool]], times: int) -> None:
    scores, labels = [float(score) for score, _label in rows], [float(label) for _score, label in rows]
    counts = [float(times if not label else 1) for label in labels]
    weighted = measuring.quality(scores, labels, counts, capacity=500)
    many = [row for row in zip(scores, labels, counts, strict=True) for _time in range(int(row[2]))]
    repeated = quality([row[0] for row in many], [row[1] for row in many], 500)
    for name in ("auc", "average_precision", "precision", "recall"):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name))


def test_average_precision_by_hand() -> None:
    """Confirmed at the first, third and fourth place: (1/1 + 2/3 + 3/4) / 3."""
    found = quality([9, 8, 7, 6, 5], [1, 0, 1, 1, 0])
    assert found.average_precision == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)


def test_a_desk_that_sees_two_of_five() -> None:
    found = quality([9, 8, 7, 6, 5], [1, 0, 1, 1, 0], capacity=4_000)
    assert [found.precision, found.recall] == pytest.approx([1 / 2, 1 / 3])


def test_equal_scores_share_what_the_desk_has_room_for() -> None:
    """Room for two of four equal ones, of which one is confirmed: half of it is found."""
    found = quality([5, 5, 5, 5], [1, 0, 0, 0], capacity=5_000)
    assert (found.precision, found.recall, found.auc) == (0.25, 0.5, 0.5)


def test_few_rows_are_sure_of_little() -> None:
    """Hanley and McNeil's own example: an area of 0.893 over 58 normal and 51 abnormal images has an error of 0.032."""
    assert measuring.auc_error(0.893, 51, 58) == pytest.approx(0.032, abs=0.001)
    assert quality([2, 1], [1, 0]).auc == 1.0


def test_brier_and_calibration_by_hand() -> None:
    chances, labels, counts = [0.1, 0.3, 1.0], [0.0, 1.0, 1.0], [2.0, 1.0, 1.0]
    assert measuring.brier(chances, labels, counts) == pytest.approx((2 * 0.01 + 0.49 + 0) / 4)
    assert measuring.calibration(chances, labels, counts) == [
        {"from": 0.05, "to": 0.2, "movements": 2, "said": pytest.approx(0.1), "was": 0.0},
        {"from": 0.2, "to": 0.5, "movements": 1, "said": pytest.approx(0.3), "was": 1.0},
        {"from": 0.5, "to": 1.0, "movements": 1, "said": 1.0, "was": 1.0},
    ]


def test_the_order_of_rows_does_not_matter() -> None:
    random = Random(5)
    rows = [(random.randrange(5), float(random.random() < 0.3)) for _row in range(200)]
    before = quality([float(score) for score, _l in rows], [label for _s, label in rows], 700)
    random.shuffle(rows)
    after = quality([float(score) for score, _l in rows], [label for _s, label in rows], 700)
    for name in measuring.Quality.__slots__:
        assert getattr(before, name) == pytest.approx(getattr(after, name))
