"""What a duplicate is answered never tells of another partner's payments, nor of accounts that are the partner's no longer."""

from __future__ import annotations

import json

import pytest

from accounts.partner_access import Right
from bankops.core import clock
from bankops.core.models import OutboxMessage
from tests.accounts.factories import cny
from tests.api.callers import System, code_of, give, said
from tests.api.conftest import Desk
from tests.consent import as_if_consented
from tests.transactions.factories import transfer
from transactions.models import DuplicateNote, Transaction
from transactions.services import duplicate_notes

pytestmark = pytest.mark.django_db


def second(desk: Desk) -> System:
    """Return a system of another partner that may use the same two accounts."""
    other = System()
    give(other.partner, desk.payer, Right.READ, Right.DEBIT)
    give(other.partner, desk.payee, Right.CREDIT)
    return other


def noted() -> list[tuple[str, str]]:
    return list(DuplicateNote.objects.order_by("at", "id").values_list("answer", "cause"))


def test_a_look_alike_of_another_partners_payment_is_held_and_names_nothing(desk: Desk) -> None:
    strangers = said(desk.system.post("transfers", desk.transfer()), 201)
    other = second(desk)
    answer = other.post("transfers", desk.transfer(reference="INV-9"))
    told = said(answer, 202)
    assert (told["status"], told["held_because"]) == ("held", "possible_duplicate")
    assert (told["possible_duplicate_of"], told["ordinal"]) == (None, None)
    held = Transaction.objects.get(external_reference="INV-9")
    assert held.twin is not None  # the bank's own people read of it
    assert held.twin.public_id == strangers["id"]
    expanded = other.get(f"transfers/{told['id']}", {"expand": "possible_duplicate_of"})
    announced = OutboxMessage.objects.filter(subject_id=held.public_id).get().payload
    for seen in (answer.content.decode(), expanded.content.decode(), json.dumps(announced)):
        assert strangers["id"] not in seen
        assert strangers["bank_reference"] not in seen


def test_a_look_alike_of_the_banks_own_payment_names_nothing(desk: Desk) -> None:
    with as_if_consented():
        own = transfer(desk.payer, desk.payee, cny("100.00"), now=clock.now())
    answer = desk.system.post("transfers", desk.transfer())
    assert said(answer, 202)["possible_duplicate_of"] is None
    assert own.public_id not in answer.content.decode()


def test_among_own_and_others_only_ones_own_are_named_and_counted(desk: Desk) -> None:
    said(desk.system.post("transfers", desk.transfer()), 201)
    other = second(desk)
    first = said(other.post("transfers", desk.transfer(reference="INV-8")), 202)
    said(desk.system.post("transfers", desk.transfer(reference="INV-2")), 202)
    told = said(other.post("transfers", desk.transfer(reference="INV-9")), 202)
    assert (told["possible_duplicate_of"], told["ordinal"]) == (first["id"], 2)


def test_a_look_alike_of_ones_own_names_it(desk: Desk) -> None:
    first = said(desk.system.post("transfers", desk.transfer()), 201)
    again = said(desk.system.post("transfers", desk.transfer(reference="INV-2")), 202)
    assert again["possible_duplicate_of"] == first["id"]
    announced = OutboxMessage.objects.filter(subject_id=again["id"]).get().payload
    assert announced["possible_duplicate_of"] == first["id"]


def test_an_account_is_named_as_it_was_written_when_rights_are_lost(desk: Desk) -> None:
    first = said(desk.system.post("transfers", desk.transfer()), 201)
    desk.payer.partner_grants.all().delete()
    desk.payee.partner_grants.all().delete()
    for answer in (desk.system.get(f"transfers/{first['id']}"), desk.system.get("transfers")):
        shown = answer.content.decode()
        assert desk.payer.number not in shown
        assert desk.payee.number not in shown
        assert desk.payee.public_id in shown


def test_a_payee_named_by_number_stays_so(desk: Desk) -> None:
    system = System(may_credit_any=True)
    give(system.partner, desk.payer, Right.DEBIT)
    told = said(system.post("transfers", desk.transfer(to_account={"number": desk.strange.number})), 201)
    assert told["to_account"] == desk.strange.number
    assert desk.strange.public_id not in json.dumps(told)
    give(system.partner, desk.strange, Right.READ)
    assert said(system.get(f"transfers/{told['id']}"))["to_account"] == desk.strange.public_id


def test_what_came_in_again_is_noted(desk: Desk) -> None:
    first = said(desk.system.post("transfers", desk.transfer(), key="k-1"), 201)
    desk.system.post("transfers", desk.transfer(), key="k-1")
    code_of(desk.system.post("transfers", desk.transfer("101.00"), key="k-1"))
    code_of(desk.system.post("transfers", desk.transfer("9.00"), key="k-2"))
    desk.system.post("transfers", desk.transfer(reference="INV-2"), key="k-3")
    assert noted() == [
        ("REPLAYED", "same_key"),
        ("REFUSED", "other_content"),
        ("REFUSED", "same_reference"),
        ("HELD", "look_alike"),
    ]
    named = {note.cause: note for note in DuplicateNote.objects.all()}
    row = Transaction.objects.get(external_reference="INV-1")
    assert row.public_id == first["id"]
    for cause in ("same_key", "same_reference"):
        note = named[cause]
        assert (note.transaction, note.partner_id, note.credential) == (
            row,
            desk.system.partner.pk,
            desk.system.credential.public_id,
        )
        assert (note.amount, note.currency) == (100_00, "CNY")
        assert note.record.startswith("idk_")


def test_a_note_that_cannot_be_written_takes_no_answer_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = desk.system.post("transfers", desk.transfer(), key="k-1")
    monkeypatch.setattr(duplicate_notes, "_NOTE_IN_TRANSACTION", "INSERT INTO nowhere VALUES (%(id)s)")
    monkeypatch.setattr(duplicate_notes, "_NOTE_ALONE", None)  # no SQL: it would spoil the transaction around this test
    refused = desk.system.post("transfers", desk.transfer("9.00"), key="k-2")
    assert code_of(refused) == "duplicate_reference"
    again = desk.system.post("transfers", desk.transfer("9.00"), key="k-2")
    assert again.content == refused.content
    assert desk.system.post("transfers", desk.transfer(), key="k-1").content == first.content
    assert noted() == []
