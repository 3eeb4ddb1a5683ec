"""What risk says of a movement that waited is kept each time, and counts the movement once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Account, LimitPeriod
from bankops.core import clock
from bankops.core.actor import Actor
from risk.models import Alert, AlertOutcome, RuleHit, VersionState
from risk.outcomes import Outcome
from risk.selectors import stored_facts
from risk.selectors.assessments import answers_about, facts_kept
from risk.selectors.case_movements import known_movements
from risk.selectors.days import Days
from risk.selectors.large_values import large_values
from risk.selectors.rule_figures import figures_of
from risk.selectors.score_labels import labelled
from risk.services import settle_alert
from risk.services.shipping import ship_rules
from staff.models import Branch, User
from tests.accounts.factories import OU_YAN, ledger_of, make_account, make_customer
from tests.approvals.factories import approve_all
from tests.risk.assessment.movements import active
from tests.transactions.risk_cases import alert_of, analyst, known_later, pays_somebody, said_later_of, said_of
from tests.transactions.shipped import Shipped, order_transfer, parked_in, today
from tests.transactions.test_limits import limit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def consent() -> None:
    """Without: here the gate itself lets services run."""


@pytest.fixture
def bank(shipped_bank: Shipped) -> Shipped:
    return shipped_bank


@pytest.fixture
def rao(bank: Shipped, branch: Branch) -> User:
    return analyst(branch)


@pytest.fixture
def li() -> Account:
    return make_account("200000.00", customer=make_customer("Li Hua"))


@pytest.fixture
def wang() -> Account:
    return make_account(customer=make_customer("Wang Fang"))


def close_as_false(alert: Alert) -> None:
    told = {"outcome": AlertOutcome.FALSE_POSITIVE, "reason": "rent", "actor": OU_YAN, "now": clock.now()}
    assert settle_alert(dedupe_key=alert.dedupe_key, **told)  # type: ignore[arg-type]


def test_what_had_raised_an_alert_adds_to_it_and_counts_once_for_each_rule(
    bank: Shipped, li: Account, wang: Account
) -> None:
    active("large", 'amount >= money("60000 CNY")', weight=50)
    active("tried_out", 'amount >= money("60000 CNY")', state=VersionState.SHADOW)
    known_later(Outcome.REVIEW)
    request = order_transfer(bank.maker, li, wang, "60000.00").request
    row = parked_in(request)
    pays_somebody(bank, li)
    assert approve_all(request).state == "EXECUTED"
    alert = alert_of(row)
    assert (alert.raised_count, alert.score, alert.assessment_id) == (2, 450, said_of(row).pk)
    assert {reason.code for reason in alert.reasons.all()} == {"large", "known_since"}
    (later,) = said_later_of(row)
    assert [reason["rule"] for reason in later.reasons] == ["known_since", "large"], "the answer is kept whole"
    hits = RuleHit.objects.values_list("rule", "assessment")
    assert set(hits) == {("large", said_of(row).pk), ("tried_out", said_of(row).pk), ("known_since", later.pk)}
    assert {
        key: one.hits.day for key, one in figures_of(["large", "known_since", "tried_out"], clock.now()).items()
    } == {
        "large": 1,
        "known_since": 1,
        "tried_out": 1,
    }
    close_as_false(alert)
    decided = figures_of(["large", "known_since"], clock.now())
    assert [(one.quality.decided, one.quality.false) for one in decided.values()] == [(1, 1), (1, 1)]


def test_what_the_books_refuse_when_it_is_approved_keeps_what_risk_said(
    bank: Shipped, li: Account, wang: Account
) -> None:
    known_later(Outcome.REVIEW)
    request = order_transfer(bank.maker, li, wang, "60000.00").request
    row = parked_in(request)
    pays_somebody(bank, li)
    limit(li, (LimitPeriod.TRANSACTION, "50000.00"))
    ended = approve_all(request)
    assert (ended.state, ended.error_code, ledger_of(wang)) == ("FAILED", "limit_exceeded", "0.00")
    (later,) = said_later_of(row)
    assert (later.outcome, alert_of(row).assessment_id) == (Outcome.REVIEW, later.pk)


def test_a_day_of_large_transfers_stands_in_the_register_though_each_was_small_when_it_was_ordered(
    bank: Shipped, rao: User, wang: Account
) -> None:
    ship_rules(actor=Actor.system("tests"), now=clock.now())
    rich = make_account("900000.00", customer=make_customer("Sun Li"))
    requests = [order_transfer(bank.maker, rich, wang, amount).request for amount in ("300000.00", "300001.00")]
    rows = [parked_in(request) for request in requests]
    assert {approve_all(request).state for request in requests} == {"EXECUTED"}
    found = list(large_values(rao, Days(today(), today())))
    assert [one.reference for one in found] == [row.reference for row in rows], "each once, whatever was said of it"
    told = {one.reference: one for one in found}
    assert told[rows[1].reference].rules == ("large_value_person",)
    assert [len(said_later_of(row)) for row in rows] == [1, 1]
    assert RuleHit.objects.filter(rule="large_value_person").count() == 1


def test_whoever_counts_movements_counts_the_first_answer_of_each(bank: Shipped, li: Account, wang: Account) -> None:
    known_later()
    request = order_transfer(bank.maker, li, wang, "60000.00", narrative="rent").request
    row = parked_in(request)
    pays_somebody(bank, li)
    assert approve_all(request).state == "FAILED"
    assert [one.number for one in answers_about(row.public_id)] == [1, 2]
    since, until = clock.now() - timedelta(hours=1), clock.now() + timedelta(hours=1)
    stored = stored_facts.chunk(since=since, until=until, after="")
    assert stored_facts.count(since=since, until=until) == len(stored) == len({one.movement for one in stored}) == 2
    for name in (row.public_id, row.reference):
        found = stored_facts.one(name)
        assert found
        assert (found.outcome, found.facts) == (Outcome.APPROVE, said_of(row).facts)
    close_as_false(alert_of(row))
    assert len(list(labelled(since=since, until=until, sample=100))) == 2
    assert known_movements([row.public_id])[row.public_id].at == said_of(row).assessed_at
    kept = facts_kept(row.public_id)
    assert kept
    assert kept.moment == said_of(row).assessed_at
