"""What the database itself refuses of score models, whoever asks."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from risk.models import RuleSetVersion, ScoreModelVersion, ScoreState
from tests.risk.score.made import NOW, make_model, move, small_model, told
from tests.unchanged import refused_by_database

pytestmark = pytest.mark.django_db

SET = "UPDATE risk_scoremodelversion SET "


def execute(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize(
    ("words", "statement"),
    [
        ("score_model_fixed", SET + "content = '{}'"),
        ("score_model_fixed", SET + "content_hash = repeat('0', 64)"),
        ("score_model_fixed", SET + "metrics = '{}'"),
        ("score_model_fixed", SET + "parts = '{}'"),
        ("score_model_fixed", SET + "number = 9"),
        ("score_model_fixed", SET + "approval_request_id = 'apr_1'"),
        ("score_model_fixed", SET + "shadow_since = now()"),
        ("score_model_fixed", SET + "state = 'SHADOW', shadow_since = now(), content = '{}'"),
        ("score_model_fixed", SET + "state = 'SHADOW', shadow_since = now(), retired_at = now()"),
        ("score_model_state_dated", SET + "state = 'SHADOW'"),
        ("score_model_state_dated", SET + "state = 'RETIRED'"),
        ("score_model_forward", SET + "state = 'ACTIVE', active_since = now()"),
        ("append_only", "DELETE FROM risk_scoremodelversion"),
        ("append_only", "TRUNCATE risk_scoremodelversion"),
    ],
)
def test_a_model_stays_as_it_was_learnt(words: str, statement: str) -> None:
    make_model()
    with refused_by_database(words):
        execute(statement)


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        ("score_model_starts_as_candidate", {"state": ScoreState.SHADOW, "shadow_since": NOW}),
        ("score_model_number_once", {"number": 1}),
        ("score_model_hashed", {"content_hash": "none"}),
        ("score_model_learnt_over_a_time", {"learnt_until": NOW, "learnt_since": NOW}),
        ("score_model_counted", {"features_version": 0}),
        ("score_model_state_dated", {"retired_at": NOW}),
    ],
)
def test_a_model_begins_whole(words: str, changed: dict[str, Any]) -> None:
    make_model()
    with refused_by_database(words):
        ScoreModelVersion.objects.create(**told(**changed))


def test_states_lead_forward_only() -> None:
    row = make_model(state=ScoreState.RETIRED)
    assert row.active_since == NOW
    for state in (ScoreState.CANDIDATE, ScoreState.SHADOW, ScoreState.ACTIVE):
        with refused_by_database("score_model_forward"):
            execute(SET + "state = %s, retired_at = NULL", state.value)


def test_one_counts_and_one_runs_beside_it() -> None:
    make_model(state=ScoreState.ACTIVE)
    make_model(small_model(night=1.0), state=ScoreState.SHADOW)
    with refused_by_database("score_model_one_shadow"):
        make_model(small_model(night=2.0), state=ScoreState.SHADOW)
    with refused_by_database("score_model_one_active"):
        move(ScoreModelVersion.objects.get(state=ScoreState.SHADOW), ScoreState.ACTIVE)


def test_every_move_is_a_new_state_of_what_counts() -> None:
    def version() -> int:
        return RuleSetVersion.objects.values_list("version", flat=True).get()

    seen = [version()]
    row = make_model()
    assert version() == seen[0]  # a candidate scores nothing
    for state in (ScoreState.SHADOW, ScoreState.ACTIVE, ScoreState.RETIRED):
        move(row, state)
        assert version() > seen[-1]
        seen.append(version())
