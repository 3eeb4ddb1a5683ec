"""A key is changed while the bank works: everything under the newest, then the old key can go."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from accounts.models import Customer, CustomerIdentifier, IdentifierType
from accounts.services import IdentifierDraft
from bankops.core import encryption, rotation
from bankops.core.models import AuditEvent
from staff.models import User
from staff.services.second_factor import secret_of
from tests.accounts.factories import make_customer

pytestmark = pytest.mark.django_db

OLD, NEW = ["old key"], ["new key", "old key"]


@pytest.fixture
def customers(settings: Settings, teller: User) -> list[Customer]:
    """Give three customers and a member of staff, all of them sealed under the old key."""
    settings.BANKOPS_ENCRYPTION_KEYS = [*OLD, *settings.BANKOPS_ENCRYPTION_KEYS]
    rotate()
    settings.BANKOPS_ENCRYPTION_KEYS = OLD
    return [_born(f"E0000000{number}") for number in range(3)]


def _born(number: str) -> Customer:
    customer = make_customer(identifiers=[IdentifierDraft(IdentifierType.PASSPORT, "CN", number)])
    customer.birth_date = "1970-03-04"
    customer.save(update_fields=["birth_date"])
    return customer


def rotate(*arguments: str) -> str:
    said = StringIO()
    call_command("rotate_encryption", *arguments, stdout=said)
    return said.getvalue()


def waiting() -> dict[str, int]:
    counts = {str(place): rotation.outdated(place) for place in rotation.places()}
    return {place: count for place, count in counts.items() if count}


def is_refused(*arguments: str) -> bool:
    try:
        rotate(*arguments)
    except SystemExit as left:
        return left.code == 1
    return False


def test_everything_is_under_the_newest_key_and_the_old_one_can_go(
    customers: list[Customer], teller: User, settings: Settings
) -> None:
    versions = Customer.history.count()
    secret = secret_of(User.objects.get(pk=teller.pk).one_time_code_device)
    settings.BANKOPS_ENCRYPTION_KEYS = NEW
    assert is_refused("--check")

    assert waiting() == {
        "accounts_customeridentifier.value": 3,
        "accounts_customer.birth_date": 3,
        "accounts_historicalcustomer.birth_date": Customer.history.exclude(birth_date__isnull=True).count(),
        "staff_onetimecodedevice.encrypted_secret": 1,
    }

    assert f"{sum(waiting().values())} values written anew." in rotate("--batch", "2")
    assert "Everything is under the newest key." in rotate("--check")

    settings.BANKOPS_ENCRYPTION_KEYS = ["new key"]
    assert [Customer.objects.get(pk=one.pk).reveal_birth_date().isoformat() for one in customers] == ["1970-03-04"] * 3  # type: ignore[union-attr]
    assert {one.birth_date.reveal() for one in Customer.history.exclude(birth_date__isnull=True)} == {
        "1990-03-07",
        "1970-03-04",
    }
    assert {one.value.reveal() for one in CustomerIdentifier.objects.all()} == {"E00000000", "E00000001", "E00000002"}
    assert CustomerIdentifier.objects.get(value_index__matches="E00000001").customer == customers[1]
    assert secret_of(User.objects.get(pk=teller.pk).one_time_code_device) == secret
    assert Customer.history.count() == versions


def test_the_trail_says_what_was_written_anew(customers: list[Customer], settings: Settings) -> None:
    settings.BANKOPS_ENCRYPTION_KEYS = NEW
    rotate()
    event = AuditEvent.objects.filter(event_type="core.encryption.rotated").latest("id")
    assert (event.subject_id, event.detail["accounts_customeridentifier.value"]) == (encryption.key_ids()[0], 3)


def test_a_rotation_that_was_stopped_goes_on_where_it_was(customers: list[Customer], settings: Settings) -> None:
    settings.BANKOPS_ENCRYPTION_KEYS = NEW
    place = next(one for one in rotation.places() if str(one) == "accounts_customeridentifier.value")
    assert next(rotation.rotate(place, batch=1)) == 1
    assert rotation.outdated(place) == 2
    assert f"{sum(waiting().values())} values written anew." in rotate()
    assert rotation.outdated(place) == 0


def test_what_is_saved_meanwhile_is_not_put_back_under_the_old_key(
    customers: list[Customer], settings: Settings
) -> None:
    settings.BANKOPS_ENCRYPTION_KEYS = NEW
    at_the_desk = CustomerIdentifier.objects.get(customer=customers[0])
    rotate()
    at_the_desk.save()
    assert "Everything is under the newest key." in rotate("--check")


def test_a_value_that_cannot_be_read_is_named_and_the_others_stay_done(
    customers: list[Customer], settings: Settings
) -> None:
    settings.BANKOPS_ENCRYPTION_KEYS = NEW
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_customeridentifier SET value = '\\x0212345678' WHERE customer_id = %s", [customers[2].pk]
        )
    with pytest.raises(CommandError, match=r"accounts_customeridentifier\.value\..* written with key 12345678"):
        rotate()
    assert is_refused("--check")
    assert {one.birth_date.reveal() for one in Customer.objects.all() if one.birth_date} == {"1970-03-04"}


def test_the_first_format_is_read_and_brought_up_to_date(settings: Settings) -> None:
    customer = _born("E00000009")
    identifier = CustomerIdentifier.objects.get(customer=customer)
    context = f"accounts_customeridentifier.value.{identifier.pk}"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_customeridentifier SET value = %s", [_version_1(b"E00000009", context)])
    assert CustomerIdentifier.objects.get().value.reveal() == "E00000009"
    assert is_refused("--check")
    rotate()
    assert CustomerIdentifier.objects.get().value.reveal() == "E00000009"


def _version_1(plain: bytes, context: str) -> bytes:
    """Encrypt as the product did before keys had ids."""
    nonce = bytes(12)
    (key,) = encryption._keys()
    return b"\x01" + nonce + key.cipher.encrypt(nonce, plain, context.encode())
