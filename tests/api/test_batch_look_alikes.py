"""What comes again in batches and beside them: look-alikes of what waits, references, bands of policies, and sums too large."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.db import transaction
from django.http import HttpResponse

from accounts.partner_access import Right
from approvals.models import ApprovalRequest
from approvals.services.policies import write_version
from bankops.core import clock, rate_limit
from bankops.core.key_lock import lock_on
from bankops.core.money import Money
from bankops.core.rate_limit import Limit, Limiter
from tests.accounts.factories import OU_YAN, make_account, make_branch, make_customer
from tests.api.callers import code_of, give, said
from tests.api.conftest import Desk
from tests.api.test_transfer_batches import batch, line, place, statuses, used
from tests.approvals.factories import approve_all
from tests.approvals.policies.documents import at_least, condition, document
from tests.consent import as_if_consented
from tests.core.own_redis import Server
from tests.transactions.factories import transfer
from tests.unchanged import nothing_changes
from transactions.models import BatchState, DuplicateNote, State, Transaction, TransferBatch
from transactions.transfer_batches import rights
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db

LARGE = "900000.00"


def items_of(desk: Desk, told: dict[str, Any]) -> list[tuple[str, str | None]]:
    rows = said(desk.system.get(f"transfer-batches/{told['id']}/items"))["data"]
    return [(row["status"], row["code"]) for row in rows]


def single(desk: Desk, amount: str, reference: str) -> HttpResponse:
    return desk.system.post("transfers", desk.transfer(amount, reference=reference))


def write_policy(name: str, **changes: Any) -> None:
    with as_if_consented(), transaction.atomic():
        write_version(name=name, definition=document(**changes), actor=OU_YAN, reason="Board", now=clock.now())


@pytest.mark.parametrize(
    ("amounts", "param"),
    [
        (["92233720368547758.07"], "items.0.amount"),
        (["40000000000000000.01"], "items.0.amount"),
        (["30000000000000000.00"] * 4, "items"),
    ],
)
def test_more_than_the_books_hold_is_refused_before_anything_is_kept(
    desk: Desk, amounts: list[str], param: str
) -> None:
    with nothing_changes():
        answer = place(desk, *[line(desk, number, amount) for number, amount in enumerate(amounts)])
    assert (answer.status_code, code_of(answer)) == (422, "amount_too_large")
    assert json.loads(answer.content)["param"] == param


def test_a_policy_about_a_band_finds_its_transfer_under_a_larger_one(desk: Desk) -> None:
    band = [at_least("1000.00 CNY"), condition("amount", "at_most", "2000.00 CNY")]
    write_policy("Band", blocks=[band])
    assert said(place(desk, line(desk, 1, "2500.00"), line(desk, 2, "500.00")), 201)["status"] == "posted"
    items = line(desk, 3, "1500.00"), line(desk, 4, "2501.00")
    assert said(place(desk, *items, reference="PAYROLL-2"), 202)["status"] == "awaiting_approval"
    fired = ApprovalRequest.objects.get().versions.get().fired
    assert [one["policy_name"] for one in fired] == ["Band"]


def test_a_cent_from_another_branch_does_not_hide_the_branch(desk: Desk) -> None:
    with as_if_consented():
        elsewhere = make_account("5.00", customer=make_customer(branch=make_branch()))
    give(desk.system.partner, elsewhere, Right.DEBIT)
    branch = desk.payer.branch.code if desk.payer.branch else ""
    ours = [condition("branch", "one_of", [branch]), at_least("15.00 CNY")]
    write_policy("Our branch", operations=["transactions.transfer_batch"], blocks=[ours])
    items = line(desk, 1), line(desk, 2, "6.00"), line(desk, 3, "0.01", from_account=elsewhere.public_id)
    assert said(place(desk, *items), 202)["status"] == "awaiting_approval"


def test_a_few_reasons_of_a_policy_are_kept_of_many_transfers(desk: Desk) -> None:
    write_policy("Single transfers", blocks=[[at_least("1.00 CNY")]])
    place(desk, *[line(desk, number, f"{number + 1}.00") for number in range(40)])
    (fired,) = ApprovalRequest.objects.get().versions.get().fired
    assert len(fired["reasons"]) == 5
    assert "40.00" in fired["reasons"][0]


class TestWhatWaitsInABatch:
    def test_a_single_transfer_like_it_is_held(self, desk: Desk) -> None:
        told = said(place(desk, line(desk, 1, LARGE), line(desk, 2, "77.00")), 202)
        held = said(single(desk, "77.00", "S-1"), 202)
        assert (held["held_because"], held["possible_duplicate_of"]) == ("possible_duplicate", None)
        approve_all(ApprovalRequest.objects.get())
        assert items_of(desk, told) == [("posted", None), ("posted", None)]  # it came first
        assert Transaction.objects.filter(debit_account=desk.payer, amount=77_00, state=State.POSTED).count() == 1
        assert verify_books().ok

    def test_items_of_another_batch_like_it_are_held(self, desk: Desk) -> None:
        said(place(desk, line(desk, 1, LARGE), line(desk, 2, "77.00")), 202)
        told = said(place(desk, line(desk, 3, "77.00"), line(desk, 4, "78.00"), reference="PAYROLL-2"), 201)
        assert [item["status"] for item in told["items"]] == ["held", "posted"]

    def test_what_has_ended_is_no_reason(self, desk: Desk) -> None:
        told = said(place(desk, line(desk, 1, LARGE), line(desk, 2, "77.00")), 202)
        desk.system.post(f"transfer-batches/{told['id']}/cancel", {"reason": "wrong month"})
        assert said(single(desk, "77.00", "S-1"), 201)["status"] == "posted"

    def test_what_was_paid_while_it_waited_is_not_paid_again(self, desk: Desk) -> None:
        told = said(place(desk, line(desk, 1, LARGE), line(desk, 2, "77.00")), 202)
        with as_if_consented():  # by a teller, whose transfers are not compared
            paid = transfer(desk.payer, desk.payee, Money.parse("77.00", "CNY"), now=clock.now())
        approve_all(ApprovalRequest.objects.get())
        assert items_of(desk, told) == [("posted", None), ("held", None)]
        held = Transaction.objects.get(external_reference="PAY-2")
        assert (held.state, held.twin_id) == (State.HELD, paid.pk)
        assert Transaction.objects.filter(debit_account=desk.payer, amount=77_00, state=State.POSTED).count() == 1
        confirmed = desk.system.post(f"transfers/{held.public_id}/confirm", {"reason": "both are due"})
        assert said(confirmed, 201)["status"] == "posted"
        assert verify_books().ok

    def test_what_reviewers_were_told_of_is_paid(self, desk: Desk) -> None:
        said(single(desk, "77.00", "S-1"), 201)
        told = said(place(desk, line(desk, 1, LARGE), line(desk, 2, "77.00")), 202)
        again = said(place(desk, line(desk, 3, "800000.00"), line(desk, 4, "77.00"), reference="PAYROLL-2"), 202)
        one, two = ApprovalRequest.objects.order_by("created_at")
        assert any("look like payments" in warning for warning in two.versions.get().description["warnings"])
        approve_all(one)
        assert items_of(desk, told) == [("posted", None), ("held", None)]  # the second came later
        approve_all(two)
        assert items_of(desk, again) == [("posted", None), ("posted", None)]


def test_a_reference_used_while_it_waited_is_refused_by_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second batch looked for used references before the first was there for it to see."""
    one = said(place(desk, line(desk, 1, LARGE), line(desk, 2, "77.00")), 202)
    with monkeypatch.context() as patch:
        patch.setattr(rights, "refuse_known_references", lambda _draft: False)
        two = said(place(desk, line(desk, 3, "800000.00"), line(desk, 2, "78.00"), reference="PAYROLL-2"), 202)
    first, second = ApprovalRequest.objects.order_by("created_at")
    approve_all(second)
    assert items_of(desk, two) == [("posted", None), ("refused", "duplicate_reference")]
    approve_all(first)
    assert items_of(desk, one) == [("posted", None), ("posted", None)]
    assert used(desk) == 1_700_077_00
    assert DuplicateNote.objects.get(cause="same_reference").answer == "REFUSED"
    assert verify_books().ok


