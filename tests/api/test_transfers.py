"""A partner's transfers over HTTP: posted, waiting, taken back, read and listed, and never twice."""

from __future__ import annotations

import json

import pytest

from approvals.models import ApprovalRequest
from partners.models import PartnerUsage
from tests.accounts.factories import make_account
from tests.api.callers import LIMITS, System, code_of, give, said
from tests.api.conftest import Desk
from tests.approvals.factories import approve_all, reject
from tests.consent import as_if_consented
from tests.unchanged import nothing_changes
from transactions.models import Kind, State, Transaction, TransactionNote

pytestmark = pytest.mark.django_db


def used(desk: Desk) -> int:
    """Return how much of its day the partner has used up, in minor units."""
    return sum(PartnerUsage.objects.filter(partner=desk.system.partner).values_list("used", flat=True))


def balance_of(desk: Desk, name: str) -> int:
    account = getattr(desk, name)
    account.balance.refresh_from_db()
    return int(account.balance.ledger)


def test_a_transfer_is_posted_and_says_so(desk: Desk) -> None:
    answer = desk.system.post("transfers", desk.transfer("1250.00", narrative="Invoice 1", metadata={"terminal": "3"}))
    told = said(answer, 201)
    assert (told["status"], told["amount"], told["currency"]) == ("posted", "1250.00", "CNY")
    assert (told["reference"], told["narrative"], told["metadata"]) == ("INV-1", "Invoice 1", {"terminal": "3"})
    assert (told["from_account"], told["to_account"]) == (desk.payer.public_id, desk.payee.public_id)
    assert told["id"].startswith("tr_")
    assert answer["Location"] == f"/api/v1/transfers/{told['id']}"
    assert balance_of(desk, "payer") == 4_998_750_00
    assert balance_of(desk, "payee") == 1_260_00
    assert used(desk) == 1_250_00
    row = Transaction.objects.get(kind=Kind.TRANSFER)
    assert (row.state, row.partner_id, row.maker_id) == (
        State.POSTED,
        desk.system.partner.pk,
        desk.system.credential.public_id,
    )


def test_every_answer_has_an_id_and_says_how_the_rate_stands(desk: Desk) -> None:
    answers = [
        desk.system.post("transfers", desk.transfer()),
        desk.system.get("transfers"),
        desk.system.get("transfers/tr_nothing"),
        desk.system.get("nowhere"),
    ]
    for answer in answers:
        assert answer["Request-Id"] or answer["X-Request-ID"]
    assert all("RateLimit-Remaining" in answer for answer in answers[:3])


def test_the_same_key_is_the_same_transfer_to_the_byte(desk: Desk) -> None:
    first = desk.system.post("transfers", desk.transfer(), key="k-1")
    with nothing_changes():
        again = desk.system.post("transfers", desk.transfer(), key="k-1")
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert again["Location"] == first["Location"]
    assert Transaction.objects.filter(kind=Kind.TRANSFER).count() == 1


def test_the_same_key_with_other_content_is_refused(desk: Desk) -> None:
    desk.system.post("transfers", desk.transfer(), key="k-1")
    with nothing_changes():
        answer = desk.system.post("transfers", desk.transfer("101.00"), key="k-1")
    assert (answer.status_code, code_of(answer)) == (422, "idempotency_key_reused")


def test_a_replay_asks_for_rights_again(desk: Desk) -> None:
    desk.system.post("transfers", desk.transfer(), key="k-1")
    desk.payer.partner_grants.all().delete()
    answer = desk.system.post("transfers", desk.transfer(), key="k-1")
    assert (answer.status_code, code_of(answer)) == (422, "unknown_account")


def test_the_same_reference_is_refused_for_ever(desk: Desk) -> None:
    first = said(desk.system.post("transfers", desk.transfer()), 201)
    answer = desk.system.post("transfers", desk.transfer("9.00"))
    assert (answer.status_code, code_of(answer)) == (409, "duplicate_reference")
    assert json.loads(answer.content)["context"]["transaction"] == first["id"]
    assert Transaction.objects.filter(kind=Kind.TRANSFER).count() == 1
    assert used(desk) == 100_00


def test_the_same_reference_is_refused_while_the_first_waits(desk: Desk) -> None:
    first = said(desk.system.post("transfers", desk.transfer("2000000.00")), 202)
    for amount in ("2000000.00", "2000001.00"):  # the gate would notice the first, the reference both
        answer = desk.system.post("transfers", desk.transfer(amount))
        assert (answer.status_code, code_of(answer)) == (409, "duplicate_reference")
        assert json.loads(answer.content)["context"]["transaction"] == first["id"]
    assert ApprovalRequest.objects.count() == 1
    assert used(desk) == 2_000_000_00


def test_a_look_alike_is_held_and_points_to_its_twin(desk: Desk) -> None:
    first = said(desk.system.post("transfers", desk.transfer()), 201)
    answer = desk.system.post("transfers", desk.transfer(reference="INV-2"))
    told = said(answer, 202)
    assert (told["status"], told["held_because"]) == ("held", "possible_duplicate")
    assert told["possible_duplicate_of"] == first["id"]
    assert told["booking_date"] is None
    assert balance_of(desk, "payee") == 110_00


