"""Post a bank's history: one transaction and one journal entry for each row, in batches through the one posting path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from bankops.core import audit, ids
from bankops.core.money import Money
from transactions import errors, events, ledger, states
from transactions.bank_import.rows import TransactionRow
from transactions.bank_import.run import ImportRun
from transactions.ledger import EntryDraft, PostingDraft, Result
from transactions.models import Channel, Kind, Posting, Side, State, Transaction, TransactionEvent
from transactions.services.booking import next_references


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a row: `balance` is our journal's after it, in minor units; or None, and `refusal` says why."""

    is_new: bool
    balance: int | None
    refusal: errors.PostingRefused | None = None


@dataclass(frozen=True)
class HistoryPoster:
    """Posts rows of one bank. `accounts` and `ledger_accounts` give our ids for the bank's ids and the rules' names."""

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

    def _record(self, new: Sequence[tuple[TransactionRow, EntryDraft, Result]]) -> None:
        references = next_references([row.date for row, _draft, _result in new])
        written = [self._transaction(*item, reference) for item, reference in zip(new, references, strict=True)]
        Transaction.objects.bulk_create(written)
        births = (states.events_of_birth(row, actor=self.run.actor, now=self.run.now) for row in written)
        TransactionEvent.objects.bulk_create([event for birth in births for event in birth])
        audit.record(
            events.BANK_IMPORTED,
            actor=self.run.actor,
            subject=self.run.source.subject,
            now=self.run.now,
            detail={"transactions": len(written), "first": written[0].reference, "last": written[-1].reference},
        )

    def _transaction(self, row: TransactionRow, draft: EntryDraft, result: Result, reference: str) -> Transaction:
        debit, credit = draft.postings
        return Transaction(
            id=ids.uuid7(),
            reference=reference,
            kind=Kind[row.rule.kind.upper()],
            channel=Channel.IMPORT,
            state=State.POSTED,
            amount=debit.amount.minor,
            currency=debit.amount.currency,
            narrative=draft.description,
            counterparty=row.counterparty,
            external_reference=draft.idempotency_key,
            booking_date=draft.booking_date,
            value_date=draft.value_date,
            created_at=self.run.now,
            debit_account_id=debit.account_id,
            credit_account_id=credit.account_id,
            entry_id=result.entry_id,
            maker_kind=self.run.actor.kind,
            maker_id=self.run.actor.id,
            maker_name=self.run.actor.name,
            idempotency_key=draft.idempotency_key,
            fingerprint=draft.fingerprint(),
        )

    def _outcomes(self, rows: Sequence[TransactionRow], results: Sequence[Result]) -> list[Posted]:
        entries = [result.entry_id for result in results if result.stands]
        balances = {
            (entry, account): balance
            for entry, account, balance in Posting.objects.filter(entry_id__in=entries)
            .values_list("entry_id", "account_id", "balance_after")
            .iterator()
        }
        return [
            Posted(
                is_new=result.code == "posted",
                balance=balances.get((result.entry_id or 0, self.accounts[row.account])),
                refusal=None if result.stands else errors.refusal(result.code)(account=row.account),
            )
            for row, result in zip(rows, results, strict=True)
        ]