def test_references_refused_inside_a_batch_are_noted(desk: Desk) -> None:
    first = said(single(desk, "60.00", "PAY-1"), 201)
    told = said(place(desk, line(desk, 1, "61.00"), line(desk, 2), line(desk, 2, "11.00")), 201)
    assert [status for status, _code, _param in statuses(told)] == ["refused", "posted", "refused"]
    notes = DuplicateNote.objects.filter(answer="REFUSED", cause="same_reference").order_by("id")
    assert [note.transaction and note.transaction.public_id for note in notes] == [
        first["id"],
        told["items"][1]["transfer"],
    ]
    assert {(note.partner_id, note.credential, note.record[:4]) for note in notes} == {
        (desk.system.partner.pk, desk.system.credential.public_id, "idk_")
    }
    assert [note.amount for note in notes] == [60_00, 10_00]


def test_a_batch_that_has_come_in_and_stands_nowhere_yet_is_listed(desk: Desk) -> None:
    now = clock.now()
    about = {"total": 1_00, "item_count": 1, "all_or_nothing": False, "content_hash": bytes(32), "created_at": now}
    TransferBatch.objects.create(
        partner=desk.system.partner,
        reference="P-1",
        state=BatchState.RECEIVED,
        currency="CNY",
        business_date=clock.business_date(now),
        **about,
    )
    (row,) = said(desk.system.get("transfer-batches"))["data"]
    assert (row["status"], row["counts"]) == ("received", {})


class TestTheLockOnItsKey:
    """Twenty items cost one unit more, which is spent after the lock was taken."""

    @pytest.fixture
    def server(self, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
        server = Server(tmp_path_factory.mktemp("r"))
        limiter = Limiter(server.url)
        monkeypatch.setattr(rate_limit, "_shared", lambda: limiter)
        yield server
        server.kill()

    def test_it_is_let_go_of_with_the_answer(self, desk: Desk, server: Server) -> None:
        said(place(desk, *[line(desk, number, f"{number + 1}.00") for number in range(20)]), 201)
        with redis.Redis.from_url(server.url) as client:
            assert client.keys("rate:credential:*")
            assert client.keys("idem:*") == []

    def test_who_comes_while_it_is_held_begins_nothing(self, desk: Desk, server: Server) -> None:
        held = lock_on(desk.system.credential.public_id, "k-1")
        Limiter(server.url).spend("li", Limit(1_000, 1_000), 1, lock=held)
        body = batch(*[line(desk, number, f"{number + 1}.00") for number in range(20)])
        answer = desk.system.post("transfer-batches", body, key="k-1")
        assert (answer.status_code, code_of(answer)) == (409, "request_in_flight")
        assert not TransferBatch.objects.exists()
