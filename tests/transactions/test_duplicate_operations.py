"""Held payments, refunds and agents through the gate, under the policies every bank starts with."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Balance
from accounts.partner_access import Right
from approvals.services.endings import withdraw_request
from bankops.core import clock, operations
from bankops.core.operations import Outcome
from partners.models import Credential, CredentialState
from staff.models import Branch, User
from staff.roles import Role
from tests.accounts.factories import ledger_of, make_account, make_customer
from tests.api.callers import LIMITS, give
from tests.approvals.factories import again, approve, approve_all
from tests.desk import address, code, key_of, words
from tests.partners.factories import make_credential, make_partner, order_of
from tests.personas import SignIn, hire
from tests.transactions.raw_books import execute
from tests.transactions.shipped import Shipped, order_transfer, parked_in, submit
from tests.unchanged import nothing_changes, refused
from transactions import services as transaction_services
from transactions.models import DuplicatePolicy, Kind, State, Transaction
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db

TERMS = {
    "window_minutes": 1440,
    "twins_tolerated": 0,
    "amount_within_basis_points": 0,
    "held_hours": 72,
    "staff_too": True,
}
_serial = count(1)


@pytest.fixture(autouse=True)
def consent() -> None:
    """Without: here the gate itself lets services run."""


@pytest.fixture
def bank(shipped_bank: Shipped) -> Shipped:
    return shipped_bank


@pytest.fixture
def risk(bank: Shipped, branch: Branch) -> User:
    return hire("R1", "Rao Min", Role.RISK_ANALYST, branch)


@pytest.fixture
def li() -> Account:
    return make_account("200000.00", customer=make_customer("Li Hua"))


@pytest.fixture
def wang() -> Account:
    return make_account(customer=make_customer("Wang Fang"))


def system(*accounts: Account, **partner: Any) -> Credential:
    """Return a credential of a new partner that may use these accounts in every way."""
    credential = make_credential(make_partner(**{"limits": LIMITS, **partner}))
    for account in accounts:
        give(credential.partner, account)
    return credential


def agent_of(customer: Account, agents: Account) -> Credential:
    """Return a credential of a new agent with an account of its own, which it may also pay from."""
    credential = system(customer, kind="AGENT")
    give(credential.partner, agents, *Right)
    return credential


def ask(credential: Credential, key: str, payload: dict[str, Any], *, reason: str = "", **order: Any) -> Outcome:
    told = order_of(credential, key=order.pop("idempotency_key", f"idk-{next(_serial)}"))
    told = operations.Order(told.actor, told.now, told.channel, told.idempotency_key, reason)
    return operations.submit(key, {"partner": credential.partner.public_id, **payload}, told)


def pay(credential: Credential, payer: Account, payee: Account, amount: str = "60.00", **more: Any) -> Outcome:
    sides = {"from_account": payer.public_id, "to_account": payee.public_id}
    return ask(credential, "transactions.transfer", {**sides, "amount": amount, "currency": "CNY", **more})


def held_by(credential: Credential, payer: Account, payee: Account, amount: str = "60.00") -> Transaction:
    pay(credential, payer, payee, amount)
    row = pay(credential, payer, payee, amount).result
    assert isinstance(row, Transaction)
    return row


def released(row: Transaction, by: User, **more: Any) -> Outcome:
    return submit("transactions.release", by, {"transaction": row.public_id}, reason="two invoices", **more)


@pytest.mark.usefixtures("bank")
def test_what_is_held_is_not_done_and_its_key_leads_to_it(li: Account, wang: Account) -> None:
    credential = system(li, wang)
    assert pay(credential, li, wang).done
    payload = {"from_account": li.public_id, "to_account": wang.public_id, "amount": "60.00", "currency": "CNY"}
    first = ask(credential, "transactions.transfer", payload, idempotency_key="idk-same")
    assert (first.done, first.request, first.result.state) == (False, None, State.HELD)
    assert first.result.partner_id == credential.partner_id
    with nothing_changes():
        again_ = ask(credential, "transactions.transfer", payload, idempotency_key="idk-same")
    assert (again_.done, again_.result) == (False, first.result)


@pytest.mark.usefixtures("bank")
def test_a_partner_orders_in_its_own_name_only(li: Account, wang: Account) -> None:
    mine, other = system(li, wang), system(li, wang)
    with refused("partner_not_allowed"):
        pay(mine, li, wang, partner=other.partner.public_id)
    stranger = system(wang)
    with refused("unknown_account"):
        pay(stranger, li, wang)


def test_nobody_else_orders_in_a_partners_name(bank: Shipped, li: Account, wang: Account) -> None:
    named = system(li, wang).partner.public_id
    sides = {"from_account": li.public_id, "to_account": wang.public_id, "amount": "1.00", "currency": "CNY"}
    with refused("partner_not_allowed"):
        submit("transactions.transfer", bank.maker, {**sides, "partner": named})


@pytest.mark.usefixtures("bank")
def test_a_partner_confirms_its_own_with_a_reason(li: Account, wang: Account) -> None:
    credential = system(li, wang)
    held, other = held_by(credential, li, wang), system(li, wang)
    wanted = {"transaction": held.public_id}
    with refused("unknown_transaction"):
        ask(other, "transactions.release", wanted, reason="mine")
    with refused("reason_required"):
        ask(credential, "transactions.release", wanted)
    outcome = ask(credential, "transactions.release", wanted, reason="two invoices")
    assert (outcome.done, outcome.result.state, ledger_of(wang)) == (True, State.POSTED, "120.00")


def test_staff_release_it_or_somebody_without_the_right_does_not(
    bank: Shipped, risk: User, branch: Branch, li: Account, wang: Account
) -> None:
    held = held_by(system(li, wang), li, wang)
    teller = hire("T9", "Tian Yu", Role.TELLER, branch)
    with refused("permission_refused"):
        released(held, teller)
    assert released(held, risk).done
    assert ledger_of(wang) == "120.00"


def test_a_large_one_waits_for_two_reviewers_and_stays_held(bank: Shipped, li: Account, wang: Account) -> None:
    """The first of them was posted by the two reviewers of its own request; the twin that comes next waits for them too."""
    credential, sixty = system(li, wang), "60000.00"
    first = pay(credential, li, wang, sixty)
    assert approve_all(first.request).state == "EXECUTED"
    second = pay(credential, li, wang, sixty, external_reference="INV-2")
    parked = parked_in(second.request)
    assert (parked.state, parked.twin) == (State.AWAITING_APPROVAL, parked_in(first.request))
    assert not parked.held_because


def test_released_from_an_amount_on_with_consent(bank: Shipped, risk: User, li: Account, wang: Account) -> None:
    credential = system(li, wang)
    held = held_by(credential, li, wang, "49999.99")
    outcome = released(held, risk)
    assert outcome.done
    near = _threshold_lowered(credential, li, wang)
    parked = released(near, risk)
    assert (parked.done, Transaction.objects.get(pk=near.pk).state) == (False, State.HELD)
    assert approve_all(parked.request).state == "EXECUTED"
    near.refresh_from_db()
    assert (near.state, near.approval_request) == (State.POSTED, parked.request)
    assert near.confirmed_genuine_at is not None
    assert verify_books().ok


def _threshold_lowered(credential: Credential, li: Account, wang: Account) -> Transaction:
    """Return a held payment of an amount that needs approval by now: its likes within the tolerance did not."""
    DuplicatePolicy.objects.create(
        window_minutes=1440, amount_within_basis_points=1000, set_at=clock.now(), partner=credential.partner
    )
    row: Transaction = pay(credential, li, wang, "49999.98").result
    assert row.state == State.HELD
    grown(row)
    return row


def grown(row: Transaction) -> None:
    execute("SET LOCAL session_replication_role = replica")
    execute("UPDATE transactions_transaction SET amount = 5000000 WHERE id = %s", row.pk)
    execute("SET LOCAL session_replication_role = DEFAULT")
    row.refresh_from_db()


def test_cancelled_while_its_release_waits_the_request_is_stale(
    bank: Shipped, risk: User, li: Account, wang: Account
) -> None:
    credential = system(li, wang)
    held = held_by(credential, li, wang)
    grown(held)
    request = released(held, risk).request
    approve(request)
    transaction_services.cancel_held(
        transaction_id=held.pk, reason="sent twice", actor=bank.maker.as_actor(), now=clock.now()
    )
    approve(request)
    assert (again(request).state, ledger_of(wang)) == ("STALE", "60.00")


@pytest.mark.usefixtures("bank")
def test_a_partner_whose_credential_was_revoked_confirms_nothing(li: Account, wang: Account) -> None:
    credential = system(li, wang)
    held = held_by(credential, li, wang)
    other = make_credential(credential.partner, state=CredentialState.REVOKED, revoked_at=clock.now())
    with refused("partner_not_allowed"):
        ask(other, "transactions.release", {"transaction": held.public_id}, reason="mine")


def test_what_counts_is_changed_by_two_people(bank: Shipped, risk: User, li: Account, wang: Account) -> None:
    outcome = submit("transactions.change_duplicate_policy", risk, TERMS, reason="fraud of March")
    assert not outcome.done
    order_transfer(bank.maker, li, wang, "60.00")
    assert order_transfer(bank.maker, li, wang, "60.00").done
    assert approve_all(outcome.request).state == "EXECUTED"
    third = order_transfer(bank.maker, li, wang, "60.00")
    assert (third.done, third.result.state) == (False, State.HELD)


@pytest.mark.parametrize(
    "wrong",
    [
        {"window_minutes": 0},
        {"twins_tolerated": 101},
        {"amount_within_basis_points": "5"},
        {"held_hours": True},
        {"staff_too": "no"},
        {"held_hours": 1.5},
    ],
)
def test_a_policy_out_of_range_is_refused(risk: User, wrong: dict[str, Any]) -> None:
    with refused("duplicate_policy_out_of_range"):
        submit("transactions.change_duplicate_policy", risk, {**TERMS, **wrong}, reason="try")


def test_a_refund_waits_from_an_amount_on_and_counts_meanwhile(bank: Shipped, li: Account, wang: Account) -> None:
    paid = order_transfer(bank.maker, li, wang, "49000.00").result
    more = order_transfer(bank.maker, li, wang, "60000.00").request
    approve_all(more)
    large = parked_in(more)
    told = {"currency": "CNY", "narrative": ""}
    small = submit("transactions.refund", bank.maker, {**told, "transaction": paid.public_id, "amount": "10.00"})
    assert (small.done, small.result.kind) == (True, Kind.REFUND)
    wanted = {**told, "transaction": large.public_id, "amount": "50000.00"}
    waiting = submit("transactions.refund", bank.maker, wanted)
    assert not waiting.done
    assert Balance.objects.get(pk=wang.pk).held == 5_000_000
    with refused("refund_too_large"):
        submit("transactions.refund", bank.maker, {**wanted, "amount": "10000.01"})
    with refused("refunded_already"):
        submit("transactions.reverse", bank.maker, {"transaction": large.public_id}, reason="typed wrong")
    assert approve_all(waiting.request).state == "EXECUTED"
    assert parked_in(waiting.request).state == State.POSTED
    assert ledger_of(wang) == "58990.00"
    assert verify_books().ok


def test_a_refund_taken_back_counts_no_longer(bank: Shipped, li: Account, wang: Account) -> None:
    request = order_transfer(bank.maker, li, wang, "60000.00").request
    approve_all(request)
    original = parked_in(request)
    wanted = {"transaction": original.public_id, "amount": "60000.00", "currency": "CNY"}
    waiting = submit("transactions.refund", bank.maker, wanted).request
    withdraw_request(request_id=waiting.pk, maker=bank.maker, now=clock.now())
    assert Balance.objects.get(pk=wang.pk).held == 0
    assert submit("transactions.refund", bank.maker, {**wanted, "amount": "1.00"}).done


@pytest.mark.usefixtures("bank")
def test_a_partner_refunds_what_it_ordered(li: Account, wang: Account) -> None:
    credential, other = system(li, wang), system(li, wang)
    paid = pay(credential, li, wang, external_reference="INV-1").result
    wanted = {"transaction": paid.public_id, "amount": "20.00", "currency": "CNY", "external_reference": "INV-1-R"}
    with refused("unknown_transaction"):
        ask(other, "transactions.refund", wanted)
    assert ask(credential, "transactions.refund", wanted).done
    with refused("duplicate_reference"):
        ask(credential, "transactions.refund", wanted)
    assert ledger_of(wang) == "40.00"


def at_counter(account: Account, agents: Account, amount: str = "100.00") -> dict[str, str]:
    return {
        "account": account.public_id,
        "float_account": agents.public_id,
        "amount": amount,
        "currency": "CNY",
    }


@pytest.mark.usefixtures("bank")
def test_an_agent_takes_cash_in_and_pays_it_out_between_its_account_and_the_customers(li: Account) -> None:
    agents = make_account("1000.00")
    agent = agent_of(li, agents)
    taken = ask(agent, "transactions.agent_deposit", at_counter(li, agents)).result
    paid = ask(agent, "transactions.agent_withdraw", at_counter(li, agents, "30.00")).result
    assert (taken.kind, taken.state, taken.debit_account) == (Kind.DEPOSIT, State.POSTED, agents)
    assert (paid.kind, paid.state, paid.credit_account) == (Kind.WITHDRAWAL, State.POSTED, agents)
    assert (ledger_of(agents), ledger_of(li)) == ("930.00", "200070.00")
    twin = ask(agent, "transactions.agent_deposit", at_counter(li, agents))
    assert (twin.done, twin.result.state) == (False, State.HELD)
    assert verify_books().ok


@pytest.mark.parametrize("verb", ["agent_deposit", "agent_withdraw"])
def test_nobody_but_an_agent_does(bank: Shipped, li: Account, verb: str) -> None:
    agents = make_account("1000.00")
    business = system(li, agents)
    with refused("not_an_agent"):
        ask(business, f"transactions.{verb}", at_counter(li, agents))
    with refused("permission_refused"):
        submit(f"transactions.{verb}", bank.maker, at_counter(li, agents))


def test_a_large_deposit_at_an_agent_waits_and_is_posted(bank: Shipped, li: Account) -> None:
    agents = make_account("90000.00")
    agent = agent_of(li, agents)
    outcome = ask(agent, "transactions.agent_deposit", at_counter(li, agents, "60000.00"))
    assert not outcome.done
    assert approve_all(outcome.request).state == "EXECUTED"
    assert ledger_of(li) == "260000.00"


# -- In the admin ------------------------------------------------------------------------------------------------------


def test_a_teller_is_told_that_it_is_held(
    signed_in_client: SignIn, bank: Shipped, risk: User, li: Account, wang: Account
) -> None:
    approve_all(submit("transactions.change_duplicate_policy", risk, TERMS, reason="fraud of March").request)
    order_transfer(bank.maker, li, wang, "60.00")
    desk, url = signed_in_client(bank.maker), address(li, "transfer")
    form = {"to_account": wang.number, "amount": "60.00", "narrative": "", "idempotency_key": key_of(desk.get(url))}
    page = words(desk.post(url, {**form, "confirmed": "1"}, follow=True))
    held = Transaction.objects.get(state=State.HELD)
    assert f"Not carried out: {held.reference} is on record (held: possible duplicate)." in page
    assert "It looks like" in page
    assert ledger_of(wang) == "60.00"


def test_held_payments_are_listed_released_and_cancelled_through_doors(
    signed_in_client: SignIn, risk: User, li: Account, wang: Account
) -> None:
    credential = system(li, wang)
    first, second = held_by(credential, li, wang), held_by(credential, li, wang, "70.00")
    desk: Client = signed_in_client(risk)
    rows = words(desk.get("/admin/transactions/transaction/?state__exact=HELD"))
    assert first.reference in rows
    assert second.reference in rows
    url = address(first, "release")
    page = desk.get(url)
    assert "looks like" in words(page)
    told = {"reason": "two invoices", "idempotency_key": key_of(page)}
    assert "is released and posted" in words(desk.post(url, told, follow=True))
    assert code(desk.post(url, told)) == "not_held"
    other = address(second, "cancel_held")
    assert "is cancelled. Nothing was moved." in words(desk.post(other, {"reason": "sent twice"}, follow=True))
    assert ledger_of(wang) == "190.00"
    assert [Transaction.objects.get(pk=row.pk).state for row in (first, second)] == [State.POSTED, State.DECLINED]


def test_the_policy_is_edited_through_a_door_and_waits(signed_in_client: SignIn, risk: User) -> None:
    desk = signed_in_client(risk)
    url = "/admin/transactions/duplicatepolicy/change_duplicate_policy/"
    page = desk.get(url)
    assert page.status_code == 200
    form = {**TERMS, "staff_too": "on", "partner": "", "reason": "fraud of March", "idempotency_key": key_of(page)}
    assert "Waits for approval" in words(desk.post(url, form, follow=True))
    assert not DuplicatePolicy.objects.exists()
    assert code(desk.post(url, {**form, "held_hours": "0", "idempotency_key": "k2"})) == "duplicate_policy_out_of_range"
