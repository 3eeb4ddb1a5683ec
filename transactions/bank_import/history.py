"""Post a bank's history: a transaction and a journal entry for each row, in batches through the one posting path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from bankops.core import audit
from bankops.core.money import Money
from transactions import errors, events, ledger
from transactions.bank_import.rows import TransactionRow
from transactions.bank_import.run import ImportRun
from transactions.ledger import EntryDraft, PostingDraft, Result
from transactions.models import Channel, Kind, Posting, Side
from transactions.services.batches import Movement, record_batch


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a row: `balance` is our journal's after it, in minor units; or None, and `refusal` says why."""

    is_new: bool
    balance: int | None
    refusal: errors.PostingRefused | None = None


_NewEntry = tuple[TransactionRow, EntryDraft, Result]


@dataclass(frozen=True)
class HistoryPoster:
    """Posts rows of one bank. `accounts` and `ledger_accounts` give our ids for its numbers and for the rules' names."""

    run: ImportRun
    accounts: Mapping[str, UUID]
    ledger_accounts: Mapping[str, UUID]

    @transaction.atomic
    def post(self, rows: Sequence[TransactionRow]) -> list[Posted]:
        """Post up to 10,000 rows in order and return what became of each, in the same order.

        Rows that an earlier run has posted stay as they are. Entries, transactions, their events and one audit event
        commit together. Limits are not enforced: this has happened already.
        """
        drafts = [self._draft(row) for row in rows]
        results = ledger.post(drafts, now=self.run.now)
        new = [item for item in zip(rows, drafts, results, strict=True) if item[2].code == "posted"]
        if new:
            self._record(new)
        return self._outcomes(rows, results)

    def _draft(self, row: TransactionRow) -> EntryDraft:
        amount = Money(abs(row.amount), self.run.profile.currency)
        debit, credit = self._sides(row)
        return EntryDraft(
            postings=(PostingDraft(debit, Side.DEBIT, amount), PostingDraft(credit, Side.CREDIT, amount)),
            booking_date=row.date,
            value_date=row.date,
            description=row.rule.description,
            idempotency_key=self.run.profile.reference(row.id),
            enforce_limits=False,
        )

    def _sides(self, row: TransactionRow) -> tuple[UUID, UUID]:
        """Return the accounts to debit and to credit: a customer's balance grows on the credit side."""
        customer, other = self.accounts[row.account], self.ledger_accounts[row.rule.ledger]
        return (other, customer) if row.amount > 0 else (customer, other)

    def _record(self, new: Sequence[_NewEntry]) -> None:
        movements = [self._movement(*item) for item in new]
        written = record_batch(movements, actor=self.run.actor, now=self.run.now, channel=Channel.IMPORT)
        audit.record(
            events.BANK_IMPORTED,
            actor=self.run.actor,
            subject=self.run.source.subject,
            now=self.run.now,
            detail={
                "transactions": len(written),
                "first": written[0].reference,
                "last": written[-1].reference,
            },
        )

    def _movement(self, row: TransactionRow, draft: EntryDraft, result: Result) -> Movement:
        return Movement(
            kind=Kind[row.rule.kind.upper()],
            draft=draft,
            entry_id=result.entry_id or 0,
            counterparty=row.counterparty,
            external_reference=draft.idempotency_key or "",
        )

    def _outcomes(self, rows: Sequence[TransactionRow], results: Sequence[Result]) -> list[Posted]:
        balances = self._balances_after([result.entry_id for result in results if result.entry_id is not None])
        return [
            Posted(
                is_new=result.code == "posted",
                balance=balances.get((result.entry_id, self.accounts[row.account])),
                refusal=None if result.stands else errors.refusal(result.code)(account=row.account),
            )
            for row, result in zip(rows, results, strict=True)
        ]

    def _balances_after(self, entry_ids: Sequence[int]) -> dict[tuple[int | None, UUID], int]:
        """Read back from the journal what the entries left on the customers' accounts."""
        postings = Posting.objects.filter(entry_id__in=entry_ids).exclude(account_id__in=self.ledger_accounts.values())
        found = postings.values_list("entry_id", "account_id", "balance_after").iterator()
        return {(entry, account): balance for entry, account, balance in found}
