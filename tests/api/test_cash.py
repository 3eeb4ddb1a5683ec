"""Cash at an agent's counter, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse

from accounts import services as account_services
from accounts.models import Account, LimitChannel, LimitPeriod
from accounts.partner_access import Right
from accounts.services import LimitDraft
from approvals.models import ApprovalRequest
from bankops.core import clock
from partners.models import PartnerUsage
from tests.accounts.factories import TANG_LING, cny, make_account
from tests.api.callers import System, code_of, give, said
from tests.api.conftest import Desk
from tests.approvals.factories import approve_all
from tests.consent import as_if_consented
from tests.unchanged import nothing_changes
from transactions.models import Channel, Kind, Transaction

pytestmark = pytest.mark.django_db

KINDS = {"deposits": (Kind.DEPOSIT, "deposit"), "withdrawals": (Kind.WITHDRAWAL, "withdrawal")}


class Counter:
    """An agent, the account that stands for the cash at its counter, and a customer's."""

    def __init__(self, customer: Account) -> None:
        with as_if_consented():
            self.float = make_account("3000000.00")
        self.customer = customer
        self.system = System(kind="AGENT")
        give(self.system.partner, self.float, Right.READ, Right.FLOAT)
        give(self.system.partner, customer, Right.DEBIT, Right.CREDIT)

    def body(self, amount: str = "100.00", **more: Any) -> dict[str, Any]:
        sides = {"agent_account": self.float.public_id, "customer_account": self.customer.public_id}
        return {**sides, "amount": amount, "currency": "CNY", "reference": "CASH-1", **more}

    def ask(self, path: str, amount: str = "100.00", **more: Any) -> HttpResponse:
        return self.system.post(path, self.body(amount, **more))

    def balances(self) -> tuple[int, int]:
        for account in (self.float, self.customer):
            account.balance.refresh_from_db()
        return self.float.balance.ledger, self.customer.balance.ledger


@pytest.fixture
def counter(desk: Desk) -> Counter:
    with as_if_consented():
        return Counter(make_account("1000.00"))


@pytest.mark.parametrize(
    ("path", "balances"), [("deposits", (2_999_900_00, 1_100_00)), ("withdrawals", (3_000_100_00, 900_00))]
)
def test_cash_is_moved_and_read_again(counter: Counter, path: str, balances: tuple[int, int]) -> None:
    kind, noun = KINDS[path]
    answer = counter.ask(path, narrative="counter 3", metadata={"clerk": "9"})
    told = said(answer, 201)
    assert (told["object"], told["status"], told["amount"]) == (noun, "posted", "100.00")
    assert (told["agent_account"], told["customer_account"]) == (counter.float.public_id, counter.customer.public_id)
    assert counter.balances() == balances
    assert answer["Location"] == f"/api/v1/{path}/{told['id']}"
    assert said(counter.system.get(answer["Location"])) == told
    assert said(counter.system.get(path))["data"] == [told]
    row = Transaction.objects.get(kind=kind, channel=Channel.PARTNER)
    assert row.partner_id == counter.system.partner.pk
    (used,) = PartnerUsage.objects.filter(partner=counter.system.partner).values_list("used", flat=True)
    assert used == 100_00


@pytest.mark.parametrize("path", list(KINDS))
def test_only_agents_may(desk: Desk, path: str) -> None:
    give(desk.system.partner, desk.payer, Right.CREDIT)
    give(desk.system.partner, desk.payee, Right.DEBIT)
    sides = {"agent_account": desk.payer.public_id, "customer_account": desk.payee.public_id}
    body = {**sides, "amount": "1.00", "currency": "CNY", "reference": "CASH-1"}
    with nothing_changes():
        answer = desk.system.post(path, body)
    assert (answer.status_code, code_of(answer)) == (403, "not_an_agent")


@pytest.mark.parametrize("path", list(KINDS))
def test_a_look_alike_is_held_confirmed_or_cancelled(counter: Counter, path: str) -> None:
    first = said(counter.ask(path), 201)
    held = said(counter.ask(path, reference="CASH-2"), 202)
    assert (held["status"], held["possible_duplicate_of"], held["ordinal"]) == ("held", first["id"], 2)
    again = said(counter.ask(path, reference="CASH-3"), 202)
    confirmed = counter.system.post(held["links"]["confirm"], {"reason": "two customers in a row"})
    assert said(confirmed, 201)["status"] == "posted"
    cancelled = counter.system.post(again["links"]["cancel"], {"reason": "typed twice"})
    assert said(cancelled)["status"] == "cancelled"
    listed = said(counter.system.get(path, {"status": "posted"}))["data"]
    assert [row["reference"] for row in listed] == ["CASH-2", "CASH-1"]
    (used,) = PartnerUsage.objects.filter(partner=counter.system.partner).values_list("used", flat=True)
    assert used == 200_00


