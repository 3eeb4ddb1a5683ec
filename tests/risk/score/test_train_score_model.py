"""From what people decided to a candidate: which movements are learnt from, and the command from end to end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from bankops.core import clock
from bankops.core.models import AuditEvent
from risk.models import Alert, AlertKind, AlertOutcome, AlertState, Assessment, ScoreModelVersion
from risk.score.model import hash_of, read_model
from risk.selectors.score_labels import labelled
from tests.risk.score.made_up_bank import BEGIN, Happened, movements

pytestmark = pytest.mark.django_db

UNTIL = BEGIN + timedelta(days=200)


def assessed(happened: Iterable[Happened]) -> None:
    rows = [
        Assessment(
            movement=one.facts.movement,
            reference=one.facts.movement,
            outcome="REVIEW" if one.alerted else "APPROVE",
            score=one.rules,
            band="low",
            ruleset=1,
            reasons=[{"code": "rule", "rule": "a_rule", "weight": one.rules, "outcome": "REVIEW"}] if one.rules else [],
            shadow=[],
            snoozed=[],
            facts=one.facts.as_json(),
            assessed_at=one.facts.moment,
            milliseconds=1.0,
        )
        for one in happened
    ]
    Assessment.objects.bulk_create(rows)


def decided(happened: Iterable[Happened], outcome: AlertOutcome | None) -> None:
    """Write an alert about each, closed so; still open without an outcome."""
    references = [one.facts.movement for one in happened]
    Alert.objects.bulk_create(
        Alert(
            reference=reference,
            kind=AlertKind.TRANSACTION,
            dedupe_key=reference,
            score=300,
            priority="medium",
            movement_id=reference,
            raised_at=BEGIN,
            last_raised_at=BEGIN,
            urgent_since=BEGIN,
            due_at=BEGIN,
        )
        for reference in references
    )
    if outcome:
        Alert.objects.filter(reference__in=references).update(
            state=AlertState.CLOSED, outcome=outcome, closed_at=BEGIN, closed_by_id="usr_1"
        )


def bank(count: int = 1_500, share: float = 0.12) -> list[Happened]:
    happened = list(movements(count, share=share))
    assessed(happened)
    decided([one for one in happened if one.fraud], AlertOutcome.CONFIRMED)
    decided([one for one in happened if one.alerted and not one.fraud], AlertOutcome.FALSE_POSITIVE)
    return happened


def test_what_people_came_to_is_the_label() -> None:
    confirmed, reported, false, waiting, quiet = movements(5)
    assessed([confirmed, reported, false, waiting, quiet])
    decided([confirmed], AlertOutcome.CONFIRMED)
    decided([reported], AlertOutcome.REPORTED)
    decided([false], AlertOutcome.FALSE_POSITIVE)
    decided([waiting], None)
    told = {row.movement: (row.confirmed, row.stands_for) for row in labelled(since=BEGIN, until=UNTIL, sample=99)}
    assert told == {
        confirmed.facts.movement: (True, 1.0),
        reported.facts.movement: (True, 1.0),
        false.facts.movement: (False, 1.0),
        quiet.facts.movement: (False, 1.0),
    }


def test_only_that_time_and_only_what_could_be_assessed() -> None:
    first, second, third = movements(3)
    assessed([first, second])
    assessed([third])
    later = second.facts.moment
    assert [row.movement for row in labelled(since=BEGIN, until=later, sample=9)] == [first.facts.movement]
    found = {row.movement for row in labelled(since=later, until=UNTIL, sample=9)}
    assert found == {second.facts.movement, third.facts.movement}


def test_a_sample_of_the_quiet_ones_stands_for_all_and_is_the_same_each_time() -> None:
    assessed(movements(600, share=0.0))
    once = list(labelled(since=BEGIN, until=UNTIL, sample=150))
    assert 100 < len(once) < 200
    assert sum(row.stands_for for row in once) == pytest.approx(600)
    again = {row.movement for row in labelled(since=BEGIN, until=UNTIL, sample=150)}
    assert again == {row.movement for row in once}


def test_the_rules_own_score_is_read_without_a_models() -> None:
    (happened,) = movements(1)
    assessed([Happened(happened.facts, fraud=False, rules=250)])
    (row,) = labelled(since=BEGIN, until=UNTIL, sample=9)
    assert row.rules == 250


def test_the_command_from_end_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    happened = bank()
    monkeypatch.setattr(clock, "now", lambda: UNTIL)
    out = StringIO()
    call_command("train_score_model", "--dry-run", stdout=out)
    assert not ScoreModelVersion.objects.exists()
    call_command("train_score_model", "--capacity", "500", stdout=out)
    model = ScoreModelVersion.objects.get()
    assert (model.number, model.state, model.trained_at) == (1, "CANDIDATE", UNTIL)
    confirmed = sum(part["confirmed"] for part in model.parts.values())
    assert confirmed == sum(one.fraud for one in happened)
    assert model.metrics["capacity"] == 500
    assert model.metrics["model"]["auc"] > model.metrics["rules"]["auc"] > 0.5
    assert model.content_hash == hash_of(model.content)
    scorer = read_model(model.content, features_version=model.features_version)
    scores = [(scorer.score(one.facts), one.fraud) for one in happened[-400:]]
    frauds = [score for score, fraud in scores if fraud]
    others = [score for score, fraud in scores if not fraud]
    assert sum(frauds) / len(frauds) > sum(others) / len(others) + 200
    event = AuditEvent.objects.get(event_type="risk.score_model.registered")
    assert event.actor_name == "train_score_model"
    assert "Score model 1 is kept as a candidate." in out.getvalue()


def test_with_too_few_cases_the_command_says_what_is_missing() -> None:
    bank(200, share=0.05)
    with pytest.raises(CommandError, match="movements that are confirmed"):
        call_command("train_score_model", "--days", "3650")
    assert not ScoreModelVersion.objects.exists()
