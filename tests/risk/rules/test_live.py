"""Which rules count: one statement while nothing changes, and the new ones as soon as something did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from risk.errors import RulesUnusable
from risk.language.schema import Counter, Measure, Subject
from risk.models import RuleSetVersion, RuleSnooze, RuleVersion, VersionState
from risk.outcomes import Outcome
from risk.selectors.rules import live, ruleset_version
from tests.accounts.factories import make_customer
from tests.risk.rules.made import NOW, make_rule, make_version, move

pytestmark = pytest.mark.django_db

BURST = 'count(payer, "1h") > 3 and payee.country in list("regions.high_risk")'


def test_active_and_shadow_versions_are_told_apart() -> None:
    make_version(make_rule("at_night"), VersionState.ACTIVE)
    make_version(make_rule("burst"), VersionState.SHADOW, condition=BURST, outcome=Outcome.REVIEW, weight=120)
    make_version(make_rule("draft_only"))
    found = live(NOW)
    assert [rule.key for rule in found.active] == ["at_night"]
    (shadow,) = found.shadow
    assert (shadow.key, shadow.outcome, shadow.weight, shadow.reason_code) == (
        "burst",
        Outcome.REVIEW,
        120,
        "unusual_time",
    )
    assert shadow.compiled.text == BURST
    assert found.counters == {Counter(Measure.COUNT, Subject.PAYER, "1h")}
    assert not found.lists
    assert found.shadow_lists == {"regions.high_risk"}


def test_nothing_is_read_again_while_nothing_changes() -> None:
    make_version(state=VersionState.ACTIVE)
    first = live(NOW)
    with CaptureQueriesContext(connection) as asked:
        assert live(NOW) is first
    assert len(asked) == 1


def test_a_version_that_was_read_already_is_not_asked_for_again() -> None:
    make_version(state=VersionState.ACTIVE)
    first = live(NOW)
    with CaptureQueriesContext(connection) as asked:
        assert live(NOW, version=first.version) is first
    assert len(asked) == 0


def test_what_changes_counts_at_once() -> None:
    version = make_version(state=VersionState.ACTIVE)
    before = live(NOW)
    move(version, VersionState.RETIRED)
    after = live(NOW)
    assert after.active == ()
    assert after.version > before.version


def test_a_draft_moves_nothing() -> None:
    before = ruleset_version()
    draft = make_version()
    draft.weight = 5
    draft.save(update_fields=["weight"])
    assert ruleset_version() == before


def test_what_was_rolled_back_is_not_taken_for_what_came_after() -> None:
    version = make_version(state=VersionState.ACTIVE)
    with transaction.atomic():
        move(version, VersionState.RETIRED)
        rolled_back = live(NOW)
        transaction.set_rollback(True)
    assert rolled_back.active == ()
    assert [rule.key for rule in live(NOW).active] == ["large_at_night"]
    make_version(make_rule("another"), VersionState.ACTIVE)
    found = live(NOW)
    assert [rule.key for rule in found.active] == ["another", "large_at_night"]
    assert found.version > rolled_back.version


def test_without_any_rule_there_is_a_set_all_the_same() -> None:
    RuleSetVersion.objects.all().delete()
    assert live(NOW).active == ()


def test_an_active_rule_that_no_longer_compiles_stops_assessment() -> None:
    make_version(make_rule("broken"), VersionState.ACTIVE, condition="payee.shoe_size > 45")
    for _again in range(2):
        with pytest.raises(RulesUnusable, match=r"broken.*payee\.shoe_size"):
            live(NOW)
    move(RuleVersion.objects.get(), VersionState.RETIRED)
    assert live(NOW).active == ()


def test_a_shadow_that_no_longer_compiles_is_left_out_and_named() -> None:
    make_version(make_rule("broken"), VersionState.SHADOW, condition="payee.shoe_size > 45")
    make_version(make_rule("sound"), VersionState.ACTIVE)
    found = live(NOW)
    assert found.unreadable == ("broken",)
    assert [rule.key for rule in found.active] == ["sound"]
    assert found.shadow == ()


def test_a_snooze_counts_until_it_ends() -> None:
    rule = make_version(state=VersionState.ACTIVE).rule
    customer = make_customer()
    before = ruleset_version()
    until = NOW + timedelta(days=10)
    snooze = RuleSnooze.objects.create(
        rule=rule,
        customer=customer,
        since=NOW,
        until=until,
        reason="Buys a flat",
        made_by_id="usr_of_a_test",
        made_by_name="Ren Xin",
    )
    assert ruleset_version() > before
    found = live(NOW)
    assert found.snoozes == {(rule.key, customer.public_id): until}
    assert found.snoozed(rule.key, customer.public_id, NOW)
    assert not found.snoozed(rule.key, customer.public_id, until)
    assert not found.snoozed(rule.key, None, NOW)
    assert not found.snoozed("another", customer.public_id, NOW)
    snooze.ended_at, snooze.ended_by_name = NOW, "Ren Xin"
    snooze.save(update_fields=["ended_at", "ended_by_name"])
    assert live(NOW).snoozes == {}