@pytest.mark.parametrize("path", list(KINDS))
def test_a_large_one_waits(counter: Counter, path: str) -> None:
    if path == "withdrawals":
        said(counter.ask("deposits", "40000.00", reference="CASH-0"), 201)
        said(counter.ask("deposits", "45000.00", reference="CASH-00"), 201)
    before = counter.balances()
    told = said(counter.ask(path, "60000.00"), 202)
    assert (told["status"], told["approval"]["waiting_for"]) == ("awaiting_approval", "bank")
    assert counter.balances() == before
    approve_all(ApprovalRequest.objects.get())
    assert said(counter.system.get(f"{path}/{told['id']}"))["status"] == "posted"


@pytest.mark.parametrize("path", list(KINDS))
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"agent_account": "nowhere"}, (422, "invalid_id", "agent_account")),
        ({"customer_account": "acc_" + "0" * 26}, (422, "unknown_account", "customer_account")),
        ({"from_account": "acc_1"}, (422, "unknown_field", "from_account")),
        ({"amount": "1.001"}, (422, "amount_too_precise", "amount")),
        ({"reference": ""}, (422, "field_required", "reference")),
    ],
)
def test_what_is_refused(counter: Counter, path: str, more: dict[str, str], expected: tuple[int, str, str]) -> None:
    with nothing_changes():
        answer = counter.ask(path, **more)
    assert (answer.status_code, code_of(answer), answer.json().get("param", "")) == expected  # type: ignore[attr-defined]


def test_a_customer_s_account_is_debited_only_by_right(counter: Counter) -> None:
    counter.customer.partner_grants.filter(permission__codename=Right.DEBIT).delete()
    with nothing_changes():
        answer = counter.ask("withdrawals")
    assert (answer.status_code, code_of(answer)) == (422, "unknown_account")
    said(counter.ask("deposits"), 201)


@pytest.mark.parametrize("path", list(KINDS))
def test_a_customer_s_account_is_no_agent_s_whatever_else_may_be_done_with_it(
    counter: Counter, desk: Desk, path: str
) -> None:
    give(counter.system.partner, desk.payer)
    with nothing_changes():
        answer = counter.ask(path, agent_account=desk.payer.public_id)
    assert (answer.status_code, code_of(answer)) == (422, "unknown_account")
    assert answer.json()["param"] == "agent_account"  # type: ignore[attr-defined]


def test_cash_does_not_move_between_an_agent_s_own_accounts(counter: Counter) -> None:
    give(counter.system.partner, counter.customer, Right.FLOAT)
    for path in KINDS:
        with nothing_changes():
            answer = counter.ask(path)
        assert (answer.status_code, code_of(answer)) == (422, "unknown_account")


def test_an_account_that_is_the_agent_s_no_longer_takes_nothing_held(counter: Counter) -> None:
    said(counter.ask("deposits"), 201)
    held = said(counter.ask("deposits", reference="CASH-2"), 202)
    counter.float.partner_grants.filter(permission__codename=Right.FLOAT).delete()
    give(counter.system.partner, counter.float, Right.DEBIT)
    with nothing_changes():
        answer = counter.system.post(held["links"]["confirm"], {"reason": "two customers"})
    assert code_of(answer) == "unknown_account"


def test_what_is_one_kind_is_not_there_as_another(counter: Counter) -> None:
    made = said(counter.ask("deposits"), 201)
    for path in ("withdrawals", "transfers"):
        assert code_of(counter.system.get(f"{path}/{made['id']}")) == "not_found"


def test_metadata_is_replaced_by_who_saw_it(counter: Counter) -> None:
    made = counter.ask("deposits")
    path = said(made, 201)["links"]["self"]
    assert said(counter.system.patch(path, {"metadata": {"a": "b"}}, If_Match=made["ETag"]))["metadata"] == {"a": "b"}


def test_the_agent_s_own_account_is_expanded(counter: Counter) -> None:
    made = said(counter.ask("deposits"), 201)
    read = said(counter.system.get(f"deposits/{made['id']}", {"expand": "agent_account,customer_account"}))
    assert read["agent_account"]["number"] == counter.float.number
    assert read["customer_account"] == counter.customer.public_id


def test_a_deposit_that_waits_uses_up_no_limit_of_the_agent_s_account(counter: Counter) -> None:
    limit = LimitDraft(LimitChannel.ALL, LimitPeriod.DAILY, cny("50.00"))
    with as_if_consented():
        account_services.set_limits(
            account_id=counter.float.pk, limits=[limit], reason="x", actor=TANG_LING, now=clock.now()
        )
    assert said(counter.ask("deposits", "60000.00"), 202)["status"] == "awaiting_approval"
    give(counter.system.partner, counter.float, Right.DEBIT)
    sides = {"from_account": counter.float.public_id, "to_account": counter.customer.public_id}
    transfer = {**sides, "amount": "45.00", "currency": "CNY", "reference": "PAY-1"}
    said(counter.system.post("transfers", transfer), 201)
