"""Of every fact that a shipped rule asks for some real door tells: a rule about what nobody tells never hits."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts import services as account_services
from accounts.drafts import AddressDraft
from accounts.models import Account, AccountStatus, AddressType
from accounts.partner_access import Right
from bankops.core import clock
from bankops.core.actor import Actor
from risk.assessment import judging
from risk.fact_schema import SCHEMA
from risk.facts import Facts
from risk.language.rule import compile_rule
from risk.rules.shipped import RULES
from risk.services.shipping import ship_rules
from tests.accounts.factories import TANG_LING, make_account, make_customer
from tests.api.callers import System, give, said
from tests.consent import as_if_consented
from tests.transactions.standing_order_cases import make_order, pay

pytestmark = pytest.mark.django_db

CONTEXT = {"device_id": "b7c1", "ip_address": "203.0.113.7", "country": "CN"}
NEEDS = [compile_rule(rule.draft("CNY").condition, SCHEMA).needs for rule in RULES]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Facts]:
    """Return the facts of every movement that is judged, as they are gathered."""
    seen: list[Facts] = []
    judge = judging.judge

    def watched(facts: Facts, **more: Any) -> Any:
        seen.append(facts)
        return judge(facts, **more)

    monkeypatch.setattr(judging, "judge", watched)
    return seen


def living(name: str, status: AccountStatus = AccountStatus.ACTIVE) -> Account:
    home = AddressDraft(AddressType.RESIDENTIAL, "1 Quay", "Shanghai", "CN")
    with as_if_consented():
        account = make_account("5000.00", customer=make_customer(name, more=[home]), status=status)
        if status == AccountStatus.DORMANT:
            account_services.wake_account(
                account_id=account.pk,
                reason="came by",
                actor=TANG_LING,
                now=clock.now(),
                business_date=clock.business_date(),
            )
    return account


def order_everything() -> None:
    """Order through every kind of door, each twice: counters tell of what was before."""
    li, wang, woken = living("Li Hua"), living("Wang Fang"), living("Zhao Min", AccountStatus.DORMANT)
    system = System(kind="AGENT", rate_per_second=1_000, rate_burst=10_000)
    till = living("Corner shop")
    give(system.partner, till, Right.READ, Right.FLOAT)
    for account in (li, wang, woken):
        give(system.partner, account, Right.DEBIT, Right.CREDIT)
    for number in range(2):
        said(system.post("transfers", transfer(woken, wang, f"W-{number}")), 201)
        paid = said(system.post("transfers", transfer(li, wang, f"T-{number}")), 201)
        back = {"amount": "40.00", "currency": "CNY", "reference": f"R-{number}", "context": CONTEXT}
        said(system.post(f"transfers/{paid['id']}/refunds", back), 201)
        for path in ("deposits", "withdrawals"):
            said(system.post(path, cash(till, li, f"{path}-{number}")), 201)
    with as_if_consented():
        make_order(li, None, "200.00")
    assert pay(date(2026, 3, 5))["paid"] == 1


def transfer(payer: Account, payee: Account, reference: str) -> dict[str, Any]:
    money = {"amount": f"{50 + int(reference[-1])}.00", "currency": "CNY", "reference": reference, "context": CONTEXT}
    return {"from_account": payer.public_id, "to_account": payee.public_id, **money}


def cash(till: Account, customer: Account, reference: str) -> dict[str, Any]:
    money = {"amount": f"{60 + int(reference[-1])}.00", "currency": "CNY", "reference": reference, "context": CONTEXT}
    return {"agent_account": till.public_id, "customer_account": customer.public_id, **money}


@pytest.mark.usefixtures("desk")
def test_every_fact_that_shipped_rules_ask_for_is_told_by_some_door(told: list[Facts]) -> None:
    ship_rules(actor=Actor.system("tests"), now=clock.now())
    order_everything()
    known = {name for facts in told for name in SCHEMA.facts if facts.value(name) is not None}
    assert {name for needs in NEEDS for name in needs.facts} - known == set()


@pytest.mark.usefixtures("desk")
def test_so_is_every_counter(told: list[Facts]) -> None:
    ship_rules(actor=Actor.system("tests"), now=clock.now())
    order_everything()
    known = {counter for facts in told for counter, value in facts.counters.items() if value}
    assert {str(counter) for needs in NEEDS for counter in needs.counters - known} == set()
