"""An account's life through the gate: what reviewers read, what is carried out, and what goes stale."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Account, AccountRestriction, AccountStatus, Restriction
from accounts.services.limits import limits_of
from approvals.models import ApprovalRequest
from bankops.core import ids, operations
from staff.models import Branch
from tests.accounts.factories import NOW, cny, freeze, ledger_of, make_account, make_customer, release
from tests.approvals.factories import approve_all
from tests.transactions.factories import deposit
from tests.transactions.shipped import Shipped, submit
from tests.unchanged import refused
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(shipped_bank: Shipped) -> Shipped:
    return shipped_bank


def ask(bank: Shipped, key: str, account: Account, **payload: Any) -> ApprovalRequest:
    """Submit an operation on an account that waits for reviewers, and return its request."""
    outcome = submit(key, bank.maker, {"account": account.public_id, **payload}, reason="As agreed")
    assert not outcome.done
    assert isinstance(outcome.request, ApprovalRequest)
    return outcome.request


def read(request: ApprovalRequest) -> tuple[str, dict[str, list[str]], list[str]]:
    """Return what a reviewer reads: summary, changes, warnings."""
    described = request.versions.get().description
    return described["summary"], {name: pair for name, *pair in described["changes"]}, described["warnings"]


def refreshed(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


# -- Opening ---------------------------------------------------------------------------------------------------------


def opening(at: Branch, **changed: str) -> dict[str, str]:
    customer = changed.pop("customer", "") or make_customer("Li Hua").public_id
    make_account()  # so that the chart and its products are there
    return {"customer": customer, "product": "SAVINGS", "branch": at.code, "currency": "cny", **changed}


def test_an_account_is_opened_when_two_agree(bank: Shipped, branch: Branch) -> None:
    payload = opening(branch, overdraft="50.00")
    request = submit("accounts.open_account", bank.maker, payload, idempotency_key="one click").request
    summary, changes, _warnings = read(request)
    assert "Savings account in CNY for Li Hua" in summary
    assert changes["Overdraft limit"] == ["", "CNY 50.00"]
    again = submit("accounts.open_account", bank.maker, payload, idempotency_key="one click")
    assert (again.done, again.request) == (False, request)
    assert approve_all(request).state == "EXECUTED"
    account = Account.objects.get(product_id="SAVINGS")
    assert (account.status, account.overdraft_limit) == (AccountStatus.ACTIVE, 5_000)
    assert submit("accounts.open_account", bank.maker, payload, idempotency_key="one click").done


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"product": "GOLD"}, "unknown_product"),
        ({"branch": "999"}, "unknown_branch"),
        ({"currency": "XYZ"}, "unknown_currency"),
        ({"overdraft": "-1"}, "overdraft_negative"),
        ({"overdraft": "much"}, "invalid_amount"),
        ({"customer": "cus_nobody"}, "invalid_id"),
        ({"customer": ids.encode("cus", ids.uuid7())}, "unknown_customer"),
    ],
)
def test_an_opening_that_makes_no_sense_is_not_submitted(
    bank: Shipped, branch: Branch, changed: dict[str, str], code: str
) -> None:
    payload = opening(branch, **changed)
    with refused(code):
        submit("accounts.open_account", bank.maker, payload)


# -- Freezing and releasing ------------------------------------------------------------------------------------------


def test_a_freeze_does_not_wait_and_a_release_does(bank: Shipped) -> None:
    account = make_account()
    payload = {
        "account": account.public_id,
        "restriction": "BLOCK_ALL",
        "reason_code": "COURT_ORDER",
        "legal_reference": "77/2026",
        "ends_at": "2099-03-31T18:00:00+08:00",
    }
    outcome = submit("accounts.freeze_account", bank.maker, payload, reason="Served today")
    assert outcome.done
    placed = AccountRestriction.objects.get()
    assert (placed.legal_reference, placed.ends_at and placed.ends_at.isoformat()) == (
        "77/2026",
        "2099-03-31T10:00:00+00:00",
    )
    wanted = {"restriction": placed.public_id}
    request = submit("accounts.release_account", bank.maker, wanted, reason="Lifted by the court").request
    summary, changes, warnings = read(request)
    assert "all movements blocked: order of a court or authority" in summary
    assert changes["Restriction"] == ["all movements blocked", "none"]
    assert warnings == []
    assert approve_all(request).state == "EXECUTED"
    assert refreshed(account).restriction == Restriction.NONE


def test_reviewers_read_what_still_blocks_the_account_afterwards(bank: Shipped) -> None:
    account = make_account(restriction=Restriction.BLOCK_ALL)
    lifted = freeze(account, Restriction.BLOCK_DEBIT, reason_code="DECEASED")
    request = submit("accounts.release_account", bank.maker, {"restriction": lifted.public_id}, reason="Alive").request
    _summary, changes, warnings = read(request)
    assert changes["Restriction"] == ["all movements blocked", "all movements blocked"]
    assert [warning for warning in warnings if "suspected fraud" in warning]


def test_what_ended_by_itself_meanwhile_makes_its_release_stale(bank: Shipped) -> None:
    account = make_account(restriction=Restriction.BLOCK_DEBIT)
    wanted = {"restriction": account.restrictions.get().public_id}
    request = submit("accounts.release_account", bank.maker, wanted, reason="Lifted").request
    release(account)
    assert approve_all(request).state == "STALE"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"restriction": "SOME"}, "unknown_choice"),
        ({"restriction": "NONE"}, "restriction_unchanged"),
        ({"reason_code": "WHIM"}, "unknown_choice"),
        ({"ends_at": "tomorrow"}, "invalid_moment"),
        ({"ends_at": "2099-03-31T18:00:00"}, "invalid_moment"),
        ({"ends_at": "2099-02-31T18:00:00+08:00"}, "invalid_moment"),
        ({"account": "acc_nothing"}, "invalid_id"),
    ],
)
def test_a_freeze_that_makes_no_sense_is_not_submitted(bank: Shipped, changed: dict[str, str], code: str) -> None:
    payload = {"account": make_account().public_id, "restriction": "BLOCK_ALL", **changed}
    with refused(code):
        submit("accounts.freeze_account", bank.maker, payload, reason="Served today")


# -- Dormancy, terms, closing ----------------------------------------------------------------------------------------


def test_a_dormant_account_is_woken_when_two_agree(bank: Shipped) -> None:
    account = make_account(status=AccountStatus.DORMANT)
    request = ask(bank, "accounts.wake_account", account)
    assert read(request)[1] == {"Status": ["dormant", "active"]}
    assert approve_all(request).state == "EXECUTED"
    assert refreshed(account).status == AccountStatus.ACTIVE


def test_overdraft_and_limits_are_set_when_two_agree(bank: Shipped) -> None:
    account = make_account(overdraft="5.00")
    overdraft = ask(bank, "accounts.set_overdraft", account, limit="50", currency="CNY")
    assert read(overdraft)[1] == {"Overdraft limit": ["CNY 5.00", "CNY 50.00"]}
    wanted = {"ALL": {"DAILY": "100"}, "STAFF": {"TRANSACTION": "20.00"}}
    limits = ask(bank, "accounts.set_limits", account, limits=wanted)
    assert read(limits)[1]["daily, all channels together"] == ["none", "CNY 100.00"]
    assert [approve_all(one).state for one in (overdraft, limits)] == ["EXECUTED", "EXECUTED"]
    assert refreshed(account).overdraft_limit == 5_000
    assert limits_of(account) == {("ALL", "DAILY"): cny("100.00"), ("STAFF", "TRANSACTION"): cny("20.00")}


def test_limits_set_meanwhile_make_others_stale(bank: Shipped) -> None:
    account = make_account()
    first, second = (ask(bank, "accounts.set_limits", account, limits={"ALL": {"DAILY": one}}) for one in ("1", "2"))
    assert approve_all(first).state == "EXECUTED"
    assert approve_all(second).state == "STALE"


def test_what_is_no_table_of_limits_is_not_submitted(bank: Shipped) -> None:
    account = make_account()
    wrong: dict[str, Any] = {
        "unknown_choice": [["ALL"], {"PIGEON": {"DAILY": "1"}}, {"ALL": {"YEARLY": "1"}}, {"ALL": "1"}],
        "invalid_amount": [{"ALL": {"DAILY": 1.5}}],
    }
    for code, tables in wrong.items():
        for table in tables:
            with refused(code):
                ask(bank, "accounts.set_limits", account, limits=table)


def test_an_account_is_closed_when_two_agree(bank: Shipped) -> None:
    account, payee = make_account("10.00"), make_account()
    request = ask(bank, "accounts.close_account", account, payee=payee.public_id)
    assert "at present CNY 10.00, is paid out to" in read(request)[0]
    assert approve_all(request).state == "EXECUTED"
    assert (refreshed(account).status, ledger_of(payee)) == (AccountStatus.CLOSED, "10.00")
    assert verify_books().ok


def test_what_comes_in_meanwhile_makes_the_closing_stale(bank: Shipped) -> None:
    account, payee = make_account("10.00"), make_account()
    request = ask(bank, "accounts.close_account", account, payee=payee.public_id)
    deposit(account, cny("2000000.00"))
    assert approve_all(request).state == "STALE"
    assert (refreshed(account).status, ledger_of(payee)) == (AccountStatus.ACTIVE, "0.00")


# -- The amount that policies see ------------------------------------------------------------------------------------

VERY_LARGE = "1000000.00"
TWO_FINAL = [("first_reviewer", 1), ("final_reviewer", 2)]


def stages(request: ApprovalRequest) -> list[tuple[str, int]]:
    return [(stage["role"], stage["quorum"]) for stage in request.versions.get().chain["stages"]]


def test_a_very_large_balance_is_paid_out_by_three(bank: Shipped) -> None:
    account, payee = make_account(VERY_LARGE), make_account()
    request = ask(bank, "accounts.close_account", account, payee=payee.public_id)
    assert (request.amount, stages(request)) == (100_000_000, TWO_FINAL)
    assert stages(ask(bank, "accounts.close_account", make_account())) != TWO_FINAL


def test_a_very_large_overdraft_is_given_by_three(bank: Shipped, branch: Branch) -> None:
    given = ask(bank, "accounts.set_overdraft", make_account(), limit=VERY_LARGE, currency="CNY")
    opened = submit("accounts.open_account", bank.maker, opening(branch, overdraft=VERY_LARGE)).request
    assert [stages(one) for one in (given, opened)] == [TWO_FINAL, TWO_FINAL]
    assert stages(submit("accounts.open_account", bank.maker, opening(branch, currency="USD")).request) != TWO_FINAL


def test_closing_fails_when_something_else_is_undecided_by_then(bank: Shipped) -> None:
    account, payee = make_account("10.00"), make_account()
    closing = ask(bank, "accounts.close_account", account, payee=payee.public_id)
    ask(bank, "accounts.set_overdraft", account, limit="50", currency="CNY")
    failed = approve_all(closing)
    assert (failed.state, failed.error_code) == ("FAILED", "account_has_pending")
    assert (refreshed(account).status, ledger_of(account)) == (AccountStatus.ACTIVE, "10.00")


def test_a_freeze_meanwhile_makes_the_closing_stale(bank: Shipped) -> None:
    account = make_account()
    request = ask(bank, "accounts.close_account", account)
    freeze(account)
    assert approve_all(request).state == "STALE"
    assert refreshed(account).status == AccountStatus.ACTIVE


def test_a_closed_account_is_reopened_when_two_agree(bank: Shipped) -> None:
    account = make_account(status=AccountStatus.CLOSED)
    request = ask(bank, "accounts.reopen_account", account)
    assert approve_all(request).state == "EXECUTED"
    assert refreshed(account).status == AccountStatus.ACTIVE


@pytest.mark.parametrize("key", ["accounts.release_account", "accounts.reopen_account"])
def test_no_policy_can_ask_for_fewer_than_two(key: str) -> None:
    assert operations.get(key).always_two


def test_what_begins_and_ends_in_the_past_is_refused(bank: Shipped) -> None:
    payload = {
        "account": make_account().public_id,
        "restriction": "BLOCK_ALL",
        "ends_at": (NOW - timedelta(days=1)).isoformat(),
    }
    with refused("restriction_ends_too_soon"):
        submit("accounts.freeze_account", bank.maker, payload, reason="Served today")


def test_reviewers_do_not_read_a_confidential_accounts_balance() -> None:
    account, payee = make_account("10.00"), make_account()
    close = operations.get("accounts.close_account")
    payload = close.clean({"account": account.public_id, "payee": payee.public_id})
    assert "10.00" in close.describe(payload).summary
    Account.objects.filter(pk=account.pk).update(is_confidential=True)
    summary = close.describe(payload).summary
    assert "(confidential)" in summary
    assert "10.00" not in summary


@pytest.mark.parametrize("key", ["accounts.wake_account", "accounts.approve_application", "accounts.reopen_account"])
def test_what_gives_power_over_money_always_takes_two(key: str) -> None:
    assert key in operations.always_two_people()
