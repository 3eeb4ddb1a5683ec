"""Standing orders through the gate: what is refused, what reviewers read, and what the services do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Account
from bankops.core import ids, operations
from bankops.core.models import AuditEvent
from bankops.core.operations import Order
from staff.models import Branch
from tests.accounts.factories import NOW, OU_YAN, TANG_LING, cny, make_account, own_account
from tests.transactions.shipped import ship
from tests.transactions.shipped import submit as shipped_submit
from tests.transactions.standing_order_cases import circumstances, fresh, make_order
from tests.unchanged import refused
from transactions import services as transaction_services
from transactions.models import OrderState, StandingOrder
from transactions.services.standing_orders import end_orders_of

pytestmark = pytest.mark.django_db


def payload(payer: Account, **more: Any) -> dict[str, Any]:
    elsewhere = {"counterparty_bank": "BKCHCNBJ", "counterparty_account": "87144583", "payee_name": "Jan Dvorak"}
    return {
        "account": payer.public_id,
        "amount": "100.00",
        "currency": "CNY",
        "first_date": "2026-03-05",
        "day": 5,
        "purpose": "Rent",
        **elsewhere,
        **more,
    }


def order(reason: str = "asked for it", **more: Any) -> Order:
    return Order(TANG_LING, NOW, reason=reason, **more)


def submit(verb: str, wanted: dict[str, Any], **more: Any) -> operations.Outcome:
    return operations.submit(f"transactions.{verb}_standing_order", wanted, order(**more))


@pytest.mark.usefixtures("open_gate")
def test_an_order_is_created_as_it_was_asked_for() -> None:
    li, wang = make_account("500.00"), make_account()
    there = {"counterparty_bank": "", "counterparty_account": "", "payee_account": wang.public_id}
    created = submit("create", payload(li, **there)).result
    row = StandingOrder.objects.get()
    assert (row, row.account, row.payee_account, row.amount, row.purpose) == (created, li, wang, 10_000, "Rent")
    assert (row.state, row.next_date, row.next_due, row.version) == (
        OrderState.ACTIVE,
        date(2026, 3, 5),
        date(2026, 3, 5),
        1,
    )
    event = AuditEvent.objects.get(event_type="transactions.standing_order.created")
    assert (event.subject_id, event.detail["account"], event.reason) == (row.public_id, li.public_id, "asked for it")


@pytest.mark.usefixtures("open_gate")
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"amount": "0.00"}, "amount_not_positive"),
        ({"currency": "EUR"}, "currency_mismatch"),
        ({"account": "acc_nonsense"}, "invalid_id"),
        ({"counterparty_account": ""}, "standing_order_one_payee"),
        ({"day": 32}, "standing_order_schedule"),
        ({"day": None}, "standing_order_schedule"),
        ({"unit": "WEEK"}, "standing_order_schedule"),
        ({"unit": "YEAR"}, "standing_order_schedule"),
        ({"every": 0}, "standing_order_schedule"),
        ({"every": "often"}, "standing_order_schedule"),
        ({"retry_days": 11}, "standing_order_schedule"),
        ({"on_holiday": "NEVER"}, "standing_order_schedule"),
        ({"last_date": "2026-03-01"}, "standing_order_schedule"),
        ({"first_date": "2026-03-06", "last_date": "2026-03-30"}, "standing_order_never_due"),
        ({"first_date": "2026-03-01"}, "standing_order_in_the_past"),
        ({"first_date": "soon"}, "invalid_day"),
        ({"purpose": "x" * 61}, "text_too_long"),
    ],
)
def test_what_makes_no_order_is_refused_and_changes_nothing(more: dict[str, Any], code: str) -> None:
    li = make_account("500.00")
    with refused(code):
        submit("create", payload(li, **more))


@pytest.mark.usefixtures("open_gate")
def test_an_order_needs_two_customers_accounts_that_are_open() -> None:
    li, wang, own = make_account("500.00"), make_account(), own_account()
    there = {"counterparty_bank": "", "counterparty_account": ""}
    with refused("same_account"):
        submit("create", payload(li, **there, payee_account=li.public_id))
    with refused("not_a_customer_account"):
        submit("create", payload(li, **there, payee_account=own.public_id))
    with refused("standing_order_one_payee"):
        submit("create", payload(li, payee_account=wang.public_id))


@pytest.mark.usefixtures("open_gate")
def test_the_same_wish_twice_is_one_order_and_another_under_its_key_is_refused() -> None:
    li = make_account("500.00")
    first = submit("create", payload(li), idempotency_key="k").result
    assert submit("create", payload(li), idempotency_key="k").result == first
    assert StandingOrder.objects.count() == 1
    with refused("idempotency_conflict"):
        submit("create", payload(li, amount="7.00"), idempotency_key="k")


@pytest.mark.usefixtures("open_gate")
def test_a_change_says_what_changes_and_of_two_editors_the_second_is_told() -> None:
    li = make_account("500.00")
    row = submit("create", payload(li)).result
    wanted = {**payload(li, amount="120.00", day=6), "standing_order": row.public_id, "version": 1}
    operation = operations.get("transactions.change_standing_order")
    description = operation.describe(operation.clean(wanted))
    assert description.changes["Amount"] == (cny("100.00").format(), cny("120.00").format())
    assert description.changes["Repeated"] == ("every month on day 5", "every month on day 6")
    submit("change", wanted)
    assert (fresh(row).amount, fresh(row).version, fresh(row).next_date) == (12_000, 2, date(2026, 3, 6))
    changed = AuditEvent.objects.get(event_type="transactions.standing_order.changed").changes
    assert changed == {"amount": [10_000, 12_000], "day": [5, 6]}
    with refused("standing_order_changed"):
        submit("change", wanted)


@pytest.mark.usefixtures("open_gate")
def test_suspend_resume_and_end_each_in_its_state_only() -> None:
    row = submit("create", payload(make_account("500.00"))).result
    named = {"standing_order": row.public_id}
    with refused("standing_order_state"):
        submit("resume", {**named, "version": 1})
    submit("suspend", {**named, "version": 1})
    assert (fresh(row).state, fresh(row).next_date) == (OrderState.SUSPENDED, None)
    with refused("standing_order_changed"):
        submit("resume", {**named, "version": 1})
    submit("resume", {**named, "version": 2})
    assert (fresh(row).state, fresh(row).next_date) == (OrderState.ACTIVE, date(2026, 3, 5))
    submit("end", {**named, "version": 3})
    assert (fresh(row).state, fresh(row).next_due) == (OrderState.ENDED, None)
    with refused("standing_order_state"):
        submit("end", {**named, "version": 4})


@pytest.mark.usefixtures("open_gate")
def test_ending_asks_why_and_for_an_order_there_is() -> None:
    row = submit("create", payload(make_account("500.00"))).result
    with refused("reason_required"):
        submit("end", {"standing_order": row.public_id, "version": 1}, reason=" ")
    with refused("field_missing"):
        submit("end", {"standing_order": row.public_id})
    with refused("unknown_standing_order"):
        submit("end", {"standing_order": ids.encode("so", ids.uuid7()), "version": 1})


# -- What policies see -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "amount"),
    [
        ({}, "1200.00"),
        ({"last_date": "2026-05-31"}, "300.00"),
        ({"every": 3}, "400.00"),
        ({"unit": "WEEK", "day": None}, "5300.00"),
        ({"amount": "92233720368547758.07"}, "92233720368547758.07"),
    ],
)
def test_policies_see_the_sum_of_a_year(more: dict[str, Any], amount: str) -> None:
    operation = operations.get("transactions.create_standing_order")
    assert operation.facts(operation.clean(payload(make_account("500.00"), **more))).amount == cny(amount)


def test_many_small_payments_are_reviewed_as_the_sum_they_are(roles: None, branch: Branch) -> None:
    bank, li = ship(branch), make_account("500.00")
    first = {"first_date": "2099-01-05", "day": 5}
    small, large = payload(li, **first, amount="4166.66"), payload(li, **first, amount="4166.67")
    assert shipped_submit("transactions.create_standing_order", bank.maker, small).done
    assert not shipped_submit("transactions.create_standing_order", bank.maker, large).done


def test_a_change_is_always_reviewed(roles: None, branch: Branch) -> None:
    bank, li = ship(branch), make_account("500.00")
    wanted = payload(li, first_date="2099-01-05", amount="1.00")
    row = shipped_submit("transactions.create_standing_order", bank.maker, wanted).result
    changed = {**wanted, "standing_order": row.public_id, "version": 1, "counterparty_account": "87144584"}
    outcome = shipped_submit("transactions.change_standing_order", bank.maker, changed)
    assert (outcome.done, fresh(row).counterparty_account) == (False, "87144583")


@pytest.mark.usefixtures("consented")
def test_an_order_taken_over_without_a_schedule_waits_until_it_has_one() -> None:
    row = make_order(make_account("500.00"))
    StandingOrder.objects.update(state=OrderState.SUSPENDED, first_date=None, next_date=None, next_due=None)
    with refused("standing_order_without_schedule"):
        transaction_services.resume_standing_order(order_id=row.pk, version=1, **circumstances())


@pytest.mark.usefixtures("consented")
def test_the_orders_of_a_closed_account_are_ended_in_both_directions() -> None:
    li, wang, zhao = make_account("500.00"), make_account("500.00"), make_account("500.00")
    from_li, to_li, other = make_order(li, wang), make_order(wang, li), make_order(zhao, wang)
    with transaction.atomic():
        ended = end_orders_of(account=li, actor=OU_YAN, now=NOW, reason="account closed")
    assert ended == 2
    assert [fresh(one).state for one in (from_li, to_li, other)] == ["ENDED", "ENDED", "ACTIVE"]
