"""Deciding in the admin: what the page shows, what the decision leads to, and what is said about it."""

from __future__ import annotations

import pytest

from accounts.models import Account, Restriction
from approvals.models import ApprovalRequest, CodeLock, State
from bankops.core import clock
from staff.models import User
from tests.accounts.factories import freeze, ledger_of
from tests.approvals.admin.conftest import At, Submit, decide, hash_on
from tests.desk import address, code, words
from tests.personas import SignIn, code_of
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db


def test_two_reviewers_carry_a_transfer_out(
    waiting: ApprovalRequest,
    payee: Account,
    first_reviewer: User,
    final_reviewer: User,
    signed_in_client: SignIn,
) -> None:
    first, final = signed_in_client(first_reviewer), signed_in_client(final_reviewer)

    after_first = words(decide(first, waiting, first_reviewer))
    assert "your approval is recorded. Now stage 2 of 2: Final reviewer, by Feng Lei." in after_first
    assert ledger_of(payee) == "0.00"

    after_final = words(decide(final, waiting, final_reviewer, comment="Checked with the branch"))
    assert "is approved and carried out: TR-" in after_final
    assert "“Checked with the branch”" in after_final
    assert ledger_of(payee) == "60000.00"


def test_the_first_reviewer_reads_why_the_final_review_is_not_theirs(
    waiting: ApprovalRequest, first_reviewer: User, signed_in_client: SignIn
) -> None:
    client = signed_in_client(first_reviewer)
    page = words(decide(client, waiting, first_reviewer))
    assert f"Why can I not decide this? Fang Rui decided {waiting.reference} at an earlier stage already." in page
    assert "Who can: Feng Lei" in page
    with nothing_changes():
        answer = client.post(address(waiting, "approve"), {"sight": "", "code": code_of(first_reviewer)})
    assert (answer.status_code, code(answer)) == (403, "decided_already")
    assert "sight" not in answer.content.decode()


def test_a_wrong_code_decides_nothing_and_is_not_shown_again(
    waiting: ApprovalRequest, first_reviewer: User, signed_in_client: SignIn
) -> None:
    client = signed_in_client(first_reviewer)
    url = address(waiting, "approve")
    answer = client.post(url, {"sight": hash_on(client.get(url)), "code": "000000", "comment": "Seen"})
    assert (answer.status_code, code(answer)) == (422, "code_refused")
    assert b"000000" not in answer.content
    assert "Seen" in words(answer)
    assert not waiting.decisions.exists()


def test_a_code_may_have_a_gap_and_full_width_digits(
    waiting: ApprovalRequest, first_reviewer: User, signed_in_client: SignIn
) -> None:
    digits = code_of(first_reviewer)
    typed = f"{digits[:3]} {digits[3:]}".translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    assert "your approval is recorded" in words(
        decide(signed_in_client(first_reviewer), waiting, first_reviewer, code=typed)
    )


def test_without_a_code_nothing_is_decided(
    waiting: ApprovalRequest, first_reviewer: User, signed_in_client: SignIn
) -> None:
    client = signed_in_client(first_reviewer)
    url = address(waiting, "approve")
    shown = hash_on(client.get(url))
    with nothing_changes():
        answer = client.post(url, {"sight": shown, "code": ""})
    assert (answer.status_code, code(answer)) == (422, "code_required")


@pytest.mark.parametrize("sight", ["", "not a hash", "00" * 32])
def test_a_decision_about_something_else_is_refused(
    waiting: ApprovalRequest, first_reviewer: User, signed_in_client: SignIn, sight: str
) -> None:
    client = signed_in_client(first_reviewer)
    with nothing_changes():
        answer = client.post(address(waiting, "approve"), {"sight": sight, "code": code_of(first_reviewer)})
    assert (answer.status_code, code(answer)) == (409, "request_changed")


@pytest.mark.parametrize(("door", "state"), [("reject", State.REJECTED), ("return", State.RETURNED)])
def test_a_refusal_says_why(
    waiting: ApprovalRequest, first_reviewer: User, signed_in_client: SignIn, door: str, state: State
) -> None:
    client = signed_in_client(first_reviewer)
    without = decide(client, waiting, first_reviewer, door)
    assert (without.status_code, code(without)) == (422, "comment_required")

    page = words(decide(client, waiting, first_reviewer, door, comment="The payee's name does not fit"))
    assert "“The payee's name does not fit”" in page
    waiting.refresh_from_db()
    assert waiting.state == state


def test_a_request_overtaken_by_changes_is_never_called_done(
    waiting: ApprovalRequest, payer: Account, first_reviewer: User, final_reviewer: User, at: At
) -> None:
    decide(at("first_reviewer"), waiting, first_reviewer)
    freeze(payer, Restriction.BLOCK_ALL)

    page = words(decide(at("final_reviewer"), waiting, final_reviewer))
    assert "Your decision is recorded, but" in page
    assert "was not carried out" in page
    assert "approved and carried out" not in page
    waiting.refresh_from_db()
    assert waiting.state == State.STALE
    assert ledger_of(payer) == "9000000.00"


def test_the_maker_reads_that_somebody_else_has_to_decide(
    waiting: ApprovalRequest, teller: User, signed_in_client: SignIn
) -> None:
    page = words(signed_in_client(teller).get(address(waiting)))
    assert f"You made {waiting.reference}. Somebody else has to decide it." in page
    assert "Who can: Fang Rui" in page


def test_who_locked_themselves_out_reads_it_on_the_page(
    waiting: ApprovalRequest, first_reviewer: User, signed_in_client: SignIn
) -> None:
    CodeLock.objects.create(user=first_reviewer, failure_count=5, locked_at=clock.now())
    client = signed_in_client(first_reviewer)
    assert "deciding is locked for Fang Rui" in words(client.get(address(waiting)))
    with nothing_changes():
        answer = client.post(address(waiting, "approve"), {"code": code_of(first_reviewer)})
    assert (answer.status_code, code(answer)) == (429, "deciding_locked")


def test_decided_already_shows_why(
    submit: Submit, first_reviewer: User, final_reviewer: User, other_final_reviewer: User, signed_in_client: SignIn
) -> None:
    """A very large transfer takes two final reviewers; the first of them cannot be the second too."""
    row = submit("2000000.00")
    decide(signed_in_client(first_reviewer), row, first_reviewer)
    client = signed_in_client(final_reviewer)
    page = words(decide(client, row, final_reviewer))
    assert "Now stage 2 of 2: Final reviewer, by Fu Xin." in page
    with nothing_changes():
        answer = client.get(address(row, "approve"))
    assert (answer.status_code, code(answer)) == (403, "decided_already")
    done = words(decide(signed_in_client(other_final_reviewer), row, other_final_reviewer))
    assert "is approved and carried out: TR-" in done