def test_a_large_one_waits_and_is_never_called_a_success(desk: Desk) -> None:
    answer = desk.system.post("transfers", desk.transfer("2000000.00"))
    told = said(answer, 202)
    assert told["status"] == "awaiting_approval"
    request = ApprovalRequest.objects.get()
    assert told["approval"]["reference"] == request.reference
    assert told["approval"]["waiting_for"] == "bank"
    assert "Fang" not in answer.content.decode()
    assert balance_of(desk, "payee") == 10_00
    approve_all(request)
    assert said(desk.system.get(f"transfers/{told['id']}"))["status"] == "posted"
    assert balance_of(desk, "payee") == 2_000_010_00


def test_what_is_rejected_gives_its_allowance_back(desk: Desk) -> None:
    told = said(desk.system.post("transfers", desk.transfer("2000000.00")), 202)
    assert used(desk) == 2_000_000_00
    reject(ApprovalRequest.objects.get())
    assert said(desk.system.get(f"transfers/{told['id']}"))["status"] == "rejected"
    assert used(desk) == 0


@pytest.mark.parametrize("held", [False, True], ids=["waiting", "held"])
def test_what_was_not_carried_out_can_be_taken_back(desk: Desk, held: bool) -> None:
    if held:
        desk.system.post("transfers", desk.transfer())
        told = said(desk.system.post("transfers", desk.transfer(reference="INV-2")), 202)
    else:
        told = said(desk.system.post("transfers", desk.transfer("2000000.00")), 202)
    before = used(desk)
    answer = desk.system.post(f"transfers/{told['id']}/cancel", {"reason": "sent by mistake"})
    assert said(answer)["status"] == "cancelled"
    assert said(desk.system.get(f"transfers/{told['id']}"))["status"] == "cancelled"
    amount = 100_00 if held else 2_000_000_00
    assert used(desk) == before - amount
    desk.payer.balance.refresh_from_db()
    assert desk.payer.balance.held == 0
    listed = said(desk.system.get("transfers", {"status": "cancelled"}))["data"]
    assert [row["id"] for row in listed] == [told["id"]]
    again = desk.system.post(f"transfers/{told['id']}/cancel", {"reason": "once more"})
    assert (again.status_code, code_of(again)) == (409, "not_cancellable")


def test_what_is_posted_cannot_be_taken_back(desk: Desk) -> None:
    told = said(desk.system.post("transfers", desk.transfer()), 201)
    answer = desk.system.post(f"transfers/{told['id']}/cancel", {"reason": "changed my mind"})
    assert (answer.status_code, code_of(answer)) == (409, "not_cancellable")
    assert balance_of(desk, "payee") == 110_00


def test_another_partner_s_transfer_is_not_there(desk: Desk) -> None:
    told = said(desk.system.post("transfers", desk.transfer()), 201)
    other = System()
    give(other.partner, desk.payer)
    answers = [
        other.get(f"transfers/{told['id']}"),
        other.post(f"transfers/{told['id']}/cancel", {"reason": "mine?"}),
        other.patch(f"transfers/{told['id']}", {"metadata": {}}, If_Match="*"),
    ]
    assert [(answer.status_code, code_of(answer)) for answer in answers] == [(404, "not_found")] * 3
    assert said(other.get("transfers"))["data"] == []


def test_another_credential_of_the_partner_sees_it_and_has_keys_of_its_own(desk: Desk) -> None:
    told = said(desk.system.post("transfers", desk.transfer(), key="k-1"), 201)
    other = System(desk.system.partner)
    assert said(other.get(f"transfers/{told['id']}"))["id"] == told["id"]
    second = said(other.post("transfers", desk.transfer("8.00", reference="INV-2"), key="k-1"), 201)
    assert second["id"] != told["id"]


def test_a_payee_can_be_named_by_number_and_is_told_so(desk: Desk) -> None:
    system = System(may_credit_any=True)
    give(system.partner, desk.payer)
    number = f"{desk.strange.number[:4]} {desk.strange.number[4:]}"
    told = said(system.post("transfers", desk.transfer(to_account={"number": number})), 201)
    assert told["to_account"] == number
    assert desk.strange.public_id not in json.dumps(told)


def test_an_account_it_was_given_no_right_to_has_no_id_for_it(desk: Desk) -> None:
    system = System(may_credit_any=True)
    give(system.partner, desk.payer)
    answer = system.post("transfers", desk.transfer(to_account=desk.strange.public_id))
    assert (answer.status_code, code_of(answer)) == (422, "unknown_account")
    assert desk.strange.number not in answer.content.decode()


