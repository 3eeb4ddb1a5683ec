"""The database is the last line: one attempt by straight SQL against every rule of the accounts' tables."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from accounts.models import Account, AccountParty, AccountStatus, Customer, CustomerIdentifier, IdentifierType
from accounts.services import IdentifierDraft
from tests.accounts.factories import make_account, make_customer, own_account
from tests.unchanged import check_deferred, refused_by_database

pytestmark = pytest.mark.django_db


def execute(statement: str, **values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("number = %(other)s", "account_fixed"),
        ("chart_line_id = '2020'", "account_fixed"),
        ("category = 'LOOT'", "account_fixed|account_category_known"),
        ("status = 'ASLEEP'", "account_status_known"),
        ("restriction = 'BLOCK_SOME'", "account_restriction_known"),
        ("overdraft_limit = NULL", "account_customer_limited"),
        ("overdraft_limit = -1", "account_customer_limited"),
        ("product_id = NULL", "account_customer_limited"),
        ("status = 'CLOSED'", "account_closed_has_date"),
        ("closed_date = '2026-03-02'", "account_closed_has_date"),
        ("currency = 'USD'", "account_fixed"),
        ("category = 'ASSET'", "account_fixed"),
        ("customer_id = NULL", "account_fixed"),
        ("customer_id = (SELECT customer_id FROM accounts_account WHERE number = %(other)s)", "account_fixed"),
        ("id = gen_random_uuid()", "account_fixed"),
    ],
)
def test_an_account_cannot_be_changed_into(change: str, rule: str) -> None:
    account, other = make_account(), make_account()
    with refused_by_database(rule):
        execute(f"UPDATE accounts_account SET {change} WHERE id = %(id)s", id=account.pk, other=other.number)


def test_an_account_taken_over_is_taken_over_once() -> None:
    first, second = make_account(), make_account()
    execute("UPDATE accounts_account SET external_reference = 'berka:1' WHERE id = %(id)s", id=first.pk)
    with refused_by_database("account_external_once"):
        execute("UPDATE accounts_account SET external_reference = 'berka:1' WHERE id = %(id)s", id=second.pk)


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [("category", "LOOT", "account_category_known"), ("currency", "Rmb", "account_currency_code")],
)
def test_an_account_cannot_be_made_with(column: str, value: str, rule: str) -> None:
    account = make_account()
    account.pk, account.number = Customer().pk, "another"
    setattr(account, column, value)
    with refused_by_database(rule):
        Account.objects.bulk_create([account])


def test_an_account_number_is_given_once() -> None:
    account = make_account()
    account.pk = Customer().pk
    with refused_by_database("account_number_once"):
        Account.objects.bulk_create([account])


@pytest.mark.parametrize("table", ["accounts_account", "accounts_balance"])
def test_accounts_and_balances_are_never_removed(table: str) -> None:
    make_account("10.00")
    check_deferred()
    with refused_by_database("append_only"):
        execute(f"DELETE FROM {table}")
    with refused_by_database("append_only"):
        execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(("change", "rule"), [("held = -1", "balance_held_not_negative"), ("version = -1", "balance_")])
def test_a_balance_cannot_be_changed_into(change: str, rule: str) -> None:
    account = make_account("10.00")
    with refused_by_database(rule):
        execute(f"UPDATE accounts_balance SET {change} WHERE account_id = %(id)s", id=account.pk)


def test_a_balance_version_is_not_negative() -> None:
    make_account("10.00")
    with refused_by_database("balance_version_not_negative"):
        execute("UPDATE accounts_balance SET version = -1, ledger = 0")


def test_a_balance_starts_empty() -> None:
    account = make_account()
    new = Account.objects.get(pk=account.pk)
    new.pk, new.number = Customer().pk, "another"
    Account.objects.bulk_create([new])
    with refused_by_database("balance_not_posted"):
        execute(
            "INSERT INTO accounts_balance (account_id, ledger, held, version) VALUES (%(id)s, 100, 0, 0)", id=new.pk
        )


def test_an_account_has_one_balance() -> None:
    account = make_account()
    with refused_by_database("accounts_balance_pkey"):
        execute(
            "INSERT INTO accounts_balance (account_id, ledger, held, version) VALUES (%(id)s, 0, 0, 0)", id=account.pk
        )


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("number = %(other)s", "customer_number_once"),
        ("kind = 'ROBOT'", "customer_kind_known"),
        ("name = ''", "customer_has_name"),
    ],
)
def test_a_customer_cannot_be_changed_into(change: str, rule: str) -> None:
    customer, other = make_customer(), make_customer()
    with refused_by_database(rule):
        execute(f"UPDATE accounts_customer SET {change} WHERE id = %(id)s", id=customer.pk, other=other.number)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("value_index = %(other)s", "identifier_once"),
        ("type = 'TATTOO'", "identifier_type_known"),
        ("value = ''", "identifier_indexed"),
        ("value_index = NULL", "identifier_indexed"),
        ("issued_on = '2026-03-02', expires_on = '2026-03-01'", "identifier_expires_after_issue"),
    ],
)
def test_an_identifier_cannot_be_changed_into(change: str, rule: str) -> None:
    make_customer(
        identifiers=[IdentifierDraft(IdentifierType.PASSPORT, "CN", value) for value in ("E00000001", "E00000002")]
    )
    one, other = CustomerIdentifier.objects.all()
    with refused_by_database(rule):
        execute(
            f"UPDATE accounts_customeridentifier SET {change} WHERE id = %(id)s", id=one.pk, other=other.value_index
        )
    assert CustomerIdentifier.objects.count() == 2


def test_somebody_is_party_to_an_account_once_in_a_known_role() -> None:
    account, joint = make_account(), make_customer()
    AccountParty.objects.create(account=account, customer=joint, role="JOINT")
    with refused_by_database("party_once"):
        AccountParty.objects.bulk_create([AccountParty(account=account, customer=joint, role="DISPONENT")])
    with refused_by_database("party_role_known"):
        AccountParty.objects.bulk_create([AccountParty(account=account, customer=make_customer(), role="FRIEND")])


def test_a_line_of_the_chart_is_of_a_known_category() -> None:
    own_account()
    with refused_by_database("chart_category_known"):
        execute("INSERT INTO accounts_chartline (code, name, category) VALUES ('9999', 'Loot', 'LOOT')")


def test_what_accounts_point_to_cannot_be_removed() -> None:
    account = make_account(status=AccountStatus.CLOSED)
    for table, key in (("accounts_customer", account.customer_id), ("staff_branch", account.branch_id)):
        with refused_by_database("foreign key"):
            execute(f"DELETE FROM {table} WHERE id = %(id)s", id=key)


@pytest.mark.parametrize("change", ["category = 'INCOME'", "code = '9999'"])
def test_a_line_of_the_chart_keeps_its_meaning(change: str) -> None:
    own_account()
    with refused_by_database("chart_fixed"):
        execute(f"UPDATE accounts_chartline SET {change} WHERE code = '1010'")
