"""`ledger.post`: the one posting path. Each entry wholly or not at all, in order, and every refusal with its code."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Account, Restriction
from bankops.core.money import Money
from tests.accounts.factories import NOW, TODAY, cny, freeze, ledger_of, make_account, own_account
from tests.transactions.factories import codes, credit, debit, entry, mirror_of, moved, post
from tests.transactions.raw_books import call_ledger_post
from tests.transactions.refusals import ATTEMPTS
from tests.unchanged import check_deferred, nothing_changes, refused
from transactions import ledger
from transactions.ledger import BATCH_MAX, POSTINGS_MAX, Result
from transactions.models import JournalEntry, Posting

pytestmark = pytest.mark.django_db


@pytest.fixture
def li() -> Account:
    return make_account("100.00")


@pytest.fixture
def wang() -> Account:
    return make_account("50.00")


# -- one entry ----------------------------------------------------------------------------------------------------------


def test_an_entry_is_written_with_its_postings_and_balances(li: Account, wang: Account) -> None:
    (result,) = post(moved(li, wang, cny("30.00"), key="k"))
    assert (result.code, result.stands, result.account_id) == ("posted", True, None)
    written = JournalEntry.objects.get(pk=result.entry_id or 0)
    assert (written.idempotency_key, written.posting_count, written.limits_enforced) == ("k", 2, True)
    assert (written.booking_date, written.value_date, written.posted_at) == (TODAY, TODAY, NOW)
    first, second = written.postings.order_by("line")
    assert (first.line, first.account, first.side, str(first.money), str(first.balance_after_money)) == (
        1,
        li,
        "D",
        "30.00",
        "70.00",
    )
    assert (second.line, second.account, second.side, second.version) == (2, wang, "C", 2)
    assert (ledger_of(li), ledger_of(wang)) == ("70.00", "80.00")
    check_deferred()


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_an_entry_is_refused_and_nothing_changes(attempt: str) -> None:
    code, build = ATTEMPTS[attempt]
    tried = build()
    with nothing_changes():
        (result,) = post(entry(*tried.postings))
    assert result == Result(code, None, tried.culprit.pk if tried.culprit else None)
    with refused(code):
        ledger.post_one(entry(*tried.postings), now=NOW)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_function_refuses_it_in_sql_too(attempt: str) -> None:
    code, build = ATTEMPTS[attempt]
    tried = build()
    with nothing_changes():
        assert call_ledger_post(*tried.postings) == (code, None, tried.culprit.pk if tried.culprit else None)


@pytest.mark.parametrize(
    ("state", "direction"),
    [
        ({"balance": "5.00", "restriction": Restriction.BLOCK_CREDIT}, debit),
        ({"restriction": Restriction.BLOCK_DEBIT}, credit),
    ],
)
def test_the_side_that_is_not_blocked_moves(li: Account, state: dict[str, object], direction: object) -> None:
    account = make_account(**state)  # type: ignore[arg-type]
    draft = moved(account, li, cny("1.00")) if direction is debit else moved(li, account, cny("1.00"))
    assert codes(post(draft)) == ["posted"]


def test_all_that_is_available_can_go(wang: Account) -> None:
    """Available = ledger 100.00 − held 20.00 + overdraft 50.00 = 130.00."""
    li = make_account("100.00", held="20.00", overdraft="50.00")
    assert codes(post(moved(li, wang, cny("130.00")))) == ["posted"]
    assert ledger_of(li) == "-30.00"
    assert codes(post(moved(li, wang, cny("0.01")))) == ["insufficient_funds"]
    assert codes(post(moved(wang, li, cny("5.00")))) == ["posted"]  # what raises the balance is never refused for it


def test_the_banks_own_accounts_have_no_limit(li: Account) -> None:
    assert codes(post(moved(own_account(), li, cny("1000000.00")))) == ["posted"]
    assert codes(post(moved(li, own_account(), cny("1000000.00")))) == ["posted"]


def test_history_that_happened_is_not_refused_for_its_limit_but_for_everything_else(li: Account, wang: Account) -> None:
    blocked = make_account("1.00", restriction=Restriction.BLOCK_DEBIT)
    results = post(moved(li, wang, cny("500.00"), limits=False), moved(blocked, wang, cny("1.00"), limits=False))
    assert codes(results) == ["posted", "account_blocked"]
    assert ledger_of(li) == "-400.00"
    assert JournalEntry.objects.get(pk=results[0].entry_id or 0).limits_enforced is False


def test_an_account_may_stand_in_an_entry_more_than_once(li: Account, wang: Account) -> None:
    """A transfer of 10.00 with its fee of 1.00, and the change of a mistake: every line chains on the one before."""
    fees = own_account()
    (result,) = post(
        entry(debit(li, cny("10.00")), debit(li, cny("1.00")), credit(wang, cny("10.00")), credit(fees, cny("1.00")))
    )
    lines = Posting.objects.filter(entry_id=result.entry_id, account=li).order_by("version")
    assert [(line.version, str(line.balance_after_money)) for line in lines] == [(2, "90.00"), (3, "89.00")]
    check_deferred()


def test_an_entry_without_postings_is_refused() -> None:
    with nothing_changes():
        assert codes(post(entry(), entry())) == ["too_few_postings"] * 2


def test_an_entry_may_hold_two_currencies_that_balance_each() -> None:
    """The customer sells CNY 100.00 for JPY 2,000: two pairs, each in balance."""
    yuan, yen = make_account("100.00"), make_account(currency="JPY")
    own_yuan, own_yen = own_account(), own_account(currency="JPY")
    draft = entry(
        debit(yuan, cny("100.00")),
        credit(own_yuan, cny("100.00")),
        debit(own_yen, Money(2000, "JPY")),
        credit(yen, Money(2000, "JPY")),
    )
    assert codes(post(draft)) == ["posted"]
    assert (ledger_of(yuan), ledger_of(yen)) == ("0.00", "2000")


# -- the same key ---------------------------------------------------------------------------------------------------------


def test_the_same_key_and_content_is_one_entry(li: Account, wang: Account) -> None:
    draft = moved(li, wang, cny("30.00"), key="k")
    (first,) = post(draft)
    with nothing_changes():
        assert post(draft, draft) == [Result("exists", first.entry_id, None)] * 2
        assert ledger.post_one(draft, now=NOW + timedelta(days=1)) == first.entry_id


def test_the_same_key_within_a_batch_is_one_entry(li: Account, wang: Account) -> None:
    draft = moved(li, wang, cny("30.00"), key="k")
    other = moved(li, wang, cny("1.00"))
    results = post(draft, other, draft, other, draft)
    assert codes(results) == ["posted", "posted", "exists", "posted", "exists"]
    assert results[0].entry_id == results[2].entry_id == results[4].entry_id
    assert ledger_of(li) == "68.00"


def test_a_key_that_was_refused_is_free_again(li: Account, wang: Account) -> None:
    draft = moved(li, wang, cny("130.00"), key="k")
    assert codes(post(draft, moved(wang, li, cny("30.00")), draft)) == ["insufficient_funds", "posted", "posted"]


@pytest.mark.parametrize("change", ["amount", "payee", "order", "limits", "reverses"])
def test_the_same_key_with_other_content_is_refused(li: Account, wang: Account, change: str) -> None:
    (first,) = post(moved(li, wang, cny("30.00"), key="k"))
    drafts = {
        "amount": moved(li, wang, cny("30.01"), key="k"),
        "payee": moved(li, make_account(), cny("30.00"), key="k"),
        "order": entry(credit(wang, cny("30.00")), debit(li, cny("30.00")), key="k"),
        "limits": moved(li, wang, cny("30.00"), key="k", limits=False),
        "reverses": moved(li, wang, cny("30.00"), key="k", reverses=first.entry_id),
    }
    with nothing_changes():
        assert post(drafts[change]) == [Result("idempotency_conflict", None, None)]
    with refused("idempotency_conflict"):
        ledger.post_one(drafts[change], now=NOW)


def test_a_repeat_is_answered_even_where_it_would_be_refused_now(li: Account, wang: Account) -> None:
    draft = moved(li, wang, cny("100.00"), key="k")
    (first,) = post(draft)
    freeze(li, Restriction.BLOCK_ALL)
    assert post(draft) == [Result("exists", first.entry_id, None)]


# -- reversals ------------------------------------------------------------------------------------------------------------


def test_a_reversal_is_refused_the_second_time_and_of_a_reversal_and_of_nothing(li: Account, wang: Account) -> None:
    (original,) = post(moved(li, wang, cny("30.00")))
    assert original.entry_id
    (reversal,) = post(mirror_of(original.entry_id))
    assert (reversal.code, ledger_of(li)) == ("posted", "100.00")
    assert reversal.entry_id
    with nothing_changes():
        assert codes(post(mirror_of(original.entry_id))) == ["already_reversed"]
        assert codes(post(mirror_of(reversal.entry_id))) == ["reversal_of_reversal"]
        assert codes(post(moved(li, wang, cny("1.00"), reverses=999_999_999))) == ["unknown_entry"]


def test_a_reversal_within_the_batch_of_another_is_refused(li: Account, wang: Account) -> None:
    (original,) = post(moved(li, wang, cny("30.00")))
    assert original.entry_id
    mirror = mirror_of(original.entry_id)
    results = post(mirror, moved(li, wang, cny("1.00")), mirror)
    assert codes(results) == ["posted", "posted", "already_reversed"]


def test_a_reversal_that_is_no_mirror_is_refused_and_does_not_disturb_the_batch(li: Account, wang: Account) -> None:
    (original,) = post(entry(debit(li, cny("30.00")), credit(wang, cny("10.00")), credit(wang, cny("20.00"))))
    wrong = [
        moved(wang, li, cny("30.00"), reverses=original.entry_id),
        moved(wang, li, cny("10.00"), reverses=original.entry_id),
        entry(
            credit(li, cny("30.00")),
            debit(wang, cny("10.00")),
            debit(wang, cny("10.00")),
            debit(wang, cny("10.00")),
            reverses=original.entry_id,
        ),
        entry(
            debit(li, cny("30.00")), credit(wang, cny("10.00")), credit(wang, cny("20.00")), reverses=original.entry_id
        ),
    ]
    for draft in wrong:
        assert codes(post(draft, moved(li, wang, cny("1.00")))) == ["reversal_not_a_mirror", "posted"]
        check_deferred()
    in_another_order = entry(
        debit(wang, cny("20.00")), debit(wang, cny("10.00")), credit(li, cny("30.00")), reverses=original.entry_id
    )
    assert codes(post(in_another_order)) == ["posted"]
    check_deferred()


# -- batches --------------------------------------------------------------------------------------------------------------


def test_entries_see_the_balances_as_those_before_them_left_them(li: Account, wang: Account) -> None:
    """Li has 100.00, Wang 50.00. Money that has just come in can go out; what has gone cannot go again."""
    results = post(
        moved(li, wang, cny("100.00")),  # Li 0, Wang 150
        moved(li, wang, cny("0.01")),  # Li has nothing left
        moved(wang, li, cny("150.00")),  # Li 150, Wang 0
        moved(li, wang, cny("150.00")),  # Li 0, Wang 150
    )
    assert codes(results) == ["posted", "insufficient_funds", "posted", "posted"]
    assert results[1].account_id == li.pk
    assert (ledger_of(li), ledger_of(wang)) == ("0.00", "150.00")


def test_a_refused_entry_leaves_nothing_behind_and_does_not_disturb_the_others(li: Account, wang: Account) -> None:
    """The second entry fails at its last line; what its first lines did is taken back."""
    yen = make_account(currency="JPY")
    broken = entry(debit(li, cny("40.00")), credit(wang, cny("40.00")), credit(yen, cny("1.00")))
    results = post(moved(li, wang, cny("50.00")), broken, moved(li, wang, cny("50.00")))
    assert codes(results) == ["posted", "currency_mismatch", "posted"]
    assert (ledger_of(li), ledger_of(wang)) == ("0.00", "150.00")
    assert sorted(Posting.objects.filter(account=li).values_list("version", flat=True)) == [1, 2, 3]
    check_deferred()


def test_results_come_in_the_order_of_the_drafts(li: Account, wang: Account) -> None:
    accounts = [make_account("1.00") for _ in range(5)]
    results = post(*(moved(account, wang, cny(f"{number}.00")) for number, account in enumerate(accounts)))
    assert codes(results) == ["amount_not_positive", "posted", *["insufficient_funds"] * 3]
    assert [result.account_id for result in results if not result.stands] == [
        accounts[0].pk,
        *(account.pk for account in accounts[2:]),
    ]


def test_no_entries_are_no_work() -> None:
    with nothing_changes():
        assert post() == []


def test_an_entry_of_ten_thousand_postings_is_an_entry_and_one_more_is_refused(li: Account) -> None:
    """A company's salaries: one debit, many credits."""
    post(moved(own_account(), li, cny("100.00")))
    wages = [credit(own_account(), cny("0.01"))] * (POSTINGS_MAX - 1)
    paid = entry(debit(li, cny("99.99")), *wages)
    assert codes(post(paid)) == ["posted"]
    check_deferred()
    with refused("entry_too_large"):
        post(entry(*paid.postings, *wages))


def test_ten_thousand_entries_are_a_batch_and_one_more_is_refused(li: Account, wang: Account) -> None:
    draft = moved(li, wang, cny("0.01"))
    results = post(*[draft] * BATCH_MAX)
    assert codes(results) == ["posted"] * BATCH_MAX
    assert (ledger_of(li), ledger_of(wang)) == ("0.00", "150.00")
    with refused("batch_too_large"):
        post(*[draft] * (BATCH_MAX + 1))
