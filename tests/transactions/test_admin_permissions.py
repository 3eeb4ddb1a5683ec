"""Who may go through which door of accounts and transactions: every role, by page, by raw POST, and by button."""

from __future__ import annotations

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import Account, AccountStatus, ChartLine, Restriction
from tests.accounts.factories import cny, current_account, make_account, own_account
from tests.desk import ROLES, address
from tests.personas import SignIn
from tests.transactions.factories import transfer
from tests.unchanged import everything, nothing_changes
from transactions.models import JournalEntry

pytestmark = pytest.mark.django_db

COUNTER = {"teller", "operator"}
LEDGER = {"finance", "auditor"}
READERS = set(ROLES) - {"administrator", "outsider"}

DOORS = {
    "register_customer": COUNTER,
    "open_account": COUNTER,
    "deposit": COUNTER,
    "withdraw": COUNTER,
    "transfer": COUNTER,
    "charge_fee": {"operator", "finance"},
    "reverse": {"operator"},
    "freeze_account": {"operator", "risk_analyst"},
    "release_account": {"operator"},
    "close_account": {"operator"},
    "mark_dormant": {"operator"},
    "wake_account": {"operator"},
    "reopen_account": {"operator"},
    "set_overdraft": {"operator"},
    "set_limits": {"operator", "customer_service"},
}

_NEEDS = {"wake_account": AccountStatus.DORMANT, "reopen_account": AccountStatus.CLOSED}


def stage(door: str) -> tuple[str, dict[str, str], Model | None]:
    """Return a door's address where it makes sense, a form that would go through, and the record it stands on."""
    account = make_account("0" if door == "close_account" else "50.00")
    money = {"amount": "1.00", "narrative": "", "idempotency_key": "k", "confirmed": "1", "reason": "As agreed"}
    if door == "register_customer":
        document = {"identifier_type": "PASSPORT", "issuer": "CN", "identifier": "E55555555"}
        person = {
            "kind": "PERSON",
            "name": "Qian Duo",
            "birth_date": "1990-03-07",
            "branch": str(account.branch_id),
            **document,
        }
        return reverse("admin:accounts_customer_register_customer"), person, None
    if door == "open_account":
        terms = {"product": current_account().pk, "currency": "CNY", "branch": str(account.branch_id), "overdraft": "0"}
        terms["idempotency_key"] = "one click"
        assert account.customer is not None
        return address(account.customer, door), terms, account.customer
    if door == "reverse":
        original = transfer(account, make_account(), cny("5.00"))
        return address(original, door), money, original
    if door == "release_account":
        account = make_account(restriction=Restriction.BLOCK_ALL)
    elif door in _NEEDS:
        account = make_account(status=_NEEDS[door])
    standing = account.restrictions.first()
    restriction = standing.public_id if standing else "BLOCK_DEBIT"
    extra = {"restriction": restriction, "reason_code": "OTHER", "limit": "5.00", "ALL_DAILY": "5.00"}
    return address(account, door), {**money, **extra, "to_account": make_account().number}, account


def browser_of(role: str, request: pytest.FixtureRequest, signed_in_client: SignIn) -> Client:
    return signed_in_client(request.getfixturevalue(role))


@pytest.mark.parametrize(("door", "role"), [(door, role) for door, roles in DOORS.items() for role in sorted(roles)])
def test_a_door_opens_for_its_roles(
    request: pytest.FixtureRequest, signed_in_client: SignIn, door: str, role: str
) -> None:
    url, form, _record = stage(door)
    client = browser_of(role, request, signed_in_client)
    assert client.get(url).status_code == 200
    before = everything()
    assert client.post(url, form).status_code == 302
    assert everything() != before


@pytest.mark.parametrize("door", DOORS)
def test_a_door_opens_for_nobody_else(request: pytest.FixtureRequest, signed_in_client: SignIn, door: str) -> None:
    url, form, _record = stage(door)
    others = [role for role in ROLES if role not in DOORS[door]]
    browsers = {role: browser_of(role, request, signed_in_client) for role in others}
    with nothing_changes():
        for role, client in browsers.items():
            assert client.get(url).status_code == 403, role
            assert client.post(url, form).status_code == 403, role


