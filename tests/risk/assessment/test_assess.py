"""What risk says of a movement: rules are asked, weights are added, and what cannot be assessed is held back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bankops.core import ids
from bankops.core.db import prepared
from bankops.core.money import Money
from risk.assessment import background, judging
from risk.facts import Party
from risk.models import RuleSnooze, RuleVersion, VersionState
from risk.outcomes import Outcome
from risk.selectors import rules
from risk.selectors.rules import RuleSet
from risk.services import assessing
from risk.services.assessing import assess, assess_all
from risk.velocity import reading, recording
from tests.accounts.factories import make_customer
from tests.risk.assessment.movements import NOW, active, transfer
from tests.risk.rules.made import move
from tests.transactions.raw_books import execute

pytestmark = pytest.mark.django_db

BURST = 'count(payer, "1h") >= 2'


def codes(reasons: Any) -> list[str]:
    return [reason.code for reason in reasons]


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process be one that has just begun."""
    monkeypatch.setattr(rules, "_kept", {})


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


@pytest.mark.parametrize("has_begun", [False, True], ids=["in_turn", "together"])
def test_a_slow_database_holds_it_back_and_keeps_the_transaction_whole(
    has_begun: bool, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it is read: in turn by a process that has just begun, together once it knows the rules."""
    forget(monkeypatch)
    if has_begun:
        assert assess(facts=transfer(), now=NOW).outcome == Outcome.APPROVE
    settings.BANKOPS_RISK_MILLISECONDS = 50
    slow = "SELECT pg_sleep(5), %(keys)s::text, %(payees)s::text, %(payers)s::text"
    monkeypatch.setattr(reading, "_SQL", slow)
    with transaction.atomic():
        ((before,),) = prepared("SELECT current_setting('statement_timeout')", {})
        assert held_back(assess(facts=transfer(), now=NOW), "assessment_too_slow")
        ((after,),) = prepared("SELECT current_setting('statement_timeout')", {})
        assert after == before
        active("written_after")  # the transaction goes on
    assert RuleVersion.objects.filter(rule__key="written_after").exists()


def test_once_begun_it_asks_everything_in_one_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    active("burst", BURST)
    forget(monkeypatch)
    with transaction.atomic():
        recording.record(movements=[transfer(moment=NOW - timedelta(minutes=number)) for number in range(1, 3)])
    in_turn = assess(facts=transfer(), now=NOW)

    def refuses(**_told: Any) -> None:
        raise AssertionError("asked in turn")

    monkeypatch.setattr(assessing, "reading_within", refuses)
    together = assess(facts=transfer(), now=NOW)
    assert (codes(in_turn.reasons), in_turn.facts) == (codes(together.reasons), together.facts)
    assert codes(together.reasons) == ["burst"]


def test_a_rule_that_came_meanwhile_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert assess(facts=transfer(), now=NOW).reasons == ()
    active("burst", 'count(payer, "1h") == 0')
    assert codes(assess(facts=transfer(), now=NOW).reasons) == ["burst"]


def test_a_batch_is_no_way_around_what_is_counted() -> None:
    """Each of a batch sees those before it, exactly as if they had been ordered and paid one by one."""
    active("often", 'count(pair, "1h") >= 1')
    active("much", 'sum(payer, "24h") + amount > money("5000 CNY")')
    active("spread", 'distinct_payees(payer, "24h") >= 2 and distinct_payers(payee, "24h") >= 0')
    active("passed_on", 'known(payer.received_1h) and payer.received_1h > money("0 CNY")')
    payees = ["acc_one", "acc_two", "acc_one", "acc_three", "acc_payer"]
    batch = [
        transfer(movement=f"tr_{place}", payee=Party(account=payee, ours=True)) for place, payee in enumerate(payees)
    ]
    batch.append(transfer(movement="tr_back", payer=Party(account="acc_two", ours=True)))
    at_once = assess_all(movements=batch, now=NOW)
    one_by_one = []
    for facts in batch:
        one_by_one.append(assess(facts=facts, now=NOW))
        with transaction.atomic():
            recording.record(movements=[facts])
    assert [codes(one.reasons) for one in at_once] == [codes(one.reasons) for one in one_by_one]
    assert [one.facts for one in at_once] == [one.facts for one in one_by_one]
    assert [codes(one.reasons) for one in at_once[2:]] == [
        ["much", "often", "spread"],
        ["much", "spread"],
        ["much", "spread"],
        ["passed_on"],
    ]


def test_an_answer_that_comes_too_late_holds_it_back(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BANKOPS_RISK_MILLISECONDS = 100
    monkeypatch.setattr(assessing, "_passed", lambda _started: 100.1)
    assert held_back(assess(facts=transfer(), now=NOW), "assessment_too_slow")


def test_a_missing_list_holds_it_back() -> None:
    active("region", 'payee.country in list("regions.never_loaded")')
    assert held_back(assess(facts=transfer(), now=NOW), "risk_list_missing")


def test_while_a_required_list_is_missing_nobody_is_clear(settings: Any) -> None:
    settings.BANKOPS_REQUIRED_LISTS = ["ofac_sdn", "un_consolidated"]
    said = assess(facts=transfer(), now=NOW)
    assert (said.outcome, codes(said.reasons)) == (Outcome.BLOCK_AND_REVIEW, ["screening_lists_missing"])


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


def test_a_list_that_only_a_rule_in_shadow_looks_into_stops_nothing() -> None:
    active("region", 'payee.country in list("regions.never_loaded")', state=VersionState.SHADOW)
    active("other", weight=50)
    said = assess(facts=transfer(), now=NOW)
    assert (said.failure, codes(said.reasons), said.shadow) == ("", ["other"], ())


def test_a_fault_in_shadow_stops_nothing() -> None:
    active("by_rate", 'amount > money("1000 USD")', state=VersionState.SHADOW)
    assert assess(facts=transfer(), now=NOW).outcome == Outcome.APPROVE


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (OperationalError("the server closed the connection"), "database_unavailable"),
        (DatabaseError("out of memory"), "unexpected_fault"),
    ],
)
def test_a_database_that_does_not_answer_holds_it_back(
    fault: DatabaseError, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_told: Any, **_more: Any) -> None:
        raise fault

    monkeypatch.setattr(background, "question", broken)
    assert held_back(assess(facts=transfer(), now=NOW), code)


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