def test_a_list_is_read_in_pages_that_neither_skip_nor_repeat(desk: Desk) -> None:
    made = []
    for number in range(5):
        body = desk.transfer(f"{number + 1}.00", reference=f"INV-{number}")
        made.append(said(desk.system.post("transfers", body), 201)["id"])
    read, cursor = [], None
    for _page in range(3):
        page = said(desk.system.get("transfers", {"limit": "2", **({"cursor": cursor} if cursor else {})}))
        read += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
        assert page["has_more"] is bool(cursor)
    assert read == made[::-1]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"reference": "INV-2"}, ["INV-2"]),
        ({"status": "awaiting_approval"}, ["INV-2"]),
        ({"status": "posted"}, ["INV-1"]),
        ({"status": "failed"}, []),
        ({"created_from": "2100-01-01T00:00:00Z"}, []),
        ({"created_to": "2100-01-01T00:00:00Z"}, ["INV-2", "INV-1"]),
    ],
)
def test_a_list_is_narrowed(desk: Desk, filters: dict[str, str], found: list[str]) -> None:
    desk.system.post("transfers", desk.transfer())
    desk.system.post("transfers", desk.transfer("2000000.00", reference="INV-2"))
    assert [row["reference"] for row in said(desk.system.get("transfers", filters))["data"]] == found


def test_a_list_by_account(desk: Desk) -> None:
    desk.system.post("transfers", desk.transfer())
    for name, count in (("from_account", 1), ("to_account", 0)):
        assert len(said(desk.system.get("transfers", {name: desk.payer.public_id}))["data"]) == count


def test_expanding_shows_only_what_may_be_read(desk: Desk) -> None:
    told = said(desk.system.post("transfers", desk.transfer()), 201)
    read = said(desk.system.get(f"transfers/{told['id']}", {"expand": "from_account,to_account"}))
    assert read["from_account"]["number"] == desk.payer.number
    assert read["from_account"]["balance"]["ledger"] == "4999900.00"
    assert read["to_account"] == desk.payee.public_id


def test_a_twin_is_expanded(desk: Desk) -> None:
    first = said(desk.system.post("transfers", desk.transfer()), 201)
    told = said(desk.system.post("transfers", desk.transfer(reference="INV-2")), 202)
    read = said(desk.system.get(f"transfers/{told['id']}", {"expand": "possible_duplicate_of"}))
    assert read["possible_duplicate_of"]["id"] == first["id"]


def test_what_was_read_is_not_sent_twice(desk: Desk) -> None:
    told = said(desk.system.post("transfers", desk.transfer()), 201)
    first = desk.system.get(f"transfers/{told['id']}")
    again = desk.system.get(f"transfers/{told['id']}", If_None_Match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def test_metadata_is_replaced_by_who_saw_it(desk: Desk) -> None:
    made = desk.system.post("transfers", desk.transfer(metadata={"a": "1"}))
    path = f"transfers/{said(made, 201)['id']}"
    changed = desk.system.patch(path, {"metadata": {"b": "2"}}, If_Match=made["ETag"])
    assert said(changed)["metadata"] == {"b": "2"}
    for headers, expected in (
        ({}, (428, "if_match_required")),
        ({"If_Match": made["ETag"]}, (412, "changed_meanwhile")),
    ):
        answer = desk.system.patch(path, {"metadata": {"c": "3"}}, **headers)
        assert (answer.status_code, code_of(answer)) == expected
    note = TransactionNote.objects.get()
    assert (note.metadata, note.version) == ({"b": "2"}, 2)


def test_metadata_can_come_later(desk: Desk) -> None:
    made = desk.system.post("transfers", desk.transfer())
    assert not TransactionNote.objects.exists()
    path = f"transfers/{said(made, 201)['id']}"
    assert said(desk.system.patch(path, {"metadata": {"b": "2"}}, If_Match=made["ETag"]))["metadata"] == {"b": "2"}


def test_beyond_its_limits_a_partner_moves_nothing(desk: Desk) -> None:
    system = System(limits={"CNY": (50_00, 80_00)})
    for account in (desk.payer, desk.payee):
        give(system.partner, account)
    with nothing_changes():
        too_much = system.post("transfers", desk.transfer("50.01"))
    assert (too_much.status_code, code_of(too_much)) == (422, "partner_limit_exceeded")
    assert said(system.post("transfers", desk.transfer("50.00")), 201)["status"] == "posted"
    beyond = system.post("transfers", desk.transfer("30.01", reference="INV-2"))
    assert (beyond.status_code, code_of(beyond)) == (422, "partner_limit_exceeded")
    assert said(system.post("transfers", desk.transfer("30.00", reference="INV-3")), 201)["status"] == "posted"


def test_a_currency_nobody_agreed_to_is_refused(desk: Desk) -> None:
    with as_if_consented():
        dollars, more = make_account("100.00", currency="USD"), make_account("1.00", currency="USD")
    for account in (dollars, more):
        give(desk.system.partner, account)
    body = desk.transfer(from_account=dollars.public_id, to_account=more.public_id, currency="USD")
    assert set(LIMITS) == {"CNY"}
    assert code_of(desk.system.post("transfers", body)) == "partner_limit_missing"
