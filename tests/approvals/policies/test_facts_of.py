"""From a submission to what policies see of it, and the alert when a policy cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries, Settings

from approvals import notice_kinds
from approvals.policies.chain import fallback
from approvals.services.policies import evaluate_for, facts_of, write_version
from approvals.services.rates import write_rate
from approvals.services.shipping import seed_policies
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.money import Money
from bankops.core.operations import Description, Facts, Operation, Order
from notifications.models import Notice
from staff.models import User
from tests.accounts.factories import NOW
from tests.approvals.policies.documents import document

SYSTEM = Actor.system("test")


class Pay(Operation):
    """An operation about money, never registered."""

    key = "tests.pay"
    label = "Pay"

    def clean(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return dict(payload)

    def describe(self, payload: Mapping[str, Any]) -> Description:
        return Description("Pay")

    def preconditions(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def execute(self, payload: Mapping[str, Any], order: Order) -> None:
        raise AssertionError("nothing is carried out here")

    def facts(self, payload: Mapping[str, Any]) -> Facts:
        amount = Money.parse(payload["amount"], payload["currency"]) if payload else None
        return Facts(amount=amount, branch="001" if payload else "", risk_band="high" if payload else "")


def order(actor: Actor, now: datetime = NOW, channel: str = "staff") -> Order:
    return Order(actor=actor, now=now, channel=channel)


def break_a_policy(definition: Any = None) -> None:
    with transaction.atomic():
        write_version(name="Broken", definition=definition or {"broken": 1}, actor=SYSTEM, reason="By hand", now=NOW)


def alerts() -> list[tuple[str, Any]]:
    events = AuditEvent.objects.filter(event_type="approvals.policy.unreadable").order_by("id")
    return [(event.subject_label, event.detail) for event in events]


@pytest.mark.django_db
def test_the_facts_of_a_tellers_payment(teller: User) -> None:
    facts = facts_of(Pay(), {"amount": "12.00", "currency": "CNY"}, order(teller.as_actor()))
    assert facts.to_json() == {
        "operation": "tests.pay",
        "amount": "12.00 CNY",
        "base_amount": "12.00 CNY",
        "branch": "001",
        "maker_roles": ["teller"],
        "channel": "staff",
        "risk_band": "high",
        "hour": 17,  # 09:30 in London, 17:30 in Shanghai
    }


@pytest.mark.django_db
def test_the_hour_is_the_banks_own(teller: User, settings: Settings) -> None:
    at = datetime(2026, 3, 2, 22, 59, tzinfo=UTC)
    hours = []
    for zone in ("Asia/Shanghai", "Europe/Berlin", "America/New_York"):
        settings.TIME_ZONE = zone
        hours.append(facts_of(Pay(), {}, order(teller.as_actor(), at)).hour)
    assert hours == [6, 23, 17]


@pytest.mark.django_db
def test_a_foreign_amount_is_worth_what_the_rate_in_force_says(teller: User) -> None:
    payment = {"amount": "9000.00", "currency": "USD"}
    assert facts_of(Pay(), payment, order(teller.as_actor())).amount_unknown
    with transaction.atomic():
        write_rate(currency="USD", rate=Decimal(7), actor=SYSTEM, reason="Fixing", now=NOW)
    facts = facts_of(Pay(), payment, order(teller.as_actor()))
    assert (facts.amount_unknown, facts.currency) == (False, "USD")
    assert facts.base_amount == Money.parse("63000.00", "CNY")


@pytest.mark.django_db
@pytest.mark.parametrize("actor", [SYSTEM, Actor("partner", "par_1", "Acme"), Actor("staff", "usr_nobody", "Nobody")])
def test_whoever_is_no_member_of_staff_has_no_roles(actor: Actor) -> None:
    facts = facts_of(Pay(), {}, order(actor, channel="partner"))
    assert (facts.maker_roles, facts.channel, facts.amount, facts.base_amount) == (frozenset(), "partner", None, None)


@pytest.mark.django_db
def test_policies_are_asked_in_three_queries(teller: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    seed_policies(actor=SYSTEM, now=NOW)
    with django_assert_num_queries(3):  # the maker's roles, the rate, the policies
        evaluate_for(Pay(), {"amount": "9000.00", "currency": "USD"}, order(teller.as_actor()))


@pytest.mark.django_db
def test_an_unreadable_policy_means_consent_and_an_alert(teller: User) -> None:
    break_a_policy()
    facts, verdict = evaluate_for(Pay(), {}, order(teller.as_actor()))
    assert facts.operation == "tests.pay"
    assert verdict.chain == fallback({"teller"})
    assert alerts() == [
        ("Broken", {"version": 1, "problem": "broken: is not known; remove it or correct its spelling"})
    ]
    message = OutboxMessage.objects.get(topic="approvals.policy.unreadable")
    assert (message.payload["name"], message.payload["version"]) == ("Broken", 1)


@pytest.mark.django_db
@pytest.mark.usefixtures("under_approved_requests")
def test_the_alert_comes_once_a_day_for_each_version(teller: User) -> None:
    break_a_policy()
    midnight = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # in Shanghai
    for now in (NOW, NOW + timedelta(hours=6), midnight, midnight + timedelta(hours=23)):
        evaluate_for(Pay(), {}, order(teller.as_actor(), now))
    assert len(alerts()) == 2
    break_a_policy(document(stages=[]))
    evaluate_for(Pay(), {}, order(teller.as_actor(), midnight + timedelta(hours=23)))
    assert [detail["version"] for _name, detail in alerts()] == [1, 1, 2]


def test_the_alert_reaches_the_administrators(teller: User, administrator: User) -> None:
    break_a_policy()
    evaluate_for(Pay(), {}, order(teller.as_actor(), NOW))
    notice = Notice.objects.get()
    assert (notice.recipient, notice.kind) == (administrator, notice_kinds.POLICY_UNREADABLE.key)
