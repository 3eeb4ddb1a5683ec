"""What the database keeps right about assessments, whoever writes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from bankops.core import ids
from risk import migrations
from risk.facts import Facts
from risk.models import Assessment, RuleHit
from risk.services.keeping import without_names
from tests.risk.assessment.movements import NOW, transfer
from tests.transactions.raw_books import execute

pytestmark = pytest.mark.django_db


def write(**changed: Any) -> Assessment:
    usual: dict[str, Any] = {
        "movement": ids.encode("tr", ids.uuid7()),
        "reference": "TR-2026-000001",
        "outcome": "APPROVE",
        "score": 0,
        "band": "low",
        "ruleset": 1,
        "reasons": [],
        "shadow": [],
        "snoozed": [],
        "facts": transfer().as_json(),
        "assessed_at": NOW,
        "milliseconds": 1.5,
    }
    return Assessment.objects.create(**usual | changed)


@pytest.mark.parametrize(
    ("constraint", "wrong"),
    [
        ("assessment_outcome_known", {"outcome": "WAVE"}),
        ("assessment_band_known", {"band": "none"}),
        ("assessment_score_within", {"score": 1001}),
        ("assessment_number_from_one", {"number": 0}),
        ("assessment_failed_stops", {"failure": "assessment_too_slow"}),
    ],
)
def test_it_is_as_an_assessment_is(constraint: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write(**wrong)


def test_each_answer_about_a_movement_is_kept_once() -> None:
    one = write()
    with pytest.raises(IntegrityError, match="assessment_numbered_once"), transaction.atomic():
        write(movement=one.movement)
    write(movement=one.movement, number=2)
    with pytest.raises(IntegrityError, match="assessment_numbered_once"), transaction.atomic():
        write(movement=one.movement, number=2)


def test_on_the_way_back_the_first_answers_stay_and_are_guarded_again() -> None:
    one = write()
    later = write(movement=one.movement, number=2)
    for kept in (one, later):
        RuleHit.objects.create(assessment=kept, version=ids.uuid7(), rule="x", how="LIVE", hit_at=NOW)
    execute((Path(migrations.__file__).parent / "later_answers.reverse.sql").read_text())
    assert (Assessment.objects.get(), RuleHit.objects.get().assessment) == (one, one)
    for table in ("risk_rulehit", "risk_assessment"):
        with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
            execute(f"DELETE FROM {table}")


def test_a_hit_counts_in_a_way_that_is_known() -> None:
    with pytest.raises(IntegrityError, match="rule_hit_how_known"), transaction.atomic():
        RuleHit.objects.create(assessment=write(), version=ids.uuid7(), rule="x", how="MAYBE", hit_at=NOW)


def test_names_are_not_kept() -> None:
    named = transfer()
    told = replace(named, payee=replace(named.payee, name="Ali Hassan"))
    assert "Ali" in told.as_json()
    assert "Ali" not in without_names(told).as_json()


def test_where_a_list_holds_a_name_a_word_stands_for_it() -> None:
    """A back-test asks the same list of the same facts, and is told the same."""
    named = transfer(lists={"own.black": frozenset({"Ali Hassan", "dev_1"}), "own.grey": frozenset()})
    told = replace(named, payee=replace(named.payee, name="Ali Hassan"), payer=replace(named.payer, name="Li Hua"))
    text = without_names(told).as_json()
    assert "Ali" not in text
    assert "Li Hua" not in text
    kept = Facts.from_json(text)
    assert kept.list_has("own.black", kept.value("payee.name"))
    assert not kept.list_has("own.grey", kept.value("payee.name"))
    assert kept.value("payer.name") is None
    assert kept.lists["own.black"] == {"dev_1", "(name of the payee)"}


def test_two_parties_of_one_name_are_both_found_again() -> None:
    named = transfer(lists={"own.black": frozenset({"Ali Hassan"})})
    told = replace(named, **{side: replace(getattr(named, side), name="Ali Hassan") for side in ("payer", "payee")})
    kept = Facts.from_json(without_names(told).as_json())
    assert all(kept.list_has("own.black", kept.value(f"{side}.name")) for side in ("payer", "payee"))
