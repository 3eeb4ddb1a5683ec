"""Every reason that the product itself raises an alert for has a sentence, in the reader's language."""

from __future__ import annotations

import pytest

from risk.assessment.answer import (
    FAILED,
    LISTS_MISSING,
    SCREENING_CONFIRMED,
    SCREENING_PENDING,
    SCREENING_POSSIBLE,
)
from risk.assessment.scoring import NOT_FEATURES, PREFIX
from risk.patterns import Family
from risk.reason_words import sentence_of
from risk.score.features import FEATURES

CODES = (
    FAILED,
    LISTS_MISSING,
    SCREENING_CONFIRMED,
    SCREENING_PENDING,
    SCREENING_POSSIBLE,
    *NOT_FEATURES,
    *(f"{PREFIX}{feature.name}" for feature in FEATURES),
    *(f"pattern_{family}" for family in Family),
    "screening_strong",
    "screening_possible",
    "screening_weak",
)
VALUES = {"rule": "", "about": "THE VALUE", "pattern": "THE VALUE", "hit": "THE VALUE"}


@pytest.mark.parametrize("code", CODES)
def test_a_reason_says_more_than_its_code(code: str) -> None:
    said = sentence_of(code, "only the code", VALUES)
    assert said != "only the code"
    assert code not in said
    assert "%" not in said


@pytest.mark.parametrize(
    "code", [FAILED, SCREENING_CONFIRMED, SCREENING_PENDING, SCREENING_POSSIBLE, "pattern_cycle", "screening_strong"]
)
def test_a_reason_names_what_it_is_about(code: str) -> None:
    assert "THE VALUE" in sentence_of(code, "", VALUES)
