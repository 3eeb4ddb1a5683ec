"""The books as a person would keep them with pencil and paper: what the real ones are compared with.

No SQL, no locks, no sets: one entry after the other, one line after the other. Written from DESIGN's rules, not from the
posting function.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from accounts.models import AccountStatus, Restriction
from bankops.core.money import Money
from transactions.ledger import EntryDraft, PostingDraft
from transactions.models import Side

CAPACITY = 4 * 10**18
_DAY = date(2026, 1, 1)  # any: no rule looks at it

Answer = tuple[str, UUID | None]
"""A result code, and the account that caused it."""


@dataclass
class Page:
    """One account. `limit` is how far it may go below zero; None is any distance. `forced`: history ignored the limit.

    `held` may not be spent: it comes on top of what the limit asks to be left.
    """

    currency: str
    normal_side: Side = Side.CREDIT
    limit: int | None = 0
    status: AccountStatus = AccountStatus.ACTIVE
    restriction: Restriction = Restriction.NONE
    ledger: int = 0
    held: int = 0
    forced: bool = False

    def refuses(self, side: Side) -> str | None:
        """Return the code with which this account refuses to be debited or credited."""
        blocked = {
            Side.DEBIT: (Restriction.BLOCK_DEBIT, Restriction.BLOCK_ALL),
            Side.CREDIT: (Restriction.BLOCK_CREDIT, Restriction.BLOCK_ALL),
        }
        if self.status in (AccountStatus.CLOSED, AccountStatus.PENDING):
            return f"account_{self.status.lower()}"
        if self.restriction in blocked[side]:
            return "account_blocked"
        return "account_dormant" if self.status == AccountStatus.DORMANT and side == Side.DEBIT else None


@dataclass
class Books:
    """All accounts, and every entry that was posted."""

    pages: dict[UUID, Page] = field(default_factory=dict)
    entries: dict[int, EntryDraft] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)

    def post(self, draft: EntryDraft, entry_id: int | None) -> Answer:
        """Answer a draft; when it is posted, write it down under the id the real books gave it."""
        answer = self._known(draft) or self._not_a_reversal(draft) or self._write(draft)
        if answer[0] == "posted":
            assert entry_id is not None
            self.entries[entry_id] = draft
            if draft.idempotency_key:
                self.keys[draft.idempotency_key] = entry_id
        return answer

    def hold(self, account_id: UUID, amount: Money) -> str | None:
        """Hold money on an account, or return the code with which a debit of it would be refused."""
        page, line = self.pages[account_id], PostingDraft(account_id, Side.DEBIT, amount)
        code = self._fault(page, line, EntryDraft([line], _DAY, _DAY, ""), amount.minor)
        page.held += 0 if code else amount.minor
        return code

    def reversed_ids(self) -> set[int]:
        return {draft.reverses_id for draft in self.entries.values() if draft.reverses_id}

    def _known(self, draft: EntryDraft) -> Answer | None:
        earlier = self.keys.get(draft.idempotency_key or "")
        if earlier is None:
            return None
        return ("exists" if _content(self.entries[earlier]) == _content(draft) else "idempotency_conflict"), None

    def _not_a_reversal(self, draft: EntryDraft) -> Answer | None:
        if draft.reverses_id is None:
            return None
        original = self.entries.get(draft.reverses_id)
        if original is None:
            return "unknown_entry", None
        if original.reverses_id is not None:
            return "reversal_of_reversal", None
        if draft.reverses_id in self.reversed_ids():
            return "already_reversed", None
        mirror = Counter(PostingDraft(line.account_id, line.side.opposite, line.amount) for line in original.postings)
        return None if mirror == Counter(draft.postings) else ("reversal_not_a_mirror", None)

    def _write(self, draft: EntryDraft) -> Answer:
        before = {account_id: page.ledger for account_id, page in self.pages.items()}
        answer = next(filter(None, self._lines(draft)), None) or _whole(draft)
        if answer[0] != "posted":
            for account_id, ledger in before.items():
                self.pages[account_id].ledger = ledger
        return answer

    def _lines(self, draft: EntryDraft) -> Iterator[Answer | None]:
        net = 0
        for line in draft.postings:
            net += line.amount.minor if line.side == Side.DEBIT else -line.amount.minor
            yield self._line(line, draft, net)

    def _line(self, line: PostingDraft, draft: EntryDraft, net: int) -> Answer | None:
        page = self.pages.get(line.account_id)
        code = self._fault(page, line, draft, net) if page else "unknown_account"
        if code:
            return code, line.account_id
        assert page
        page.ledger += line.amount.minor if line.side == page.normal_side else -line.amount.minor
        page.forced = page.forced or not draft.enforce_limits
        return None

    def _fault(self, page: Page, line: PostingDraft, draft: EntryDraft, net: int) -> str | None:
        if line.amount.minor <= 0:
            return "amount_not_positive"
        if line.amount.minor > CAPACITY:
            return "posting_too_large"
        if line.amount.currency != page.currency:
            return "currency_mismatch"
        return page.refuses(line.side) or self._short(page, line, draft, net)

    def _short(self, page: Page, line: PostingDraft, draft: EntryDraft, net: int) -> str | None:
        shrinks = line.side != page.normal_side
        if (
            shrinks
            and draft.enforce_limits
            and page.limit is not None
            and page.ledger - line.amount.minor < page.held - page.limit
        ):
            return "insufficient_funds"
        after = page.ledger - line.amount.minor if shrinks else page.ledger + line.amount.minor
        return "posting_too_large" if max(abs(after), abs(net)) > CAPACITY else None


def _whole(draft: EntryDraft) -> Answer:
    if len(draft.postings) < 2:
        return "too_few_postings", None
    sums: dict[str, int] = defaultdict(int)
    for line in draft.postings:
        sums[line.amount.currency] += line.amount.minor if line.side == Side.DEBIT else -line.amount.minor
    return ("unbalanced_entry" if any(sums.values()) else "posted"), None


def _content(draft: EntryDraft) -> object:
    return list(draft.postings), draft.booking_date, draft.value_date, draft.reverses_id, draft.enforce_limits
