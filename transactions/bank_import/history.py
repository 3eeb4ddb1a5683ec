"""Post a bank's history: a transaction and a journal entry for each row, in batches through the one posting path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from bankops.core import audit, ids
from bankops.core.bulk_insert import copy_in
from bankops.core.money import Money
from transactions import errors, events, ledger, states
from transactions.bank_import.rows import TransactionRow
from transactions.bank_import.run import ImportRun
from transactions.ledger import EntryDraft, PostingDraft, Result
from transactions.models import Channel, Kind, Posting, Side, State, Transaction, TransactionEvent
from transactions.services.instructions import next_references


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
        references = next_references([row.date for row, _draft, _result in new])
        written = [
            self._transaction(*item, reference=reference) for item, reference in zip(new, references, strict=True)
        ]
        copy_in(Transaction, list(written[0]), [list(values.values()) for values in written])
        self._record_events([values["id"] for values in written])
        audit.record(
            events.BANK_IMPORTED,
            actor=self.run.actor,
            subject=self.run.source.subject,
            now=self.run.now,
            detail={"transactions": len(written), "first": references[0], "last": references[-1]},
        )

    def _transaction(
        self, row: TransactionRow, draft: EntryDraft, result: Result, *, reference: str
    ) -> dict[str, object]:
        debit, credit = draft.postings
        return {
            "id": ids.uuid7(),
            "reference": reference,
            "kind": Kind[row.rule.kind.upper()].value,
            "channel": Channel.IMPORT.value,
            "state": State.POSTED.value,
            "amount": debit.amount.minor,
            "currency": debit.amount.currency,
            "narrative": draft.description,
            "counterparty": row.counterparty,
            "external_reference": draft.idempotency_key,
            "booking_date": draft.booking_date,
            "value_date": draft.value_date,
            "created_at": self.run.now,
            "debit_account_id": debit.account_id,
            "credit_account_id": credit.account_id,
            "entry_id": result.entry_id,
            "reverses_id": None,
            "maker_kind": self.run.actor.kind,
            "maker_id": self.run.actor.id,
            "maker_name": self.run.actor.name,
            "idempotency_key": draft.idempotency_key,
            "fingerprint": draft.fingerprint(),
        }

    def _record_events(self, transaction_ids: Sequence[object]) -> None:
        posted = Transaction(state=State.POSTED)
        births = [
            (
                str(event.from_state),
                str(event.to_state),
                event.actor_id,
                event.actor_name,
                event.reason,
                event.occurred_at,
            )
            for event in states.events_of_birth(posted, actor=self.run.actor, now=self.run.now)
        ]
        fields = ["transaction_id", "from_state", "to_state", "actor_id", "actor_name", "reason", "occurred_at"]
        copy_in(TransactionEvent, fields, ((row_id, *birth) for row_id in transaction_ids for birth in births))

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
