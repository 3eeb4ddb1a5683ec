"""Back-tests: counted piece by piece, never twice, and what they come to is what reviewers read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from bankops.core.models import AuditEvent
from risk.models import AlertOutcome, BacktestState, RuleBacktest, RuleVersion, VersionState
from risk.rules.tally import SAMPLES_MAX
from risk.selectors import stored_facts
from risk.selectors.backtests import summary_of
from risk.services import backtests, rules
from risk.tasks import work_off_backtests
from tests.risk.alerts.factories import make_alert
from tests.risk.rules.kept import PAST, Memory, decided, keeping, stored
from tests.risk.rules.made import NOW, make_version
from tests.risk.rules.wishes import DRAFT, REN, STRICTER, next_version
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MANY = 2_500


@pytest.fixture
def memory() -> Iterator[Memory]:
    with keeping([stored(number) for number in range(MANY)]) as kept:
        yield kept


@pytest.fixture
def draft() -> RuleVersion:
    return next_version(make_version(state=VersionState.ACTIVE))


def start(version: RuleVersion, **changed: Any) -> RuleBacktest:
    usual: dict[str, Any] = {
        "version_id": version.pk,
        "since": PAST - DAY,
        "until": PAST + DAY,
        "actor": REN,
        "now": NOW,
    }
    return backtests.start_backtest(**usual | changed)


def again(backtest: RuleBacktest) -> RuleBacktest:
    return RuleBacktest.objects.get(pk=backtest.pk)


def by_hand(condition: Any) -> list[int]:
    return [number for number in range(MANY) if condition(number * 1_000, number % 24)]


def test_it_comes_to_what_counting_by_hand_does(memory: Memory, draft: RuleVersion) -> None:
    backtest = start(draft)
    assert (backtest.total, backtest.compared_number, backtest.percent) == (MANY, 1, 0)
    work_off_backtests()
    done = again(backtest)
    assert (done.state, done.seen, done.percent) == (BacktestState.DONE, MANY, 100)
    hits = by_hand(lambda amount, hour: amount > 20_000 and hour < 6)
    before = by_hand(lambda amount, hour: amount > 50_000 and hour < 6)
    result = done.result
    assert (result["hits"], result["before"]) == (len(hits), len(before))
    assert (result["gained"], result["lost"]) == (len(set(hits) - set(before)), 0)
    assert result["samples"]["gained"] == [f"TR-{number}" for number in hits if number <= 50][:SAMPLES_MAX]
    assert result["days"] == {"2026-11-20": [len(hits), len(before)]}
    assert memory.asked == 3
    events = AuditEvent.objects.filter(event_type__startswith="risk.rule.backtest").values_list(
        "event_type", "detail__state"
    )
    assert sorted(events) == [("risk.rule.backtest_ended", "DONE"), ("risk.rule.backtest_started", "RUNNING")]


def test_reviewers_read_what_it_came_to(memory: Memory, draft: RuleVersion) -> None:
    assert summary_of(draft) == "No back-test was made of what this version says now."
    start(draft)
    work_off_backtests()
    hits = len(by_hand(lambda amount, hour: amount > 20_000 and hour < 6))
    assert f"{MANY} movements: {hits} hits instead of" in summary_of(draft)
    edited = rules.edit_draft(version_id=draft.pk, edition=1, draft=DRAFT, actor=REN, now=NOW)
    assert summary_of(edited) == "No back-test was made of what this version says now."


def test_without_an_active_version_there_is_nothing_to_compare_with(memory: Memory) -> None:
    version = make_version()
    backtest = start(version)
    work_off_backtests()
    assert (again(backtest).compared_number, again(backtest).result["before"]) == (None, 0)
    assert "instead of" not in summary_of(version)


def test_a_killed_worker_leaves_nothing_half(memory: Memory, draft: RuleVersion) -> None:
    backtest = start(draft)
    assert backtests.work_off_piece(now=NOW)
    assert again(backtest).seen == 1_000
    with transaction.atomic():
        assert backtests.work_off_piece(now=NOW)
        transaction.set_rollback(True)
    assert again(backtest).seen == 1_000
    work_off_backtests()
    done = again(backtest)
    hits = by_hand(lambda amount, hour: amount > 20_000 and hour < 6)
    assert (done.state, done.seen, done.result["hits"]) == ("DONE", MANY, len(hits))


def test_it_is_cancelled_where_it_is(memory: Memory, draft: RuleVersion) -> None:
    backtest = start(draft)
    backtests.work_off_piece(now=NOW)
    backtests.cancel_backtest(backtest_id=backtest.pk, actor=REN, now=NOW)
    work_off_backtests()
    assert (again(backtest).state, again(backtest).seen) == ("CANCELLED", 1_000)
    with refused("risk_backtest_over"):
        backtests.cancel_backtest(backtest_id=backtest.pk, actor=REN, now=NOW)


def test_what_cannot_be_tried_is_refused(memory: Memory, draft: RuleVersion) -> None:
    with refused("risk_backtest_range_invalid"):
        start(draft, until=PAST - DAY)
    with refused("risk_backtest_range_invalid"):
        start(draft, since=PAST - 400 * DAY)
    with refused("risk_backtest_nothing_stored"):
        start(draft, since=PAST - 3 * DAY, until=PAST - 2 * DAY)
    with refused("risk_rule_version_not_found"):
        start(draft, version_id=draft.rule_id)
    start(draft)
    with refused("risk_backtest_runs"):
        start(draft)


def test_what_was_not_kept_is_told_and_not_taken_for_no_hit(draft: RuleVersion) -> None:
    counting = next_version_of(draft, 'count(payer, "1h") > 3')
    future = stored(7)
    with keeping([stored(1), stored(2), replace_facts(future, '{"version":9}')]):
        backtest = start(counting)
        work_off_backtests()
    result = again(backtest).result
    assert (result["hits"], result["faults"]) == (0, 3)
    assert sorted(result["problems"].values()) == [1, 2]
    assert "Over 3 movements it could not be evaluated." in summary_of(counting)


def test_reviewers_read_what_it_could_not_tell(memory: Memory) -> None:
    """Nothing is known of the network: to the rule that is no hit, and reviewers must not take it for a clean one."""
    version = make_version(condition='network.country == "IR"')
    backtest = start(version)
    work_off_backtests()
    assert again(backtest).result["untold"] == MANY
    assert f"Over {MANY} movements it cannot tell, because a fact that it looks at was not known" in summary_of(version)


def next_version_of(draft: RuleVersion, condition: str) -> RuleVersion:
    changed = STRICTER.__class__(condition, 10, STRICTER.outcome, "Often.", "Try")
    return rules.edit_draft(version_id=draft.pk, edition=draft.edition, draft=changed, actor=REN, now=NOW)


def replace_facts(one: stored_facts.Stored, text: str) -> stored_facts.Stored:
    return stored_facts.Stored(one.position, one.movement, one.reference, one.moment, text, one.outcome)


def test_a_version_that_no_longer_compiles_fails_and_says_why(memory: Memory) -> None:
    backtest = start(make_version(condition="payee.shoe_size > 45"))
    work_off_backtests()
    assert again(backtest).state == "FAILED"
    assert "payee.shoe_size" in again(backtest).fault


def test_known_cases_are_told(memory: Memory, draft: RuleVersion) -> None:
    """Of three confirmed cases the draft hits two, the active version one; what nobody has decided is not counted."""
    for number in (25, 73, 60):
        decided(number, AlertOutcome.REPORTED if number == 60 else AlertOutcome.CONFIRMED, REN, NOW)
    decided(97, AlertOutcome.FALSE_POSITIVE, REN, NOW)
    make_alert(movement_id="tr_98", movement_reference="TR-98")
    backtest = start(draft)
    work_off_backtests()
    result = again(backtest).result
    assert result["known"] == {"confirmed": [3, 2, 1], "false_positive": [1, 1, 1]}
    assert result["samples"]["missed"] == ["TR-60"]
    assert "Of 3 confirmed cases it hits 2; the active version hit 1." in summary_of(draft)
