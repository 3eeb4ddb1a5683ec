"""What models add to an assessment, and that one which cannot be asked takes nothing away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from risk.assessment import scoring
from risk.assessment.answer import Reason
from risk.assessment.scoring import points
from risk.models import Assessment, ScoreState
from risk.outcomes import Outcome
from risk.score.features import BY_NAME, COUNTERS
from risk.score.points import EVEN, PER_LOGIT, score_of
from risk.selectors import score
from risk.selectors.explaining import explained
from risk.services.assessing import assess
from risk.services.keeping import keep
from tests.risk.assessment.movements import NOW, active, transfer
from tests.risk.score.made import make_model, move, small_model

pytestmark = pytest.mark.django_db

MEDIUM = small_model(-3.0, payee_new=2.0, night=0.3)  # at ten in the morning to a new payee: -1.0
HIGH = small_model(-3.0, payee_new=4.0)


def codes(reasons: Any) -> list[tuple[str, int]]:
    return [(reason.code, reason.weight) for reason in reasons]


def test_without_a_model_the_rules_score_and_features_are_kept_to_learn_from() -> None:
    active("any_amount", weight=120)
    said = assess(facts=transfer(), now=NOW)
    assert (said.score, codes(said.reasons), said.shadow) == (120, [("any_amount", 120)], ())
    assert said.facts.counters.keys() >= COUNTERS


def test_the_higher_of_both_scores_counts() -> None:
    make_model(MEDIUM, ScoreState.ACTIVE)
    expected = score_of(-1.0)
    said = assess(facts=transfer(), now=NOW)
    assert (said.score, said.band, said.outcome) == (expected, "medium", Outcome.APPROVE)
    assert codes(said.reasons) == [("model_score", expected), ("model_payee_new", round(2.0 * PER_LOGIT))]
    active("some", weight=expected - 100)
    assert assess(facts=transfer(), now=NOW).score == expected
    active("more", weight=300)
    said = assess(facts=transfer(), now=NOW)
    assert (said.score, len(said.reasons)) == (expected + 200, 4)


def test_a_low_score_is_no_reason() -> None:
    make_model(small_model(-5.0, night=1.0), ScoreState.ACTIVE)
    said = assess(facts=transfer(), now=NOW)
    assert (said.score, said.reasons, said.outcome) == (0, (), Outcome.APPROVE)


@pytest.mark.parametrize("outcome", [Outcome.BLOCK_AND_REVIEW, Outcome.REVIEW, Outcome.APPROVE])
def test_what_becomes_of_a_high_score_is_the_banks_choice(settings: Any, outcome: Outcome) -> None:
    settings.BANKOPS_RISK_MODEL_HIGH = outcome.value
    make_model(HIGH, ScoreState.ACTIVE)
    said = assess(facts=transfer(), now=NOW)
    assert (said.score, said.outcome) == (score_of(1.0), outcome)


def test_a_model_in_shadow_says_so_and_changes_nothing() -> None:
    make_model(HIGH, ScoreState.SHADOW)
    said = assess(facts=transfer(), now=NOW)
    assert (said.score, said.outcome, said.reasons) == (0, Outcome.APPROVE, ())
    assert [(one.code, one.weight, one.about) for one in said.shadow] == [("model_score", score_of(1.0), "1")]


def test_a_model_that_cannot_be_read_adds_nothing_and_is_noted() -> None:
    active("any_amount", weight=120)
    for changed in ({"content_hash": "0" * 64}, {"features_version": 99}):
        row = make_model(HIGH, ScoreState.ACTIVE, **changed)
        said = assess(facts=transfer(), now=NOW)
        assert (said.score, said.failure, said.outcome) == (120, "", Outcome.REVIEW)
        assert codes(said.reasons) == [("any_amount", 120), ("model_unusable", 0)]
        move(row, ScoreState.RETIRED)


def test_a_model_that_fails_adds_nothing_and_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def score(self, _facts: object) -> int:
            raise ZeroDivisionError

        contributions = score

    broken = score.LiveModels(score.LiveModel(7, Broken()), score.LiveModel(8, Broken()))  # type: ignore[arg-type]
    monkeypatch.setattr(score, "live", lambda **_version: broken)
    active("any_amount", weight=120)
    said = assess(facts=transfer(), now=NOW)
    assert (said.score, said.failure, said.shadow) == (120, "", ())
    assert [(one.code, one.about) for one in said.reasons] == [("any_amount", ""), ("model_failed", "7")]


def test_models_cost_no_statement_until_one_moves() -> None:
    row = make_model(MEDIUM, ScoreState.SHADOW)
    assess(facts=transfer(), now=NOW)
    with CaptureQueriesContext(connection) as before:
        assess(facts=transfer(), now=NOW)
    assert not any("scoremodel" in query["sql"] for query in before.captured_queries)
    move(row, ScoreState.ACTIVE)
    with CaptureQueriesContext(connection) as after:
        assert assess(facts=transfer(), now=NOW).score == score_of(-1.0)
    assert sum("scoremodel" in query["sql"] for query in after.captured_queries) == 1


def test_at_most_three_features_against_it_are_told_with_exactly_their_points() -> None:
    model = small_model(-3.0, payee_new=2.0, payee_new_here=0.5, silent=0.2, round=9.0)
    make_model(model, ScoreState.ACTIVE)
    said = assess(facts=transfer(), now=NOW)
    assert said.score == 1000
    told = {reason.code: (reason.weight, reason.about) for reason in said.reasons}
    assert set(told) == {"model_score", "model_round", "model_payee_new", "model_payee_new_here"}
    assert told["model_round"] == (round(9.0 * PER_LOGIT), f"{9.0 * PER_LOGIT:+.1f}")


def test_what_strongly_speaks_for_it_is_told_too_and_all_points_are_the_score() -> None:
    """It would be 1,000 points and more without what speaks for it."""
    model = small_model(-1.0, payee_new=4.0, round=-3.0, silent=-0.1)
    make_model(model, ScoreState.ACTIVE)
    said = assess(facts=transfer(), now=NOW)
    told = {reason.code: reason for reason in said.reasons}
    assert set(told) == {"model_score", "model_payee_new", "model_round"}
    assert (told["model_round"].weight, told["model_round"].about) == (0, f"{-3.0 * PER_LOGIT:+.1f}")
    points_of_all = sum(one.points for one in model.contributions(said.facts))
    assert said.score == pytest.approx(EVEN + PER_LOGIT * -1.0 + points_of_all, abs=0.51)
    with transaction.atomic():
        keep(assessment=said, reference="TR-2026-000001")
    words = {one.title: one.text for one in explained(Assessment.objects.get()).reasons}
    assert f"({-3.0 * PER_LOGIT:+.1f} points)" in words[str(BY_NAME["round"].label)]


def test_a_rule_may_call_its_reason_like_a_models() -> None:
    ours = Reason("model_score", 300, Outcome.REVIEW, rule="model_railway")
    assert points([ours, replace(ours, weight=200)]) == 500
    assert scoring.points_of_rules([ours.as_json(), Reason("model_night", 90, Outcome.APPROVE).as_json()]) == 300


def test_it_is_explained_in_words() -> None:
    make_model(MEDIUM, ScoreState.ACTIVE)
    said = assess(facts=transfer(), now=NOW)
    with transaction.atomic():
        keep(assessment=said, reference="TR-2026-000001")
    told = explained(Assessment.objects.get()).reasons
    assert [(one.title, one.text) for one in told] == [
        (
            "What was learnt from past decisions",
            "Score model 1 compared it with movements that people confirmed, and with others.",
        ),
        ("first payment to this payee", f"yes ({2.0 * PER_LOGIT:+.1f} points)"),
    ]
