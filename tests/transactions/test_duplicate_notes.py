"""The log of duplicates: what is written of payments held back, and that nothing in it can be changed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.accounts.factories import NOW, OU_YAN, make_account
from tests.partners.factories import make_partner
from tests.transactions.duplicate_cases import MACHINE, cancel, pay, release
from tests.transactions.raw_books import execute
from tests.unchanged import refused_by_database
from transactions import services as transaction_services
from transactions.errors import InsufficientFunds
from transactions.models import DuplicateNote, NoteAnswer, Transaction

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consented")]


def held() -> Transaction:
    """Return a payment held back as the look-alike of another one."""
    partner, li, wang = make_partner(), make_account("500.00"), make_account()
    pay(partner, li, wang)
    return pay(partner, li, wang)


def said() -> list[str]:
    return list(DuplicateNote.objects.order_by("at", "id").values_list("answer", flat=True))


def test_a_payment_held_back_is_noted_with_its_twin_and_amount() -> None:
    row = held()
    note = DuplicateNote.objects.get()
    assert (note.answer, note.cause) == ("HELD", "look_alike")
    assert (note.transaction, note.twin, note.partner_id) == (row, row.twin, row.partner_id)
    assert (note.credential, note.amount, note.currency, note.at) == (MACHINE.id, 60_00, "CNY", NOW)


def test_the_bank_releases_and_the_partner_confirms() -> None:
    release(held())
    assert said() == ["HELD", "RELEASED"]
    row = held()
    release(row, actor=MACHINE)
    assert DuplicateNote.objects.filter(transaction=row, answer=NoteAnswer.CONFIRMED).get().credential == MACHINE.id


def test_cancelling_and_expiring_are_noted() -> None:
    cancel(held(), now=NOW + timedelta(hours=1))
    held()
    transaction_services.expire_held(now=NOW + timedelta(hours=73), actor=OU_YAN)
    assert sorted(said()) == ["CANCELLED", "EXPIRED", "HELD", "HELD"]


def test_what_is_taken_back_is_not_noted() -> None:
    row = held()
    pay(row.partner, row.debit_account, make_account(), "400.00")  # type: ignore[arg-type]
    with pytest.raises(InsufficientFunds):
        release(row)
    assert said() == ["HELD"]


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("answer", "SOMETHING", "duplicate_note_answer_known"),
        ("cause", "something", "duplicate_note_cause_known"),
        ("currency", "", "duplicate_note_amount_has_currency"),
    ],
)
def test_the_database_knows_what_can_be_noted(column: str, value: str, words: str) -> None:
    held()
    with refused_by_database(words):
        execute("SET LOCAL session_replication_role = replica")
        execute(f"UPDATE transactions_duplicatenote SET {column} = %s", value)


@pytest.mark.parametrize("statement", ["UPDATE {} SET at = now()", "DELETE FROM {}"])
def test_a_note_stays_as_it_was_written(statement: str) -> None:
    held()
    with refused_by_database("append_only"):
        execute(statement.format("transactions_duplicatenote"))
