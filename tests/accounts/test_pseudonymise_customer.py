"""A former customer is forgotten, everywhere it can be, and the books stay as they were."""

from __future__ import annotations

from datetime import date
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import (
    Account,
    AccountParty,
    Customer,
    CustomerIdentifier,
    CustomerState,
    IdentifierType,
    PartyRole,
)
from accounts.services import IdentifierDraft, pseudonymise_customer
from bankops.core import operations
from bankops.core.audit import Subject
from bankops.core.errors import BankOpsError
from bankops.core.models import AuditEvent
from bankops.core.operations import ConsentRequired, Order
from staff.models import User
from tests.accounts.factories import NOW, TANG_LING, TODAY, close, make_account, make_customer
from tests.accounts.whole_person import IN_CLEAR, PASSPORT, PHONE, make_whole_person
from tests.desk import address, words
from tests.personas import SignIn
from tests.unchanged import nothing_changes, refused

pytestmark = pytest.mark.django_db

LATER = date(2031, 3, 3)  # the account is closed on 2 March 2026: five years and a day


@pytest.fixture
def former(consented: None) -> Customer:
    customer = make_whole_person()
    payee = make_account("1.00")
    close(make_account("80.50", customer=customer), payee_id=payee.pk)
    return Customer.objects.get(pk=customer.pk)


def forget(customer: Customer, on: date = LATER, reason: str = "five years are over") -> Customer:
    with operations.carrying_out("accounts.pseudonymise_customer"):
        return pseudonymise_customer(customer_id=customer.pk, reason=reason, actor=TANG_LING, now=NOW, business_date=on)


def everything_about(customer: Customer) -> str:
    """Return every row of this app's tables as text, with what is sealed in them in clear."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names() if name.startswith("accounts_")]
        rows = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += [row[0] for row in cursor.fetchall()]
    sealed = [one.value.reveal() for one in CustomerIdentifier.objects.filter(customer=customer)]
    sealed += [one.value.reveal() for one in customer.contacts.all()]
    sealed += [one.lines.reveal() + one.postal_code.reveal() for one in customer.addresses.all()]
    sealed += [one.tax_number.reveal() for one in customer.tax_residences.all()]
    sealed += [str(one.birth_date and one.birth_date.reveal()) for one in customer.history.all()]
    return "\n".join([*rows, *sealed])


def test_nothing_that_names_them_is_left_and_the_books_stay(former: Customer) -> None:
    before = StringIO()
    call_command("verify_books", stdout=before)
    assert [text for text in IN_CLEAR if text in everything_about(former)] == list(IN_CLEAR)

    forget(former)

    assert [text for text in IN_CLEAR if text in everything_about(former)] == []
    former.refresh_from_db()
    assert (former.name, former.state) == (f"Former customer {former.number}", CustomerState.PSEUDONYMISED)
    assert {version.name for version in former.history.all()} == {former.name}
    assert former.accounts.get().status == "CLOSED"
    after = StringIO()
    call_command("verify_books", stdout=after)
    assert after.getvalue() == before.getvalue()


def test_the_trail_says_how_much_was_erased(former: Customer) -> None:
    forget(former)
    event = AuditEvent.objects.get(event_type="accounts.customer.pseudonymised")
    assert (event.subject_id, event.reason) == (former.public_id, "five years are over")
    assert event.detail == {"identifiers": 1, "contacts": 1, "addresses": 1, "tax_residences": 1}


def test_nobody_finds_them_any_more_and_the_document_is_free(former: Customer) -> None:
    forget(former)
    assert not CustomerIdentifier.objects.filter(value_index__matches=PASSPORT).exists()
    again = make_customer("Zhuge Liang", identifiers=[IdentifierDraft(IdentifierType.PASSPORT, "CN", PASSPORT)])
    assert again.number != former.number


@pytest.mark.parametrize("on", [TODAY, date(2031, 3, 1), date(2031, 3, 2)])
def test_the_law_comes_first(former: Customer, on: date) -> None:
    with refused("retention_not_over"):
        forget(former, on=on)


def test_a_customer_with_an_open_account_is_remembered(former: Customer) -> None:
    make_account(customer=former)
    with refused("customer_has_accounts"):
        forget(former)


def test_a_customer_with_rights_on_anothers_account_is_remembered(former: Customer) -> None:
    account = make_account()
    AccountParty.objects.create(account=account, customer=former, role=PartyRole.DISPONENT, valid_from=TODAY)
    with refused("customer_has_rights"):
        forget(former)


def test_it_is_done_once_with_a_reason_and_through_the_gate(former: Customer) -> None:
    with refused("reason_required"):
        forget(former, reason=" ")
    forget(former)
    with refused("already_pseudonymised"):
        forget(former)


def test_nobody_calls_it_past_the_gate() -> None:
    with pytest.raises(ConsentRequired):
        pseudonymise_customer(customer_id=uuid4(), reason="x", actor=TANG_LING, now=NOW, business_date=LATER)


def test_two_people_must_agree_whatever_the_policies_say() -> None:
    assert operations.get("accounts.pseudonymise_customer").always_two


def test_what_reviewers_read_names_nobody(former: Customer) -> None:
    operation = operations.get("accounts.pseudonymise_customer")
    payload = operation.clean({"customer": former.public_id})
    description = operation.describe(payload)
    shown = f"{description.summary}{description.changes}{description.warnings}{payload}"
    assert former.number in shown
    assert not [text for text in IN_CLEAR if text in shown]
    assert operation.concerns(payload) == [Subject("customer", former.public_id, former.number)]


def test_what_is_sure_to_fail_is_refused_at_the_door(former: Customer) -> None:
    operation = operations.get("accounts.pseudonymise_customer")
    order = Order(actor=TANG_LING, now=NOW, reason="he asked")
    with pytest.raises(BankOpsError) as caught:
        operation.refuse({"customer": former.public_id}, order)
    assert caught.value.code == "retention_not_over"
    assert "2031-03-02" in str(caught.value)


def test_the_door_submits_and_is_not_offered_twice(
    former: Customer, operator: User, signed_in_client: SignIn, open_gate: object, settings: object
) -> None:
    settings.BANKOPS_RETENTION_YEARS = -1  # type: ignore[attr-defined]  # the day has come
    client = signed_in_client(operator)
    client.post(address(former, "pseudonymise_customer"), {"reason": "five years are over", "idempotency_key": "k"})
    former.refresh_from_db()
    assert former.state == CustomerState.PSEUDONYMISED
    page = words(client.get(address(former)))
    assert f"Former customer {former.number}" in page
    assert "Erase personal data" not in page
    assert PHONE not in page
    assert Account.objects.filter(customer=former).count() == 1


def test_somebody_without_the_right_erases_nothing(former: Customer, teller: User, signed_in_client: SignIn) -> None:
    with nothing_changes():
        answer = signed_in_client(teller).post(address(former, "pseudonymise_customer"), {"reason": "x"})
    assert answer.status_code == 403
