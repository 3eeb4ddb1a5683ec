"""From an instruction to a posted transaction, once: what all movements of money have in common."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from accounts.models import Account
from bankops.core import audit, ids, outbox, texts
from bankops.core.actor import Actor
from bankops.core.money import Money
from transactions import errors, events, ledger, states
from transactions.ledger import EntryDraft, PostingDraft
from transactions.models import Channel, Kind, Side, State, Transaction, TransactionEvent


@dataclass(frozen=True)
class Instruction:
    """One movement between two accounts, checked as far as it can be without the books.

    :raises TextTooLong, UnstorableText: when a text does not fit its column.
    """

    kind: Kind
    debit: Account
    credit: Account
    amount: Money
    actor: Actor
    now: datetime
    business_date: date
    narrative: str = ""
    idempotency_key: str | None = None
    channel: Channel = Channel.STAFF
    external_reference: str = ""
    reverses: Transaction | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        texts.check_fits(
            Transaction,
            narrative=self.narrative,
            external_reference=self.external_reference,
            idempotency_key=self.idempotency_key,
        )

    def fingerprint(self) -> bytes:
        """Return the SHA-256 of what the maker asked for; time and place of asking do not belong to it."""
        content = (
            str(self.kind),
            self.debit.pk.hex,
            self.credit.pk.hex,
            self.amount.minor,
            self.amount.currency,
            self.narrative,
            self.external_reference,
            self.reverses.pk.hex if self.reverses else "",
            self.actor.id,
        )
        return hashlib.sha256(repr(content).encode()).digest()

    def entry(self, key: str) -> EntryDraft:
        """Return the journal entry that carries it out, under idempotency key `key`."""
        return EntryDraft(
            postings=self._mirrored() if self.reverses else self._two_sides(),
            booking_date=self.business_date,
            value_date=self.business_date,
            description=self.narrative or str(self.kind.label),
            idempotency_key=key,
            reverses_id=self.reverses.entry_id if self.reverses else None,
        )

    def _two_sides(self) -> list[PostingDraft]:
        return [
            PostingDraft(self.debit.pk, Side.DEBIT, self.amount),
            PostingDraft(self.credit.pk, Side.CREDIT, self.amount),
        ]

    def _mirrored(self) -> list[PostingDraft]:
        assert self.reverses is not None
        assert self.reverses.entry is not None  # only what was posted can be reversed
        return [
            PostingDraft(line.account_id, Side(line.side).opposite, line.money)
            for line in self.reverses.entry.postings.order_by("line")
        ]


def book(instruction: Instruction) -> Transaction:
    """Post an instruction and return its transaction; the one it led to before when the key says so.

    :raises PostingRefused: when the journal refuses; nothing is written.
    :raises IdempotencyConflict: when the key was used for something else.
    """
    earlier = earlier_under_key(instruction)
    if earlier:
        return earlier
    try:
        return _post(instruction)
    except (IntegrityError, errors.PostingRefused):
        # The same key may have come in twice at the same moment. The other call was first, and took the key, or the
        # money that this one then lacked.
        earlier = earlier_under_key(instruction)
        if earlier is None:
            raise
        return earlier


def earlier_under_key(instruction: Instruction) -> Transaction | None:
    """Return the transaction that an equal instruction with the same idempotency key led to, or None.

    :raises IdempotencyConflict: when the key was used for something else.
    """
    if instruction.idempotency_key is None:
        return None
    earlier = Transaction.objects.filter(
        maker_kind=instruction.actor.kind,
        maker_id=instruction.actor.id,
        idempotency_key=instruction.idempotency_key,
    ).first()
    if earlier and bytes(earlier.fingerprint) != instruction.fingerprint():
        raise errors.IdempotencyConflict
    return earlier


@transaction.atomic
def _post(instruction: Instruction) -> Transaction:
    row = _row(instruction)
    row.entry_id = _entry_id(instruction, row)
    row.save(force_insert=True)
    birth = states.events_of_birth(row, actor=instruction.actor, now=instruction.now, reason=instruction.reason)
    TransactionEvent.objects.bulk_create(birth)
    _tell(instruction, row)
    return row


def _entry_id(instruction: Instruction, row: Transaction) -> int:
    try:
        return ledger.post_one(instruction.entry(key=row.public_id), now=instruction.now)
    except errors.PostingRefused as refused:
        raise _by_number(refused, instruction) from None


def _by_number(refused: errors.PostingRefused, instruction: Instruction) -> errors.PostingRefused:
    """Return the refusal with the account's number in place of its id, which means nothing to people."""
    culprit = refused.context.get("account", "")
    for account in (instruction.debit, instruction.credit):
        if account.pk == culprit:
            return type(refused)(account=account.number)
    return refused


def _row(instruction: Instruction) -> Transaction:
    return Transaction(
        id=ids.uuid7(),
        reference=next_reference(instruction.business_date),
        kind=instruction.kind,
        channel=instruction.channel,
        state=State.POSTED,
        amount=instruction.amount.minor,
        currency=instruction.amount.currency,
        narrative=instruction.narrative,
        external_reference=instruction.external_reference,
        booking_date=instruction.business_date,
        value_date=instruction.business_date,
        created_at=instruction.now,
        debit_account=instruction.debit,
        credit_account=instruction.credit,
        reverses=instruction.reverses,
        maker_kind=instruction.actor.kind,
        maker_id=instruction.actor.id,
        maker_name=instruction.actor.name,
        idempotency_key=instruction.idempotency_key,
        fingerprint=instruction.fingerprint(),
    )


def next_reference(business_date: date) -> str:
    """Return a new human reference, `TR-2026-000123`: the year for people, one number sequence for all years. Gaps occur."""
    return next_references([business_date])[0]


def next_references(business_dates: list[date]) -> list[str]:
    """Return one new reference per business date, in one round trip."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('transactions_reference_seq') FROM generate_series(1, %s)", [len(business_dates)]
        )
        numbers = [number for (number,) in cursor.fetchall()]
    return [f"TR-{day.year}-{number:06d}" for day, number in zip(business_dates, numbers, strict=True)]


def subject_of(row: Transaction) -> audit.Subject:
    """Return how the audit trail names a transaction."""
    return audit.Subject("transaction", row.public_id, row.reference)


def _tell(instruction: Instruction, row: Transaction) -> None:
    event = events.POSTED[instruction.kind]
    facts = _facts(row)
    audit.record(
        event,
        actor=instruction.actor,
        subject=subject_of(row),
        now=instruction.now,
        reason=instruction.reason,
        changes={"state": ("", State.POSTED)},
        detail=facts,
    )
    outbox.announce(event.name, subject_id=row.public_id, payload=facts, now=instruction.now)


def _facts(row: Transaction) -> dict[str, Any]:
    return {
        "transaction": row.public_id,
        "reference": row.reference,
        "kind": str(row.kind),
        "amount": str(row.money),
        "currency": row.currency,
        "debit_account": row.debit_account.public_id,
        "credit_account": row.credit_account.public_id,
        "booking_date": row.booking_date.isoformat(),
    }
