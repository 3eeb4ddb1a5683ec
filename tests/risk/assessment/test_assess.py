"""What risk says of a movement: rules are asked, weights are added, and what cannot be assessed is held back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bankops.core import ids
from bankops.core.db import prepared
from bankops.core.money import Money
from risk.assessment import judging
from risk.facts import Party
from risk.models import RuleSnooze, RuleVersion, VersionState
from risk.outcomes import Outcome
from risk.selectors.rules import RuleSet
from risk.services import assessing
from risk.services.assessing import assess, assess_all
from risk.velocity import recording
from tests.accounts.factories import make_customer
from tests.risk.assessment.movements import NOW, active, transfer
from tests.risk.rules.made import move
from tests.transactions.raw_books import execute

pytestmark = pytest.mark.django_db

BURST = 'count(payer, "1h") >= 2'


def codes(reasons: Any) -> list[str]:
    return [reason.code for reason in reasons]


def test_without_rules_everything_is_let_through_and_known_to_be_without() -> None:
    said = assess(facts=transfer(), now=NOW)
    assert (said.outcome, said.score, said.band, said.reasons, said.failure) == (Outcome.APPROVE, 0, "low", (), "")
    assert not said.stops
    assert said.facts.history.payee_first_seen_days == 0


def test_the_strictest_outcome_counts_and_weights_add_up_in_order() -> None:
    active("new_payee", "payee.is_new", weight=250)
    active("any_amount", weight=120, outcome=Outcome.BLOCK_AND_REVIEW)
    active("never", 'amount > money("1000000 CNY")', outcome=Outcome.DECLINE, weight=900)
    said = assess(facts=transfer(), now=NOW)
    assert (said.outcome, said.score, said.band) == (Outcome.BLOCK_AND_REVIEW, 370, "medium")
    assert [(one.code, one.weight) for one in said.reasons] == [("new_payee", 250), ("any_amount", 120)]
    assert said.stops


def test_a_score_has_an_end() -> None:
    for number in range(3):
        active(f"rule_{number}", weight=600)
    said = assess(facts=transfer(), now=NOW)
    assert (said.score, said.band, len(said.reasons)) == (1000, "high", 3)


def test_what_moved_before_is_counted_and_the_movement_itself_is_not() -> None:
    active("burst", BURST)
    with transaction.atomic():
        recording.record(movements=[transfer(moment=NOW - timedelta(minutes=5))])
    assert assess(facts=transfer(), now=NOW).outcome == Outcome.APPROVE
    with transaction.atomic():
        recording.record(movements=[transfer(moment=NOW - timedelta(minutes=4))])
    assert codes(assess(facts=transfer(), now=NOW).reasons) == ["burst"]


def test_a_version_in_shadow_says_so_and_changes_nothing() -> None:
    active("tried_out", state=VersionState.SHADOW, outcome=Outcome.DECLINE, weight=900)
    said = assess(facts=transfer(), now=NOW)
    assert (said.outcome, said.score, said.reasons, codes(said.shadow)) == (Outcome.APPROVE, 0, (), ["tried_out"])


def test_a_rule_snoozed_for_the_customer_is_told_and_not_counted() -> None:
    version, customer = active("salary_day"), make_customer("Li Hua")
    RuleSnooze.objects.create(
        rule=version.rule,
        customer=customer,
        since=NOW - timedelta(days=1),
        until=NOW + timedelta(days=1),
        reason="known payroll",
        made_by_id="usr_of_a_test",
        made_by_name="Ren Xin",
    )
    theirs = transfer(payer=Party(account="acc_payer", ours=True, customer=customer.public_id))
    said = assess(facts=theirs, now=NOW)
    assert (said.outcome, codes(said.snoozed)) == (Outcome.APPROVE, ["salary_day"])
    assert codes(assess(facts=transfer(), now=NOW).reasons) == ["salary_day"]


def test_what_refuses_refuses_whoever_was_excepted_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The version that refuses may have come after the snooze."""
    version, customer = active("salary_day", outcome=Outcome.DECLINE), make_customer("Li Hua")
    monkeypatch.setattr(RuleSet, "snoozed", lambda *_asked: True)
    theirs = transfer(payer=Party(account="acc_payer", ours=True, customer=customer.public_id))
    said = assess(facts=theirs, now=NOW)
    assert (said.outcome, codes(said.reasons), said.snoozed) == (Outcome.DECLINE, [version.rule.reason_code], ())


def test_many_are_assessed_as_one_is_and_by_as_many_statements() -> None:
    active("large", 'amount > money("5000 CNY")', outcome=Outcome.DECLINE)
    small, large = transfer(), transfer(movement="tr_large", amount=Money.parse("9000.00", "CNY"))
    assess(facts=small, now=NOW)
    with CaptureQueriesContext(connection) as asked:
        said = assess_all(movements=[small, large, small], now=NOW)
    assert [one.outcome for one in said] == [Outcome.APPROVE, Outcome.DECLINE, Outcome.APPROVE]
    assert len({one.id for one in said}) == 3
    assert len(asked) == 2, [each["sql"] for each in asked.captured_queries]
    assert assess_all(movements=[], now=NOW) == []


