"""Outcomes are ordered by severity, not by letter."""

from __future__ import annotations

import random

from risk.outcomes import Outcome, strictest

IN_ORDER = [Outcome.APPROVE, Outcome.REVIEW, Outcome.BLOCK_AND_REVIEW, Outcome.DECLINE]


def test_they_are_ordered_by_severity() -> None:
    shuffled = random.Random(7).sample(IN_ORDER, 4)
    assert sorted(shuffled, key=lambda outcome: outcome.severity) == IN_ORDER


def test_the_strictest_of_several_counts() -> None:
    assert strictest([Outcome.REVIEW, Outcome.DECLINE, Outcome.BLOCK_AND_REVIEW]) is Outcome.DECLINE
    assert strictest([Outcome.REVIEW, Outcome.APPROVE]) is Outcome.REVIEW


def test_without_any_a_movement_is_let_through() -> None:
    assert strictest([]) is Outcome.APPROVE
