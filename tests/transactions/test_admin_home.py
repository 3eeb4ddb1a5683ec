"""The first page and the search: what each role is offered, and that nobody finds what they may not open."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts import numbers
from accounts.models import Account
from staff.models import User
from tests.accounts.factories import cny, make_account, make_customer, own_account
from tests.desk import address, words
from tests.personas import SignIn
from tests.transactions.factories import transfer

pytestmark = pytest.mark.django_db

HOME, SEARCH = "/admin/", "/admin/search/"

OFFERED = {
    "teller": ["Register a customer", "Find a customer", "Deposit, withdraw, transfer"],
    "operator": ["Register a customer", "Deposit, withdraw, transfer", "Reverse a transaction"],
    "risk_analyst": ["Find a customer", "Look up an account"],
    "finance": ["Look up an account", "Check the books", "Read the chart of accounts"],
    "auditor": ["Check the books", "Read the audit trail", "Look after sign-ins"],
    "administrator": ["Hire somebody", "Look after sign-ins", "Read the audit trail"],
}
NOT_OFFERED = {
    "teller": ["Reverse a transaction", "Check the books", "Hire somebody", "Look up an account"],
    "auditor": ["Register a customer", "Deposit, withdraw, transfer", "Hire somebody"],
    "administrator": ["Register a customer", "Find a customer", "Check the books", "Latest transactions"],
}


@pytest.mark.parametrize("role", OFFERED)
def test_everybody_sees_at_once_what_they_can_do(
    request: pytest.FixtureRequest, signed_in_client: SignIn, role: str
) -> None:
    client = signed_in_client(request.getfixturevalue(role))
    page = words(client.get(HOME))
    assert "What do you want to do?" in page
    assert [step for step in OFFERED[role] if step not in page] == []
    assert [step for step in NOT_OFFERED.get(role, []) if step in page] == []


@pytest.mark.parametrize("role", OFFERED)
def test_every_step_leads_to_a_page_that_opens(
    request: pytest.FixtureRequest, signed_in_client: SignIn, role: str
) -> None:
    client = signed_in_client(request.getfixturevalue(role))
    steps = client.get(HOME).context["steps"]
    assert {step.url: client.get(step.url).status_code for step in steps} == {step.url: 200 for step in steps}


def test_somebody_without_a_role_is_told_whom_to_ask(signed_in_client: SignIn, outsider: User) -> None:
    page = words(signed_in_client(outsider).get(HOME))
    assert "Welcome, Lu Ren. You hold no role yet." in page
    assert "Ask an administrator" in page


def test_the_latest_transactions_or_how_to_make_the_first(signed_in_client: SignIn, teller: User) -> None:
    client = signed_in_client(teller)
    assert "No money has moved yet. Register a customer" in words(client.get(HOME))
    payer = make_account("100.00", customer=make_customer("Li Hua"))
    moved = transfer(payer, make_account(customer=make_customer("Wang Fang")), cny("3.00"))
    page = words(client.get(HOME))
    assert f"{moved.reference} Transfer: CNY 3.00 from {numbers.display(payer.number)} (Li Hua)" in page


# -- Search ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(signed_in_client: SignIn, teller: User) -> Client:
    return signed_in_client(teller)


@pytest.fixture
def account() -> Account:
    return make_account("100.00", customer=make_customer("Li Hua"))


def test_what_is_named_exactly_opens_at_once(desk: Client, account: Account) -> None:
    moved = transfer(account, make_account(), cny("3.00"))
    assert account.customer
    named = {
        account.number: account,
        f"  {numbers.display(account.number)} ": account,
        account.public_id: account,
        account.customer.number.lower(): account.customer,
        account.customer.public_id: account.customer,
        moved.reference: moved,
        moved.reference.lower(): moved,
        moved.public_id: moved,
    }
    for text, record in named.items():
        answer = desk.get(SEARCH, {"q": text})
        assert (answer.status_code, answer.get("Location")) == (302, address(record)), text


def test_part_of_a_name_shows_what_fits_in_groups(desk: Client, account: Account) -> None:
    transfer(account, make_account(), cny("3.00"), narrative="For Li Hua's lunch")
    page = words(desk.get(SEARCH, {"q": "li hua"}))
    assert page.index("Customers Li") if "Customers Li" in page else "Customers" in page
    assert f"{numbers.display(account.number)} Li Hua · Current account · CNY 97.00" in page
    assert "Transfer · CNY 3.00" in page


def test_more_than_a_screenful_leads_to_the_list(desk: Client) -> None:
    for number in range(10):
        make_customer(f"Zhang {number}")
    page = desk.get(SEARCH, {"q": "zhang"})
    assert f"{reverse('admin:accounts_customer_changelist')}?q=zhang" in page.content.decode()
    assert words(page).count("Zhang ") == 8


@pytest.mark.parametrize(
    ("text", "said"),
    [("nobody at all", "Nothing found for “nobody at all”."), ("", "Whom or what are you looking for?")],
)
def test_finding_nothing_says_what_to_type(desk: Client, text: str, said: str) -> None:
    assert said in words(desk.get(SEARCH, {"q": text}))


@pytest.mark.parametrize("text", ["x" * 5000, "<script>alert(1)</script>", "100%", "_", "\\", "'; DROP TABLE x; --"])
def test_a_strange_search_does_no_harm(desk: Client, account: Account, text: str) -> None:
    answer = desk.get(SEARCH, {"q": text})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()
    assert desk.get("/admin/search/", {"s": text, "extended": "1"}).status_code == 200
    assert desk.get("/admin/accounts/account/", {"q": text}).status_code == 200
    assert desk.get("/admin/transactions/transaction/", {"q": text}).status_code == 200


@pytest.mark.parametrize("path", ["search/", "accounts/account/", "transactions/transaction/"])
def test_an_address_that_the_database_cannot_read_is_a_bad_request(desk: Client, path: str) -> None:
    assert desk.get(f"/admin/{path}", {"q": "a\x00b"}).status_code == 400
    assert desk.get(f"/admin/{path}a%00b/change/").status_code == 400


@pytest.mark.parametrize("parameter", ["q", "s"])
def test_the_banks_own_accounts_are_found_by_their_readers_only(
    desk: Client, signed_in_client: SignIn, finance: User, parameter: str
) -> None:
    cash = own_account()
    query = {parameter: "1010-CNY", "extended": "1"}
    assert address(cash) not in desk.get(SEARCH, query).get("Location", "")
    assert "Cash in hand" not in words(desk.get(SEARCH, query))
    found = signed_in_client(finance).get(SEARCH, query)
    assert found.get("Location") == address(cash) or address(cash) in found.content.decode()


def test_the_administrator_finds_no_customer(signed_in_client: SignIn, administrator: User, account: Account) -> None:
    client = signed_in_client(administrator)
    for query in ({"q": account.number}, {"q": "Li Hua"}, {"s": "li hua", "extended": "1"}):
        answer = client.get(SEARCH, query)
        assert answer.status_code == 200
        assert address(account) not in answer.content.decode()
        assert "CNY 100.00" not in words(answer)


def test_the_administrator_finds_people(signed_in_client: SignIn, administrator: User, teller: User) -> None:
    client = signed_in_client(administrator)
    assert client.get(SEARCH, {"q": "t1001"})["Location"] == address(teller)
    assert "T1001 Tang Ling Teller" in words(client.get(SEARCH, {"q": "tang"}))


def test_the_palette_finds_records_and_pages(desk: Client, account: Account) -> None:
    found = desk.get(SEARCH, {"s": "li hua", "extended": "1"})
    assert address(account) in found.content.decode()
    assert "Found 2 results" in words(found)
    assert (
        reverse("admin:transactions_transaction_changelist")
        in desk.get(SEARCH, {"s": "transac", "extended": "1"}).content.decode()
    )
    assert desk.get(SEARCH, {"s": ""}).content == b""


def test_somebody_who_lost_a_role_finds_nothing_from_before(
    desk: Client, signed_in_client: SignIn, teller: User, account: Account
) -> None:
    assert address(account) in desk.get(SEARCH, {"s": "li hua", "extended": "1"}).content.decode()
    teller.groups.clear()
    assert address(account) not in desk.get(SEARCH, {"s": "li hua", "extended": "1"}).content.decode()
