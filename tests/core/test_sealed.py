"""Sealed fields: what is in the column, who can read it, and where it does not open."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from django.template import Context, Template
from django.test import Client
from pytest_django import Settings

from accounts.models import Customer, CustomerIdentifier, IdentifierType
from accounts.services import IdentifierDraft
from bankops.core.encryption import CannotDecrypt
from bankops.core.sealed import Secret
from staff.models import User
from tests.accounts.factories import make_customer
from tests.desk import address
from tests.personas import SignIn

pytestmark = pytest.mark.django_db

NUMBER = "E12345678"


@pytest.fixture
def customer() -> Customer:
    customer = make_customer(identifiers=[IdentifierDraft(IdentifierType.PASSPORT, "CN", NUMBER)])
    customer.birth_date = "1970-03-04"
    customer.save(update_fields=["birth_date"])
    return Customer.objects.get(pk=customer.pk)


@pytest.fixture
def identifier(customer: Customer) -> CustomerIdentifier:
    return CustomerIdentifier.objects.get(customer=customer)


def column(statement: str, *values: Any) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def test_the_column_holds_no_plain_text_and_the_record_does_not_show_it(
    customer: Customer, identifier: CustomerIdentifier
) -> None:
    rows = column("SELECT t::text FROM accounts_customeridentifier t UNION ALL SELECT t::text FROM accounts_customer t")
    rows += column("SELECT t::text FROM accounts_historicalcustomer t")
    hidden = (NUMBER, NUMBER.encode().hex(), "1970-03-04", b"1970-03-04".hex())
    assert not [row for row in rows for text in hidden if text in str(row)]
    assert (identifier.value.reveal(), identifier.value.masked) == (NUMBER, "•••5678")
    assert customer.birth_date
    assert customer.birth_date.reveal() == "1970-03-04"
    assert [row.birth_date.reveal() for row in customer.history.order_by("-history_id")[:1]] == ["1970-03-04"]


@pytest.mark.parametrize(
    "shown",
    [
        str,
        repr,
        lambda secret: f"{secret}",
        lambda secret: f"{secret:>12}",
        lambda secret: "%s" % secret,  # noqa: UP031  # as old logging does
        lambda secret: Template("{{ secret }}{{ secret.reveal }}{{ secret|upper }}").render(
            Context({"secret": secret})
        ),
        lambda secret: repr({"value": [secret]}),
        lambda secret: json.dumps({"value": secret}, default=repr, ensure_ascii=False),
    ],
)
def test_a_secret_shows_its_mask_only(shown: Callable[[Secret], str], identifier: CustomerIdentifier) -> None:
    for secret in (identifier.value, Secret(NUMBER)):
        text = shown(secret)
        assert "•••" in text
        assert NUMBER not in text
        assert "reveal" not in text


def test_a_secret_is_neither_json_nor_pickled(identifier: CustomerIdentifier) -> None:
    with pytest.raises(TypeError):
        json.dumps({"value": identifier.value})
    with pytest.raises(TypeError):
        pickle.dumps(identifier.value)
    assert copy.deepcopy(identifier.value).reveal() == NUMBER


def test_logs_hold_no_secret(identifier: CustomerIdentifier, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("bankops.test").error("value %s of %r", identifier.value, vars(identifier))
    assert "•••" in caplog.text
    assert NUMBER not in caplog.text


def test_secrets_are_equal_when_their_texts_are(identifier: CustomerIdentifier) -> None:
    assert identifier.value == Secret(NUMBER)
    assert identifier.value != Secret("E00000002")
    assert identifier.value != NUMBER
    assert (bool(identifier.value), bool(Secret("")), str(Secret("")), Secret("").masked) == (True, False, "", "")


def test_bytes_copied_into_another_row_or_column_do_not_open(
    customer: Customer, identifier: CustomerIdentifier
) -> None:
    other = make_customer(identifiers=[IdentifierDraft(IdentifierType.PASSPORT, "CN", "E00000002")])
    column(
        "UPDATE accounts_customeridentifier SET value = (SELECT value FROM accounts_customeridentifier WHERE id = %s)"
        " WHERE customer_id = %s RETURNING id",
        identifier.pk,
        other.pk,
    )
    column("UPDATE accounts_customer SET birth_date = %s WHERE id = %s RETURNING id", b"", other.pk)
    column(
        "UPDATE accounts_customer SET birth_date = (SELECT value FROM accounts_customeridentifier WHERE id = %s)"
        " WHERE id = %s RETURNING id",
        identifier.pk,
        customer.pk,
    )
    with pytest.raises(CannotDecrypt):
        CustomerIdentifier.objects.get(customer=other).value.reveal()
    with pytest.raises(CannotDecrypt):
        Customer.objects.get(pk=customer.pk).reveal_birth_date()


def test_saving_again_leaves_the_bytes_and_changing_writes_new_ones(identifier: CustomerIdentifier) -> None:
    stored = "SELECT value, value_index FROM accounts_customeridentifier"
    before = column(stored)
    CustomerIdentifier.objects.get(pk=identifier.pk).save()
    assert column(stored) == before
    identifier.value = "E00000002"
    identifier.save(update_fields=["value", "value_index"])
    assert column(stored) != before
    assert CustomerIdentifier.objects.get(value_index__matches=" E00000002 ").value.reveal() == "E00000002"


def test_a_sealed_field_is_written_by_saving_and_compared_with_nothing(identifier: CustomerIdentifier) -> None:
    with pytest.raises(TypeError, match="sealed"):
        CustomerIdentifier.objects.update(value="E3")
    with pytest.raises(FieldError):
        CustomerIdentifier.objects.filter(value="E3")
    identifier.value = "E3"
    with pytest.raises(TypeError, match="sealed"):
        CustomerIdentifier.objects.bulk_update([identifier], ["value"])


def test_a_value_without_its_row_stays_closed(identifier: CustomerIdentifier) -> None:
    (secret,) = CustomerIdentifier.objects.values_list("value", flat=True)
    assert str(secret) == "•••"
    with pytest.raises(CannotDecrypt):
        secret.reveal()


def test_a_deferred_value_is_read_when_it_is_asked_for(identifier: CustomerIdentifier) -> None:
    assert CustomerIdentifier.objects.only("type").get().value.reveal() == NUMBER
    identifier.refresh_from_db(fields=["value"])
    assert identifier.value.reveal() == NUMBER


def test_what_any_key_wrote_is_found(identifier: CustomerIdentifier, settings: Settings) -> None:
    settings.BANKOPS_ENCRYPTION_KEYS = ["newer", *settings.BANKOPS_ENCRYPTION_KEYS]
    later = make_customer(identifiers=[IdentifierDraft(IdentifierType.PASSPORT, "GB", NUMBER)])
    found = CustomerIdentifier.objects.filter(value_index__matches=NUMBER)
    assert {one.customer_id for one in found} == {identifier.customer_id, later.pk}


def test_a_wrong_key_is_an_error_page_and_never_ciphertext(
    customer: Customer, signed_in_client: SignIn, auditor: User, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    desk: Client = signed_in_client(auditor)
    settings.BANKOPS_ENCRYPTION_KEYS = ["somebody else's key"]
    answer = desk.get(address(customer))
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Encrypted data cannot be read" in page
    assert "the server does not have that key" in page
    (sealed,) = column("SELECT encode(value, 'hex') FROM accounts_customeridentifier")[0]
    assert str(sealed)[20:60] not in page
    assert [record.levelname for record in caplog.records if "cannot_decrypt" in record.getMessage()] == ["ERROR"]
