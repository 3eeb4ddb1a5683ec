"""What is said beforehand is what the journal says: the same attempts, the same answers."""

from __future__ import annotations

import pytest

from accounts.models import Balance
from bankops.core.errors import BankOpsError
from tests.accounts.factories import cny, make_account
from tests.transactions.factories import charge_fee, reverse, transfer
from tests.transactions.refusals import ATTEMPTS
from tests.unchanged import nothing_changes
from transactions.models import Side, Transaction
from transactions.refusals import check_reversible, check_two_sides, is_covered

pytestmark = pytest.mark.django_db

# These are about the entry, not about an account: an instruction with two sides cannot be wrong in such a way.
_OF_ENTRIES = {"unbalanced_entry", "too_few_postings", "unknown_account"}
_TWO_SIDED = [name for name, (code, _make) in ATTEMPTS.items() if code not in _OF_ENTRIES]


@pytest.mark.parametrize("attempt", _TWO_SIDED)
def test_every_refusal_of_the_journal_is_foreseen(attempt: str) -> None:
    code, make = ATTEMPTS[attempt]
    postings, culprit = make()
    debit, credit = (Balance.objects.select_related("account").get(pk=line.account_id) for line in postings)
    assert [line.side for line in postings] == [Side.DEBIT, Side.CREDIT]
    with nothing_changes(), pytest.raises(BankOpsError) as caught:
        check_two_sides(debit, credit, postings[0].amount)
    assert caught.value.code == code
    if culprit:
        assert caught.value.context["account"] == culprit.number


def test_there_are_refusals_to_foresee() -> None:
    assert len(_TWO_SIDED) > 20


def test_what_the_journal_takes_is_not_refused() -> None:
    payer, payee = make_account("100.00", held="20.00", overdraft="10.00"), make_account()
    check_two_sides(payer.balance, payee.balance, cny("90.00"))


def test_a_hold_placed_for_it_counts_as_cover() -> None:
    balance = make_account("100.00", held="80.00").balance
    assert not is_covered(balance, cny("80.00"))
    assert is_covered(balance, cny("80.00"), own_hold=8_000)
    assert not is_covered(balance, cny("100.01"), own_hold=8_000)


def test_what_cannot_be_reversed_is_foreseen() -> None:
    li = make_account("100.00")
    original = transfer(li, make_account(), cny("30.00"))
    reversal = reverse(original)
    original.refresh_from_db()
    check_reversible(charge_fee(li, cny("1.00")))
    for row, code in (
        (original, "already_reversed"),
        (reversal, "reversal_of_reversal"),
        (_failed(), "not_reversible"),
    ):
        with pytest.raises(BankOpsError) as caught:
            check_reversible(row)
        assert caught.value.code == code


def _failed() -> Transaction:
    return Transaction(kind="TRANSFER", state="FAILED", reference="TR-2026-000001")