def test_foreign_money_is_compared_by_the_rates_in_force() -> None:
    execute(
        "INSERT INTO approvals_referencerate (currency, rate, valid_from, note, set_by_id, set_by_name, approval_request_id)"
        " VALUES ('USD', 7.25, %s, 'test', 'usr_x', 'X', ''), ('USD', 9, %s, 'later', 'usr_x', 'X', '')",
        NOW - timedelta(days=1),
        NOW + timedelta(days=1),
    )
    active("large", 'amount > money("7000 CNY")')
    dollars = transfer(amount=Money.parse("1000.00", "USD"), base_amount=None)
    assert codes(assess(facts=dollars, now=NOW).reasons) == ["large"]
    assert assess(facts=transfer(amount=Money.parse("900.00", "USD"), base_amount=None), now=NOW).reasons == ()


# -- What fails, fails closed ------------------------------------------------------------------------------------------


def held_back(said: Any, code: str) -> bool:
    reason = said.reasons[0]
    told = (said.outcome, said.failure, reason.code, reason.about, said.band)
    return told == (Outcome.BLOCK_AND_REVIEW, code, "assessment_failed", code, "high")


def test_a_slow_database_holds_it_back_and_keeps_the_transaction_whole(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BANKOPS_RISK_MILLISECONDS = 50
    monkeypatch.setattr(assessing, "look_back", lambda **_told: prepared("SELECT pg_sleep(5)", {}))
    with transaction.atomic():
        ((before,),) = prepared("SELECT current_setting('statement_timeout')", {})
        assert held_back(assess(facts=transfer(), now=NOW), "assessment_too_slow")
        ((after,),) = prepared("SELECT current_setting('statement_timeout')", {})
        assert after == before
        active("written_after")  # the transaction goes on
    assert RuleVersion.objects.filter(rule__key="written_after").exists()


def test_an_answer_that_comes_too_late_holds_it_back(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BANKOPS_RISK_MILLISECONDS = 100
    monkeypatch.setattr(assessing, "_passed", lambda _started: 100.1)
    assert held_back(assess(facts=transfer(), now=NOW), "assessment_too_slow")


def test_a_missing_list_holds_it_back() -> None:
    active("region", 'payee.country in list("regions.never_loaded")')
    assert held_back(assess(facts=transfer(), now=NOW), "risk_list_missing")


def test_a_rule_that_cannot_be_read_any_more_holds_everything_back() -> None:
    active("broken", "amount > and then")
    assert held_back(assess(facts=transfer(), now=NOW), "rules_unusable")


def test_a_rule_that_cannot_tell_holds_it_back_and_the_others_are_asked_all_the_same() -> None:
    active("by_rate", 'amount > money("1000 USD")', weight=10)
    active("other", weight=50)
    said = assess(facts=transfer(), now=NOW)
    assert held_back(said, "rule_no_rate")
    assert codes(said.reasons) == ["assessment_failed", "other"]
    assert said.reasons[0].rule == "by_rate"


def test_a_fault_in_shadow_stops_nothing() -> None:
    active("by_rate", 'amount > money("1000 USD")', state=VersionState.SHADOW)
    assert assess(facts=transfer(), now=NOW).outcome == Outcome.APPROVE


def test_a_database_that_is_gone_holds_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_told: Any, **_more: Any) -> None:
        raise DatabaseError("out of memory")

    monkeypatch.setattr(assessing, "read_background", gone)
    assert held_back(assess(facts=transfer(), now=NOW), "unexpected_fault")


def test_a_fault_that_nobody_foresaw_in_one_movement_of_many_is_that_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = judging.judge

    def breaks(facts: Any, **told: Any) -> Any:
        if facts.movement == "tr_odd":
            raise ZeroDivisionError
        return judge(facts, **told)

    monkeypatch.setattr(judging, "judge", breaks)
    fine, odd = assess_all(movements=[transfer(), transfer(movement="tr_odd")], now=NOW)
    assert fine.outcome == Outcome.APPROVE
    assert held_back(odd, "unexpected_fault")


def test_without_a_model_the_score_is_the_rules() -> None:
    """There is none: what a model would add is nothing, and nothing waits for it."""
    active("one", weight=333)
    said = assess(facts=transfer(), now=NOW)
    assert (said.score, said.failure) == (333, "")


def test_a_retired_rule_is_not_asked() -> None:
    move(active("gone"), VersionState.RETIRED)
    assert assess(facts=transfer(), now=NOW).reasons == ()


def test_a_text_that_is_no_customer_stops_nothing_unseen() -> None:
    """An id that cannot be read is a fault of ours, and no reason to let money go."""
    said = assess(facts=transfer(payer=Party(account="acc_x", customer="cus_nonsense")), now=NOW)
    assert held_back(said, "invalid_id")
    known = transfer(payer=Party(account="acc_x", customer=ids.encode("cus", ids.uuid7())))
    assert assess(facts=known, now=NOW).outcome == Outcome.APPROVE
