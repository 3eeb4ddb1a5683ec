"""Score models through the gate: beside the active one first, and two people agree to what counts."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from approvals.models import ApprovalRequest
from bankops.core import operations
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent
from bankops.core.operations import Outcome
from risk.models import ScoreModelVersion, ScoreState
from risk.selectors.score import live
from risk.services import score_models
from staff.models import Branch, User
from staff.roles import Role
from tests.approvals.factories import again, approve, approve_all
from tests.personas import hire
from tests.risk.score.made import NOW, make_model, move, small_model
from tests.transactions.shipped import Shipped, submit
from tests.unchanged import refused, refused_by_database

pytestmark = pytest.mark.django_db

REN = Actor("staff", "usr_ren", "Ren Xin")


@pytest.fixture
def bank(shipped_bank: Shipped) -> Shipped:
    return shipped_bank


@pytest.fixture
def analyst(bank: Shipped, branch: Branch) -> User:
    return hire("R1", "Rao Min", Role.RISK_ANALYST, branch)


def wish(model: ScoreModelVersion) -> dict[str, Any]:
    return {"model": model.number, "content": model.content_hash}


def ask(verb: str, by: User, payload: dict[str, Any], reason: str = "Cases of the last month") -> Outcome:
    return submit(f"risk.{verb}", by, payload, reason=reason)


def state_of(model: ScoreModelVersion) -> str:
    return ScoreModelVersion.objects.values_list("state", flat=True).get(pk=model.pk)


def test_a_model_runs_in_shadow_and_then_counts(analyst: User) -> None:
    model = make_model()
    approve_all(ask("start_model_shadow", analyst, wish(model)).request)
    assert state_of(model) == "SHADOW"
    outcome = ask("activate_model", analyst, wish(model))
    assert not outcome.done
    approve(outcome.request)
    assert state_of(model) == "SHADOW"
    assert approve_all(outcome.request).state == "EXECUTED"
    kept = ScoreModelVersion.objects.get()
    assert (kept.state, kept.approval_request_id) == ("ACTIVE", outcome.request.public_id)
    found = live().active
    assert found is not None
    assert (found.number, found.scorer is not None, live().shadow) == (1, True, None)
    event = AuditEvent.objects.get(event_type="risk.score_model.activated")
    assert (event.actor_name, event.reason) == ("Rao Min", "Cases of the last month")
    assert event.subject_id == model.public_id


def test_no_policy_lets_one_person_do_it() -> None:
    wanted = {"risk.activate_model", "risk.retire_model"}
    assert wanted <= operations.always_two_people()
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM approvals_protectedoperation")
        assert wanted <= {key for (key,) in cursor.fetchall()}


def test_a_new_model_takes_the_place_of_the_one_before(analyst: User) -> None:
    first = make_model(state=ScoreState.ACTIVE)
    second = make_model(small_model(night=1.0), ScoreState.SHADOW)
    told = operations.get("risk.activate_model").describe(wish(second))
    assert told.changes["Area under the curve"] == ("0.900", "0.900")
    approve_all(ask("activate_model", analyst, wish(second)).request)
    assert (state_of(first), state_of(second)) == ("RETIRED", "ACTIVE")
    third = make_model(small_model(night=2.0), ScoreState.SHADOW)
    fourth = make_model(small_model(night=3.0))
    approve_all(ask("start_model_shadow", analyst, wish(fourth)).request)
    assert (state_of(second), state_of(third), state_of(fourth)) == ("ACTIVE", "RETIRED", "SHADOW")


def test_a_reviewer_is_told_when_the_rules_alone_do_better(analyst: User) -> None:
    usual = make_model(state=ScoreState.SHADOW)
    assert operations.get("risk.activate_model").describe(wish(usual)).warnings == []
    worse = make_model(metrics={**usual.metrics, "rules": {**usual.metrics["rules"], "recall": 0.9}})
    (warning,) = operations.get("risk.activate_model").describe(wish(worse)).warnings
    assert "rules alone do better" in warning


def test_what_is_sure_to_fail_is_refused_at_once(analyst: User) -> None:
    candidate = make_model()
    retired = make_model(small_model(night=2.0), ScoreState.RETIRED)
    counting = make_model(small_model(night=1.0), ScoreState.ACTIVE)
    old = make_model(small_model(night=3.0), features_version=99)
    cases = [
        ("start_model_shadow", wish(counting), "score_model_not_in_state"),
        ("activate_model", wish(candidate), "score_model_not_in_state"),
        ("activate_model", wish(counting), "score_model_not_in_state"),
        ("retire_model", {"model": retired.number}, "score_model_not_in_state"),
        ("start_model_shadow", {**wish(candidate), "content": "another"}, "score_model_moved"),
        ("start_model_shadow", wish(old), "score_model_unusable"),
        ("start_model_shadow", {"model": 77, "content": ""}, "score_model_not_found"),
        ("activate_model", {"model": "1", "content": ""}, "score_model_not_found"),
        ("retire_model", {}, "score_model_not_found"),
    ]
    for verb, payload, code in cases:
        with refused(code):
            ask(verb, analyst, payload)
    for verb in ("start_model_shadow", "activate_model", "retire_model"):
        with refused("reason_required"):
            ask(verb, analyst, wish(candidate), reason=" ")


def test_what_counts_is_retired_by_two_people_and_the_rules_score_alone(analyst: User) -> None:
    counting = make_model(state=ScoreState.ACTIVE)
    outcome = ask("retire_model", analyst, {"model": counting.number})
    approve(outcome.request)
    assert state_of(counting) == "ACTIVE"
    approve_all(outcome.request)
    assert (state_of(counting), live().active) == ("RETIRED", None)


def test_another_active_model_meanwhile_is_not_what_they_agreed_to(analyst: User) -> None:
    model = make_model(state=ScoreState.SHADOW)
    request = ask("activate_model", analyst, wish(model)).request
    other = make_model(small_model(night=1.0))
    approve_all(ask("start_model_shadow", analyst, wish(other)).request)
    approve_all(request)
    assert (again(request).state, state_of(model)) == ("STALE", "RETIRED")


def test_around_the_gate_nothing_begins_to_count_or_stops(analyst: User) -> None:
    counting = make_model(state=ScoreState.ACTIVE)
    shadow = make_model(small_model(night=1.0), ScoreState.SHADOW)
    ask("retire_model", analyst, {"model": shadow.number})
    assert ApprovalRequest.objects.exists()
    with refused_by_database("score_model_under_consent"):
        move(counting, ScoreState.RETIRED)
    with refused_by_database("score_model_under_consent"):
        move(ScoreModelVersion.objects.get(pk=shadow.pk), ScoreState.ACTIVE)


def test_nobody_calls_the_services_themselves() -> None:
    model = make_model()
    order: dict[str, Any] = {"number": model.number, "reason": "Now", "actor": REN, "now": NOW}
    with refused("consent_required"):
        score_models.start_model_shadow(content=model.content_hash, **order)
    with refused("consent_required"):
        score_models.activate_model(content=model.content_hash, **order)
    with refused("consent_required"):
        score_models.retire_model(**order)
