"""Whatever is asked of the books, in whatever order, they answer as the pencil-and-paper ones do (`model.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts import chart
from accounts.models import Account, AccountRestriction, AccountStatus, Balance, Customer, Product, Restriction
from accounts.services import close_account, freeze_account, open_account, release_account
from accounts.services.restricting import strictest
from bankops.core.errors import BankOpsError
from bankops.core.money import Money
from tests.accounts.factories import NOW, TANG_LING, TODAY, current_account, make_customer, own_account
from tests.properties import examples
from tests.transactions.factories import MOVEMENTS, entry, mirror_of, post, reverse
from tests.transactions.model import Books, Page
from tests.unchanged import check_deferred, everything
from transactions.ledger import EntryDraft, PostingDraft
from transactions.models import Hold, HoldPurpose, Posting, Side, State, Transaction
from transactions.selectors import trial_balance
from transactions.services import place_hold, void_hold
from transactions.verification import verify_books

minors = st.one_of(st.integers(1, 5_000), st.sampled_from([0, -1, 100, 4 * 10**18, 4 * 10**18 + 1]))
which = st.integers(0, 30)
keys = st.one_of(st.none(), st.sampled_from(["k1", "k2", "k3", "k4"]))
lines = st.tuples(which, st.sampled_from(Side), minors, st.sampled_from(["CNY"] * 9 + ["JPY"]))


class BankInUse(RuleBasedStateMachine):
    customer: Customer
    product: Product
    own: dict[str, Account]

    def __init__(self) -> None:
        super().__init__()
        self.before = transaction.savepoint()
        self.books = Books()
        self.accounts: list[Account] = []
        self.transactions: list[Transaction] = []
        self.calls: dict[str, tuple[object, Transaction]] = {}
        self.lasting: list[EntryDraft] = []
        self.holds: list[Hold] = []
        self.blocks: dict[UUID, dict[str, AccountRestriction]] = {}
        for line, account in self.own.items():
            side = Side.DEBIT if line == chart.CASH.code else Side.CREDIT
            self.books.pages[account.pk] = Page(account.currency, side, limit=None)
        self.open(0, "CNY")
        self.open(500, "CNY")

    def teardown(self) -> None:
        assert verify_books().ok
        assert trial_balance().balances
        transaction.savepoint_rollback(self.before)

    # -- what the bank does --------------------------------------------------------------------------------------------

    @rule(limit=st.sampled_from([0, 0, 1_000]), currency=st.sampled_from(["CNY", "CNY", "CNY", "JPY"]))
    def open(self, limit: int, currency: str) -> None:
        account = open_account(
            customer=self.customer,
            product=self.product,
            branch=self.customer.branch,
            currency=currency,
            overdraft_limit=Money(limit, currency),
            actor=TANG_LING,
            now=NOW,
            business_date=TODAY,
        )
        self.accounts.append(account)
        self.books.pages[account.pk] = Page(currency, limit=limit)

    @rule(kind=st.sampled_from([*MOVEMENTS, "deposit", "transfer"]), at=which, other=which, minor=minors, key=keys)
    def move(self, kind: str, at: int, other: int, minor: int, key: str | None) -> None:
        account, payee, amount = self.account(at), self.account(other), Money(minor, "CNY")
        asked = (kind, account.pk, payee.pk if kind == "transfer" else None, minor)
        answer = self.attempt(lambda: MOVEMENTS[kind](account, payee, amount, idempotency_key=key))
        if kind == "transfer" and account == payee:
            assert answer == "same_account"
        elif key in self.calls:
            same, first = self.calls[key][0] == asked, self.calls[key][1]
            assert answer == (first if same else "idempotency_conflict")
        else:
            self.compare(answer, self.entry_for(kind, account, payee, amount))
            if key and isinstance(answer, Transaction):
                self.calls[key] = asked, answer

    @precondition(lambda self: self.transactions)
    @rule(at=which)
    def reverse(self, at: int) -> None:
        original = self.transactions[at % len(self.transactions)]
        original.refresh_from_db()
        assert original.entry_id
        mirror = mirror_of(original.entry_id)
        self.compare(self.attempt(lambda: reverse(original)), mirror)
        original.refresh_from_db()
        assert (original.state == State.REVERSED) == (original.entry_id in self.books.reversed_ids())

    @rule(at=which, restriction=st.sampled_from(Restriction))
    def freeze_or_release(self, at: int, restriction: Restriction) -> None:
        account = self.account(at)
        page = self.books.pages[account.pk]
        by: dict[str, Any] = {"reason": "order", "actor": TANG_LING, "now": NOW}
        standing = self.blocks.setdefault(account.pk, {})
        if restriction == Restriction.NONE:
            if standing:
                kind, placed = standing.popitem()
                answer = self.attempt(lambda: release_account(restriction_id=placed.pk, **by))
                assert answer.kind == kind
                page.restriction = strictest(standing)
            return
        answer = self.attempt(lambda: freeze_account(account_id=account.pk, restriction=restriction, **by))
        if page.status == AccountStatus.CLOSED:
            assert answer == "account_not_open"
        elif restriction in standing:
            assert answer == "restriction_unchanged"
        else:
            standing[restriction] = answer
            page.restriction = strictest(standing)

    @rule(at=which)
    def close(self, at: int) -> None:
        account = self.account(at)
        page = self.books.pages[account.pk]
        answer = self.attempt(
            lambda: close_account(account_id=account.pk, reason="left", actor=TANG_LING, now=NOW, business_date=TODAY)
        )
        if page.status == AccountStatus.CLOSED:
            assert answer == "account_not_open"
        elif page.restriction != Restriction.NONE:
            assert answer == "account_restricted"
        elif page.held:
            assert answer == "account_has_pending"
        elif page.ledger:
            assert answer == "balance_not_zero"
        else:
            page.status = AccountStatus.CLOSED

    @rule(at=which, minor=minors)
    def hold(self, at: int, minor: int) -> None:
        account, amount = self.account(at), Money(minor, "CNY")
        by: dict[str, Any] = {"purpose": HoldPurpose.MANUAL, "actor": TANG_LING, "now": NOW}
        answer = self.attempt(lambda: place_hold(account_id=account.pk, amount=amount, **by))
        code = self.books.hold(account.pk, amount)
        assert (answer if code else answer.money) == (code or amount)
        if not code:
            self.holds.append(answer)

    @precondition(lambda self: self.holds)
    @rule(at=which)
    def give_back(self, at: int) -> None:
        """Whatever has become of the account meanwhile."""
        hold = self.holds.pop(at % len(self.holds))
        void_hold(hold_id=hold.pk, reason="not needed", actor=TANG_LING, now=NOW)
        self.books.pages[hold.account_id].held -= hold.amount

    @rule(at=which, status=st.sampled_from([AccountStatus.ACTIVE, AccountStatus.DORMANT, AccountStatus.PENDING]))
    def wake_or_sleep(self, at: int, status: AccountStatus) -> None:
        """Written: pending has no service, and the others' are tested elsewhere."""
        account = self.account(at)
        if self.books.pages[account.pk].status != AccountStatus.CLOSED:
            Account.objects.filter(pk=account.pk).update(status=status)
            self.books.pages[account.pk].status = status

    @rule(
        data=st.data(),
        shapes=st.lists(
            st.tuples(st.lists(lines, max_size=4), keys, st.booleans(), st.booleans()), min_size=1, max_size=5
        ),
    )
    def batch(self, data: st.DataObject, shapes: list[Any]) -> None:
        """Entries of any shape in one call: many make no sense, some repeat a key, some reverse, most are made to balance."""
        drafts = [self.draft(data, *shape) for shape in shapes]
        unchanged = everything()
        results = post(*drafts)
        expected = [self.books.post(draft, result.entry_id) for draft, result in zip(drafts, results, strict=True)]
        assert [(result.code, result.account_id) for result in results] == expected
        assert all((result.entry_id is not None) == result.stands for result in results)
        if not any(code == "posted" for code, _culprit in expected):
            assert everything() == unchanged
        self.lasting += [draft for draft, (code, _culprit) in zip(drafts, expected, strict=True) if code == "posted"]

    @precondition(lambda self: self.lasting)
    @rule(at=which)
    def repeat_entry(self, at: int) -> None:
        draft = self.lasting[at % len(self.lasting)]
        if draft.idempotency_key:
            (result,) = post(draft)
            assert (result.code, result.entry_id) == ("exists", self.books.keys[draft.idempotency_key])

    # -- what must hold after every step -----------------------------------------------------------------------------------

    @invariant()
    def balances_are_the_models(self) -> None:
        check_deferred()
        real = {pk: (ledger, held) for pk, ledger, held in Balance.objects.values_list("account_id", "ledger", "held")}
        assert real == {account_id: (page.ledger, page.held) for account_id, page in self.books.pages.items()}

    @invariant()
    def nobody_is_below_their_limit(self) -> None:
        for page in self.books.pages.values():
            assert page.limit is None or page.forced or page.ledger >= page.held - page.limit

    @invariant()
    def debits_are_credits_and_postings_make_the_balances(self) -> None:
        debits: Counter[str] = Counter()
        balances: Counter[UUID] = Counter(dict.fromkeys(self.books.pages, 0))
        for account_id, side, minor, currency in Posting.objects.values_list(
            "account_id", "side", "amount", "currency"
        ):
            debits[currency] += minor if side == Side.DEBIT else -minor
            balances[account_id] += minor if side == self.books.pages[account_id].normal_side else -minor
        assert not any(debits.values())
        assert balances == dict(Balance.objects.values_list("account_id", "ledger"))

    # -- how it is asked and compared --------------------------------------------------------------------------------------

    def account(self, number: int) -> Account:
        return self.accounts[number % len(self.accounts)]

    def attempt(self, call: Callable[[], Any]) -> Any:
        """Return what the call returned, or the code of its refusal, after which nothing may have changed."""
        before = everything()
        try:
            return call()
        except BankOpsError as refusal:
            assert everything() == before
            return refusal.code

    def compare(self, answer: Any, draft: EntryDraft) -> None:
        posted = isinstance(answer, Transaction)
        code, _culprit = self.books.post(draft, answer.entry_id if posted else None)
        assert code == ("posted" if posted else answer)
        if posted:
            self.transactions.append(answer)

    def entry_for(self, kind: str, account: Account, payee: Account, amount: Money) -> EntryDraft:
        cash, fees = self.own[chart.CASH.code].pk, self.own[chart.FEE_INCOME.code].pk
        payer, to = {
            "deposit": (cash, account.pk),
            "withdrawal": (account.pk, cash),
            "transfer": (account.pk, payee.pk),
            "fee": (account.pk, fees),
        }[kind]
        return entry(PostingDraft(payer, Side.DEBIT, amount), PostingDraft(to, Side.CREDIT, amount))

    def draft(self, data: st.DataObject, shape: list[Any], key: str | None, balanced: bool, limits: bool) -> EntryDraft:
        known: list[UUID] = [*self.books.pages, uuid4()]
        postings = [PostingDraft(known[at % len(known)], side, Money(minor, code)) for at, side, minor, code in shape]
        if balanced:
            postings = [
                PostingDraft(self.account(at).pk, side, line.amount)
                for line, (at, *_rest) in zip(postings, shape, strict=True)
                for side in (line.side, line.side.opposite)
            ]
        if data.draw(st.integers(0, 4), label="reverses") == 0:
            # A transaction's own entry is reversed by its service only, which marks the transaction too.
            loose = self.books.entries.keys() - {one.entry_id for one in self.transactions}
            original = data.draw(st.sampled_from([*sorted(loose), 999_999_999]), label="original")
            lines_of_original = self.books.entries.get(original)
            if lines_of_original and balanced:
                postings = [
                    PostingDraft(one.account_id, one.side.opposite, one.amount) for one in lines_of_original.postings
                ]
            return entry(*postings, key=key and f"entry-{key}", reverses=original, limits=limits)
        return entry(*postings, key=key and f"entry-{key}", limits=limits)


@pytest.mark.timeout(1_200)
@pytest.mark.django_db
def test_the_books_answer_as_the_model_does() -> None:
    BankInUse.product = current_account()
    BankInUse.customer = make_customer()
    BankInUse.own = {line.code: own_account(line) for line in (chart.CASH, chart.FEE_INCOME)}
    run_state_machine_as_test(BankInUse, settings=examples(60, stateful_step_count=25))
