"""What the database itself refuses about people: every constraint and trigger, around the services."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from accounts.drafts import AddressDraft, ContactDraft, Draft, OwnerDraft, TaxResidenceDraft
from accounts.models import (
    Address,
    AddressType,
    BeneficialOwner,
    Contact,
    ContactKind,
    ControlKind,
    Customer,
    CustomerChange,
    CustomerKind,
    TaxResidence,
)
from tests.accounts.factories import NOW, TODAY, make_account, make_customer
from tests.accounts.test_consents import give
from tests.unchanged import check_deferred, refused_by_database

pytestmark = pytest.mark.django_db

TABLES = (
    "accounts_address",
    "accounts_contact",
    "accounts_beneficialowner",
    "accounts_taxresidence",
    "accounts_consent",
    "accounts_accountparty",
    "accounts_customerchange",
)


def execute(statement: str, **values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def tea() -> Customer:
    """An organisation about which everything is kept once."""
    more: list[Draft] = [
        ContactDraft(ContactKind.PHONE, "138 0013 8000"),
        AddressDraft(AddressType.REGISTERED, "Bund 1", "Shanghai", "CN"),
        TaxResidenceDraft("CN", TODAY, "1"),
        OwnerDraft(ControlKind.SHARES, 6_000, outsider_name="Mei Lin"),
    ]
    customer = make_customer("Tea", kind=CustomerKind.ORGANISATION, more=more)
    give(customer)
    change = CustomerChange(customer=customer, base_version=1, digest="d" * 64, made_by="x", made_at=NOW)
    change.content = "{}"
    change.save(force_insert=True)
    account = make_account(customer=make_customer("Li Hua"))
    account.parties.create(customer=customer, role="JOINT", rights="FULL", valid_from=TODAY)
    return customer


def owner(organisation: Customer, **fields: Any) -> BeneficialOwner:
    row = BeneficialOwner(
        **{"organisation": organisation, "control": ControlKind.SHARES, "share": 100, "valid_from": TODAY, **fields}
    )
    row.save(force_insert=True)
    return row


@pytest.mark.parametrize("table", TABLES)
def test_nothing_about_people_is_deleted(tea: Customer, table: str) -> None:
    with refused_by_database("append_only"):
        execute(f"DELETE FROM {table}")
    check_deferred()  # PostgreSQL truncates nothing while checks of its rows wait
    with refused_by_database("append_only"):
        execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("accounts_address", "city = 'Beijing'"),
        ("accounts_contact", "kind = 'EMAIL'"),
        ("accounts_beneficialowner", "share = 1"),
        ("accounts_taxresidence", "country = 'SG'"),
        ("accounts_consent", "purpose = 'PROFILING'"),
        ("accounts_accountparty", "rights = 'VIEW'"),
        ("accounts_customerchange", "digest = 'e'"),
        ("accounts_customerchange", "base_version = 2"),
    ],
)
def test_what_is_kept_is_not_rewritten(tea: Customer, table: str, change: str) -> None:
    with refused_by_database("only_ending"):
        execute(f"UPDATE {table} SET {change}")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("accounts_address", "valid_until"),
        ("accounts_contact", "valid_until"),
        ("accounts_beneficialowner", "valid_until"),
        ("accounts_taxresidence", "valid_until"),
        ("accounts_consent", "withdrawn_at"),
        ("accounts_accountparty", "valid_until"),
    ],
)
def test_an_end_is_set_once(tea: Customer, table: str, column: str) -> None:
    execute(f"UPDATE {table} SET {column} = '2026-03-05'")
    for change in ("NULL", "'2026-03-06'"):
        with refused_by_database("only_ending"):
            execute(f"UPDATE {table} SET {column} = {change}")


def test_what_is_sealed_may_be_sealed_again_after_its_end(tea: Customer) -> None:
    """A new key rewrites it, and pseudonymisation wipes it."""
    execute("UPDATE accounts_contact SET valid_until = '2026-03-05'")
    execute("UPDATE accounts_contact SET value = '', value_index = NULL")
    execute("UPDATE accounts_customerchange SET content = NULL")


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"control": "MAGIC"}, "owner_control_known"),
        ({"share": 0}, "owner_share_of_whole"),
        ({"share": 10_001, "control": "OTHER_MEANS"}, "owner_share_of_whole"),
        ({"share": None}, "owner_share_said"),
        ({"share": 4_001}, "owners_hold"),
    ],
)
def test_an_owner_that_cannot_be(tea: Customer, fields: dict[str, Any], rule: str) -> None:
    li = make_customer("Li Hua")
    with refused_by_database(rule):
        owner(tea, owner=li, **fields)


def test_an_owner_is_a_customer_or_an_outsider_and_once(tea: Customer) -> None:
    li = make_customer("Li Hua")
    owner(tea, owner=li)
    with refused_by_database("owner_once"):
        owner(tea, owner=li)
    with refused_by_database("owner_one_of_two"):
        row = BeneficialOwner(organisation=tea, owner=li, control="VOTING", share=1, valid_from=TODAY)
        row.outsider_name = "Mei Lin"
        row.save(force_insert=True)


def test_nobody_owns_themselves_through_others(tea: Customer) -> None:
    shop = make_customer("Shop", kind=CustomerKind.ORGANISATION)
    owner(tea, owner=shop)
    with refused_by_database("owners_hold"):
        owner(shop, owner=tea)
    with refused_by_database("owners_hold"):
        owner(shop, owner=shop)


@pytest.mark.parametrize(
    ("model", "fields", "rule"),
    [
        (Address, {"type": "TENT", "city": "x", "country": "CN"}, "address_type_known"),
        (Address, {"type": "MAILING", "city": "x", "country": "China"[:2]}, "address_country_code"),
        (Address, {"type": "REGISTERED", "city": "x", "country": "CN"}, "address_type_once"),
        (Contact, {"kind": "HORN"}, "contact_kind_known"),
        (Contact, {"kind": "PHONE", "is_preferred": True}, "contact_one_preferred"),
        (TaxResidence, {"country": "cn", "self_certified_on": TODAY}, "tax_country_code"),
        (TaxResidence, {"country": "CN", "self_certified_on": TODAY}, "tax_country_once"),
    ],
)
def test_a_particular_that_cannot_be(tea: Customer, model: Any, fields: dict[str, Any], rule: str) -> None:
    sealed = {Address: {"lines": "x"}, Contact: {"value": "+861"}, TaxResidence: {"tax_number": "2"}}[model]
    with refused_by_database(rule):
        model(customer=tea, valid_from=TODAY, **sealed, **fields).save(force_insert=True)


def test_a_contact_stands_once(tea: Customer) -> None:
    with refused_by_database("contact_once"):
        contact = Contact(customer=tea, kind="PHONE", valid_from=TODAY)
        contact.value = "+8613800138000"
        contact.save(force_insert=True)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"purpose": "FUN"}, "consent_purpose_known"),
        ({"channel": "DREAM"}, "consent_channel_known"),
        ({"purpose": "MARKETING"}, "consent_once"),
        ({"withdrawn_at": "2020-01-01T00:00:00Z"}, "consent_withdrawn_later"),
    ],
)
def test_a_consent_that_cannot_be(tea: Customer, fields: dict[str, Any], rule: str) -> None:
    terms = {"purpose": "PROFILING", "channel": "BRANCH", "text_version": "1", "given_at": NOW, **fields}
    with refused_by_database(rule):
        tea.consents.create(**terms)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"rights": "ALL"}, "party_rights_known"),
        ({"signature": "NONE"}, "party_signature_known"),
        ({"rights": "FULL", "debit_limit": 1}, "party_limit_of_debits"),
        ({"rights": "DEBIT", "debit_limit": 0}, "party_limit_of_debits"),
        ({"valid_from": "2026-03-02", "valid_until": "2026-03-01"}, "party_ends_after_it_begins"),
    ],
)
def test_rights_that_cannot_be(fields: dict[str, Any], rule: str) -> None:
    account, wang = make_account(), make_customer("Wang Fang")
    with refused_by_database(rule):
        account.parties.create(customer=wang, role="DISPONENT", **fields)


def test_a_change_is_kept_once(tea: Customer) -> None:
    with refused_by_database("customer_change_once"):
        execute(
            "INSERT INTO accounts_customerchange SELECT gen_random_uuid(), base_version, digest, content, made_by, made_at,"
            " customer_id FROM accounts_customerchange"
        )


def test_a_risk_rating_is_a_known_one(tea: Customer) -> None:
    with refused_by_database("customer_risk_known"):
        execute("UPDATE accounts_customer SET risk_rating = 'NONE'")


@pytest.mark.parametrize("change", ["name = 'Other'", "risk_rating = 'HIGH'", "ownership_note = 'x'", "version = 0"])
def test_a_customer_changes_under_the_next_version_only(tea: Customer, change: str) -> None:
    with refused_by_database("customer_version_moves"):
        execute(f"UPDATE accounts_customer SET {change}")
    if "version" not in change:
        execute(f"UPDATE accounts_customer SET {change}, version = version + 1")
