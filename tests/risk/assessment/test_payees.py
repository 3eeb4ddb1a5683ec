"""A payee's standing counts with the rules, beside what a score model says."""

from __future__ import annotations

import pytest

from bankops.core import ids
from risk.assessment.answer import Assessment, Reason
from risk.assessment.payees import PAYEE_UNSCREENED, PayeeStanding, with_payee
from risk.assessment.scoring import MODEL_SCORE
from risk.outcomes import Outcome
from tests.risk.assessment.movements import NOW, transfer


@pytest.mark.parametrize(("rules", "model", "score"), [(100, 600, 800), (100, 900, 900), (100, 0, 800), (400, 0, 1000)])
def test_its_weight_is_among_those_of_the_rules(rules: int, model: int, score: int) -> None:
    told = [Reason("large", rules, Outcome.REVIEW, rule="large")]
    told += [Reason(MODEL_SCORE, model, Outcome.APPROVE, about="1")] if model else []
    said = Assessment(ids.uuid7(), transfer(), Outcome.REVIEW, max(rules, model), tuple(told), NOW, 1.0)
    answer = with_payee(said, PayeeStanding.UNSCREENED, about="so_1")
    assert (answer.score, answer.outcome) == (score, Outcome.BLOCK_AND_REVIEW)
    assert PAYEE_UNSCREENED in {reason.code for reason in answer.reasons}
