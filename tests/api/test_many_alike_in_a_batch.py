"""However many items of one batch are equal, they keep its accounts locked for one posting and one writing, not one each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Restriction
from accounts.partner_access import Right
from bankops.core.models import AuditEvent, OutboxMessage
from tests.accounts.factories import freeze
from tests.api.callers import give, said
from tests.api.conftest import Desk
from tests.api.test_alike_in_a_batch import stands, transfer_of, write_policy
from tests.api.test_transfer_batches import line, place, statuses, used
from transactions import ledger
from transactions.ledger import EntryDraft, Result
from transactions.models import DuplicateNote, State, Transaction
from transactions.services import batch_posting
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db

FEW, MANY = 5, 40


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many entries the journal is asked to post, call by call."""
    calls, post = list[int](), ledger.post

    def counted(drafts: Sequence[EntryDraft], *, now: datetime) -> list[Result]:
        calls.append(len(drafts))
        return post(drafts, now=now)

    monkeypatch.setattr(ledger, "post", counted)
    return calls


def poor_of(desk: Desk) -> dict[str, Any]:
    """Let the payee, who has 10.00, pay, and the payer be paid."""
    give(desk.system.partner, desk.payee, Right.DEBIT)
    give(desk.system.partner, desk.payer, Right.CREDIT)
    return {"from_account": desk.payee.public_id, "to_account": desk.payer.public_id}


def placed(desk: Desk, first: int, count: int, amount: str, **named: Any) -> tuple[dict[str, Any], int]:
    """Place equal items; return the answer and the number of statements."""
    lines = [line(desk, first + n, amount, **named) for n in range(count)]
    with CaptureQueriesContext(connection) as asked:
        answer = place(desk, *lines, reference=f"B-{first}")
    return said(answer, 201), len(asked)


def test_many_without_money_are_refused_at_once(desk: Desk, asked: list[int]) -> None:
    poor = poor_of(desk)
    told, _statements = placed(desk, 1, MANY, "16.00", **poor)
    assert statuses(told) == [("refused", "insufficient_funds", "from_account")] * MANY
    assert asked == [1]
    assert not Transaction.objects.filter(partner=desk.system.partner).exists()


def test_many_to_a_blocked_account_are_refused_at_once(desk: Desk, asked: list[int]) -> None:
    freeze(desk.payee, Restriction.BLOCK_CREDIT)
    told, _statements = placed(desk, 1, MANY, "3.00")
    assert statuses(told) == [("refused", "payee_unavailable", "to_account")] * MANY
    assert asked == [1]


def test_many_held_back_are_written_at_once_and_each_is_told_of(desk: Desk) -> None:
    placed(desk, 100, FEW, "1.00")
    _few, statements = placed(desk, 200, FEW, "2.00")
    many, as_many = placed(desk, 300, MANY, "3.00")
    assert stands(many) == ["posted", *["held"] * (MANY - 1)]
    assert as_many == statements
    held = Transaction.objects.filter(state=State.HELD, amount=3_00).order_by("pk")
    assert [row.external_reference for row in held] == [one["reference"] for one in many["items"][1:]]
    assert [row.ordinal for row in held] == list(range(2, MANY + 1))
    first = Transaction.objects.get(state=State.POSTED, amount=3_00)
    assert {row.twin_id for row in held} == {first.pk}
    ids = [row.public_id for row in held]
    told = AuditEvent.objects.filter(event_type="transactions.transfer.held", subject_id__in=ids).order_by("pk")
    announced = OutboxMessage.objects.filter(topic="transactions.transfer.held", subject_id__in=ids).order_by("pk")
    assert [one.subject_id for one in told] == [one.subject_id for one in announced] == ids
    assert {one.payload["possible_duplicate_of"] for one in announced} == {first.public_id}
    assert DuplicateNote.objects.filter(transaction__in=held, answer="HELD").count() == MANY - 1
    assert [row.events.count() for row in held] == [2] * (MANY - 1)
    assert used(desk) == (FEW * 1_00) + (FEW * 2_00) + (MANY * 3_00)
    assert verify_books().ok


def test_what_was_paid_in_meanwhile_gives_the_next_its_chance(desk: Desk) -> None:
    """10.00 are there and 9.00 come in: those before that are refused for good, the next is paid, and the last looks like it."""
    poor = poor_of(desk)
    lines = [line(desk, n, "15.00", **poor) for n in range(3)]
    more = [line(desk, 10 + n, "15.00", **poor) for n in range(2)]
    told = said(place(desk, *lines, line(desk, 5, "9.00"), *more), 201)
    assert stands(told) == ["refused", "refused", "refused", "posted", "posted", "held"]
    assert transfer_of(desk, told, 5)["possible_duplicate_of"] == told["items"][4]["transfer"]
    assert verify_books().ok


def test_too_little_paid_in_is_asked_for_once_more_only(desk: Desk, asked: list[int]) -> None:
    poor = poor_of(desk)
    lines = [one for n in range(10) for one in (line(desk, n, "15.00", **poor), line(desk, 50 + n, f"0.{10 + n}"))]
    told = said(place(desk, *lines), 201)
    assert stands(told) == ["refused", "posted"] * 10
    assert asked == [11, 1]


def test_what_still_waits_after_the_last_round_is_held_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_posting, "_ROUNDS", 1)
    poor = poor_of(desk)
    lines = line(desk, 1, "15.00", **poor), line(desk, 2, "9.00"), line(desk, 3, "15.00", **poor)
    told = said(place(desk, *lines), 201)
    assert stands(told) == ["refused", "posted", "held"]
    assert transfer_of(desk, told, 2)["ordinal"] is None
    confirmed = desk.system.post(f"transfers/{told['items'][2]['transfer']}/confirm", {"reason": "two invoices"})
    assert said(confirmed, 201)["status"] == "posted"


def test_an_item_is_told_of_its_partners_own_outside_as_a_single_one_is(desk: Desk) -> None:
    write_policy(window_minutes=60, twins_tolerated=1, amount_within_basis_points=0, held_hours=72)
    for amount in ("10.00", "20.00"):
        said(desk.system.post("transfers", desk.transfer(amount, reference=f"first-{amount}")), 201)
    told = said(place(desk, line(desk, 1), line(desk, 2)), 201)
    said(desk.system.post("transfers", desk.transfer("20.00", reference="second")), 201)
    single = said(desk.system.post("transfers", desk.transfer("20.00", reference="third")), 202)
    assert stands(told) == ["posted", "held"]
    assert transfer_of(desk, told, 1)["ordinal"] == single["ordinal"] == 3


def test_an_item_that_looks_like_one_outside_only_counts_and_names_it(desk: Desk) -> None:
    first = said(desk.system.post("transfers", desk.transfer("10.00")), 201)
    told = said(place(desk, line(desk, 1), line(desk, 2, "11.00")), 201)
    held = transfer_of(desk, told, 0)
    assert (held["ordinal"], held["possible_duplicate_of"]) == (2, first["id"])
