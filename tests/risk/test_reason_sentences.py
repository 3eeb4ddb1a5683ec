"""Every reason that the product itself raises an alert for has a sentence, in the reader's language."""

from __future__ import annotations

from typing import Final

import pytest

from risk.assessment import answer, payees, scoring
from risk.assessment.answer import (
    FAILED,
    LISTS_MISSING,
    SCREENING_CONFIRMED,
    SCREENING_PENDING,
    SCREENING_POSSIBLE,
    Reason,
)
from risk.assessment.scoring import NOT_FEATURES, PREFIX
from risk.models import Assessment
from risk.outcomes import Outcome
from risk.patterns import Family
from risk.reason_words import sentence_of
from risk.score.features import FEATURES
from risk.selectors.explaining import Told, explained
from tests.risk.assessment.movements import transfer

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


OF_ASSESSMENTS: Final = sorted(
    {
        value
        for module in (answer, payees, scoring)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and value != PREFIX
    }
    | {f"{PREFIX}{feature.name}" for feature in FEATURES}
)
"""Every code that an assessment can give for a reason that is no rule's."""


def told_of(code: str) -> Told:
    reason = Reason(code=code, weight=1, outcome=Outcome.REVIEW, about="1")
    kept = Assessment(
        outcome=Outcome.REVIEW, reasons=[reason.as_json()], shadow=[], snoozed=[], facts=transfer().as_json()
    )
    return explained(kept).reasons[0]


def test_the_codes_are_those_that_assessments_give() -> None:
    """A twin: the walk finds what there is."""
    assert {FAILED, SCREENING_POSSIBLE, payees.PAYEE_UNSCREENED, scoring.MODEL_FAILED} <= set(OF_ASSESSMENTS)


@pytest.mark.parametrize("code", OF_ASSESSMENTS)
def test_a_reason_of_an_assessment_has_a_title_and_a_sentence(code: str) -> None:
    told = told_of(code)
    assert told.title
    assert told.title != code
    assert told.text
    assert "%" not in told.text