@pytest.mark.parametrize("door", DOORS)
def test_a_button_shows_to_those_who_may_press_it(
    request: pytest.FixtureRequest, signed_in_client: SignIn, door: str
) -> None:
    url, _form, record = stage(door)
    page = address(record) if record else reverse("admin:accounts_customer_changelist")
    browsers = {role: browser_of(role, request, signed_in_client) for role in READERS}
    shown = {role for role, client in browsers.items() if f'href="{url}"' in client.get(page).content.decode()}
    assert shown == DOORS[door]


PAGES = {
    "customers": READERS,
    "customer": READERS,
    "accounts": READERS,
    "account": READERS,
    "statement": READERS,
    "own account": LEDGER,
    "own account's statement": LEDGER,
    "transactions": READERS,
    "transaction": READERS,
    "journal entry": LEDGER,
    "chart": LEDGER,
    "chart line": LEDGER,
    "trial balance": LEDGER,
}


def pages() -> dict[str, str]:
    payer = make_account("50.00")
    moved = transfer(payer, make_account(), cny("5.00"))
    cash = own_account()
    assert payer.customer
    assert moved.entry
    return {
        "customers": reverse("admin:accounts_customer_changelist"),
        "customer": address(payer.customer),
        "accounts": reverse("admin:accounts_account_changelist"),
        "account": address(payer),
        "statement": address(payer, "statement"),
        "own account": address(cash),
        "own account's statement": address(cash, "statement"),
        "transactions": reverse("admin:transactions_transaction_changelist"),
        "transaction": address(moved),
        "journal entry": address(moved.entry),
        "chart": reverse("admin:accounts_chartline_changelist"),
        "chart line": address(ChartLine.objects.get(code="1010")),
        "trial balance": reverse("admin:transactions_journalentry_trial_balance"),
    }


@pytest.mark.parametrize("role", ROLES)
def test_a_page_opens_for_its_readers_only(request: pytest.FixtureRequest, signed_in_client: SignIn, role: str) -> None:
    client = browser_of(role, request, signed_in_client)
    opened = {name for name, url in pages().items() if client.get(url).status_code == 200}
    assert opened == {name for name, readers in PAGES.items() if role in readers}


@pytest.mark.parametrize("role", ["operator", "auditor", "administrator"])
def test_djangos_own_forms_change_nothing(request: pytest.FixtureRequest, signed_in_client: SignIn, role: str) -> None:
    account = make_account("50.00")
    moved = transfer(account, make_account(), cny("5.00"))
    assert account.customer
    assert moved.entry
    records: list[Model] = [account, account.customer, moved, moved.entry, ChartLine.objects.get(code="1010")]
    client = browser_of(role, request, signed_in_client)
    with nothing_changes():
        for record in records:
            opts = record._meta
            base = f"admin:{opts.app_label}_{opts.model_name}"
            forged = {"status": "CLOSED", "name": "X", "amount": "1", "overdraft_limit": "99999", "post": "yes"}
            assert client.post(reverse(f"{base}_add"), forged).status_code in (403, 405)
            assert client.post(address(record), forged).status_code in (403, 405)
            assert client.post(address(record, "delete"), forged).status_code in (403, 405)
            bulk = {"action": "delete_selected", "_selected_action": str(record.pk), "post": "yes"}
            client.post(reverse(f"{base}_changelist"), bulk)
    assert Account.objects.filter(pk=account.pk).exists()
    assert JournalEntry.objects.filter(transaction=moved).exists()


def test_reading_pages_answer_only_to_reading(request: pytest.FixtureRequest, signed_in_client: SignIn) -> None:
    client = browser_of("finance", request, signed_in_client)
    assert client.post(reverse("admin:transactions_journalentry_trial_balance")).status_code == 405
    assert client.post(address(make_account(), "statement")).status_code == 405
