"""Writing rules: a draft is checked as a whole, belongs to one edition, and counts for nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from bankops.core.models import AuditEvent
from risk.language.errors import RuleError
from risk.models import Rule, RuleVersion, VersionState
from risk.rules.vocabulary import install_lists
from risk.selectors.rules import live
from risk.services import rules
from tests.risk.rules.made import NOW, make_version, move
from tests.risk.rules.wishes import DRAFT, LIU, REN, STRICTER, create, next_version
from tests.unchanged import nothing_changes, refused

pytestmark = pytest.mark.django_db

NOBODY = UUID(int=7)


def edit(version: RuleVersion, draft: Any = STRICTER, *, edition: int | None = None) -> RuleVersion:
    seen = version.edition if edition is None else edition
    return rules.edit_draft(version_id=version.pk, edition=seen, draft=draft, actor=LIU, now=NOW)


def test_a_rule_begins_with_a_draft_in_canonical_text() -> None:
    version = create()
    assert (version.number, version.state, version.edition) == (1, VersionState.DRAFT, 1)
    assert version.condition == 'amount > money("50000 CNY") and hour < 6'
    assert version.rule.key == "large_at_night"
    event = AuditEvent.objects.get(event_type="risk.rule.created")
    assert (event.subject_label, event.actor_name) == ("large_at_night", "Ren Xin")
    assert event.detail["condition"] == version.condition
    assert live(NOW).active == ()


def test_what_is_no_rule_is_not_kept_and_every_fault_has_its_place() -> None:
    wrong = replace(DRAFT, condition='amuont > money("50000 CNY") and kind == "tranfer"')
    with nothing_changes(), pytest.raises(RuleError) as caught:
        create(draft=wrong)
    assert [(one.code, one.position) for one in caught.value.problems] == [
        ("rule_unknown_fact", 0),
        ("rule_unknown_value", 40),
    ]


def test_a_list_that_the_bank_has_not_is_refused() -> None:
    wrong = replace(DRAFT, condition='payee.country in list("regions.hihg")')
    before = install_lists(lambda: {"regions.high": "High risk"})
    try:
        with nothing_changes(), pytest.raises(RuleError) as caught:
            create(draft=wrong)
    finally:
        install_lists(before)
    assert [problem.code for problem in caught.value.problems] == ["rule_unknown_list"]
    assert "regions.high" in caught.value.problems[0].hint


def test_what_is_too_long_when_written_out_is_refused() -> None:
    crammed = "payee.name == '" + '"' * 1_900 + "'"  # each needs a backslash when it is written out
    assert len(crammed) <= 2_000
    with nothing_changes(), pytest.raises(RuleError) as caught:
        create(draft=replace(DRAFT, condition=crammed))
    assert [problem.code for problem in caught.value.problems] == ["rule_too_long"]


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"key": "Large"}, "key"),
        ({"key": ""}, "key"),
        ({"reason_code": "no spaces"}, "reason code"),
        ({"name": " "}, "name"),
        ({"purpose": ""}, "what it is for"),
        ({"source": "\n"}, "source"),
        ({"owner": ""}, "owner"),
    ],
)
def test_what_a_rule_is_must_be_said(changed: dict[str, str], word: str) -> None:
    with refused("risk_rule_term_invalid") as caught:
        create(**changed)
    assert word in str(caught.value)


@pytest.mark.parametrize(
    "changed", [{"weight": 1_001}, {"weight": -1}, {"explains": ""}, {"note": " "}, {"note": "x" * 2_001}]
)
def test_what_a_version_says_must_be_sound(changed: dict[str, Any]) -> None:
    with refused("risk_rule_term_invalid"):
        create(draft=replace(DRAFT, **changed))


def test_texts_that_do_not_fit_are_refused() -> None:
    with refused("text_too_long"):
        create(name="x" * 121)
    with refused("unstorable_text"):
        create(draft=replace(DRAFT, explains="nul \x00"))


def test_a_key_is_there_once() -> None:
    create()
    with refused("risk_rule_key_taken"):
        create()


def test_a_rule_has_one_draft_at_a_time() -> None:
    version = create()
    with refused("risk_rule_draft_exists"):
        next_version(version)
    move(version, VersionState.SHADOW)
    second = next_version(version)
    assert (second.number, second.state) == (2, VersionState.DRAFT)


def test_an_unknown_rule_gets_no_version() -> None:
    with refused("risk_rule_not_found"):
        rules.draft_version(rule_id=NOBODY, draft=DRAFT, actor=REN, now=NOW)
    with refused("risk_rule_version_not_found"):
        rules.edit_draft(version_id=NOBODY, edition=1, draft=DRAFT, actor=REN, now=NOW)


def test_an_edit_tells_what_changed_and_who_did() -> None:
    version = edit(create())
    assert (version.edition, version.author_name, version.note) == (2, "Liu Bo", "Losses below the threshold")
    event = AuditEvent.objects.get(event_type="risk.rule.edited")
    assert event.changes["condition"] == [
        'amount > money("50000 CNY") and hour < 6',
        'amount > money("20000 CNY") and hour < 6',
    ]
    assert set(event.changes) == {"condition", "note"}


def test_saving_the_same_again_changes_nothing() -> None:
    version = create()
    with nothing_changes():
        assert edit(version, DRAFT).edition == 1


def test_nobody_saves_over_what_they_have_not_seen() -> None:
    version = create()
    edit(version)
    with refused("risk_rule_draft_moved") as caught:
        edit(version, replace(DRAFT, weight=1), edition=1)
    assert "Liu Bo" in str(caught.value)


@pytest.mark.parametrize("state", [VersionState.SHADOW, VersionState.ACTIVE, VersionState.RETIRED])
def test_only_a_draft_is_edited(state: VersionState) -> None:
    version = make_version(state=state)
    with refused("risk_rule_not_in_state"):
        edit(version)


@pytest.mark.parametrize("state", [VersionState.DRAFT, VersionState.SHADOW])
def test_what_does_not_count_is_discarded(state: VersionState) -> None:
    version = make_version(state=state)
    gone = rules.discard_version(version_id=version.pk, reason="Not worth it", actor=REN, now=NOW)
    assert (gone.state, gone.retired_at) == (VersionState.RETIRED, NOW)
    event = AuditEvent.objects.get(event_type="risk.rule.discarded")
    assert (event.reason, event.changes["state"]) == ("Not worth it", [state, "RETIRED"])


def test_what_counts_is_not_discarded() -> None:
    version = make_version(state=VersionState.ACTIVE)
    with refused("risk_rule_not_in_state"):
        rules.discard_version(version_id=version.pk, reason="Away with it", actor=REN, now=NOW)


def test_somebody_else_answers_for_a_rule() -> None:
    version = make_version(state=VersionState.ACTIVE)
    rule = rules.hand_over_rule(rule_id=version.rule_id, owner="Wu Jing", reason="Desk moved", actor=REN, now=NOW)
    assert Rule.objects.get().owner == rule.owner == "Wu Jing"
    event = AuditEvent.objects.get(event_type="risk.rule.handed_over")
    assert event.changes == {"owner": ["Fraud desk", "Wu Jing"]}
    for reason, owner, code in [("", "Wu Jing", "reason_required"), ("Desk moved", " ", "risk_rule_term_invalid")]:
        with refused(code):
            rules.hand_over_rule(rule_id=version.rule_id, owner=owner, reason=reason, actor=REN, now=NOW)
