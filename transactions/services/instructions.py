"""What a maker asked for, and the row it becomes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from accounts.models import Account, Balance
from approvals.models import ApprovalRequest
from bankops.core import ids, texts
from bankops.core.actor import Actor
from bankops.core.db import prepared
from bankops.core.money import Money
from risk.assessment.answer import Assessment
from risk.origin import UNKNOWN, Origin
from transactions.ledger import EntryDraft, PostingDraft
from transactions.models import Channel, Kind, Side, State, Transaction

_NUMBERS = "SELECT nextval('transactions_reference_seq') FROM generate_series(1, %(count)s)"


@dataclass(frozen=True)
class Instruction:
    """One movement between two accounts, checked as far as it can be without the books.

    Attributes:
        approval_request_id: the request it waits in, or was consented to (`apr_…`); empty when it needed none.
        partner_id: whose system ordered it; None for the bank's own people.
        refunds: the transfer whose money it gives back; None when it gives none back.
        is_genuine: its maker has seen what it looks like and has said, in `reason`, why it is no duplicate.
        is_confirmed: something that it looks like was found, and it was said to be no duplicate of that.
        confirms: the payment that it was said to be no duplicate of; None where it looked like holds only.
        locked: balances by account, as `accounts_for_update` returned them to a caller who locked them in this transaction.
        assessment: what risk says of it; None when nobody has asked yet, or nobody asks about its kind. Its facts name the
            transaction that the instruction becomes.
        foreseen: what risk said of it before the accounts were locked, whose band policies were told; None where nobody did.
        origin: where the customer was who ordered it; no part of what was asked for.

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
    approval_request_id: str = ""
    partner_id: UUID | None = None
    refunds: Transaction | None = None
    is_genuine: bool = False
    is_confirmed: bool = False
    confirms: UUID | None = None
    locked: Mapping[UUID, Balance] = field(default_factory=dict)
    assessment: Assessment | None = None
    foreseen: Assessment | None = None
    origin: Origin = UNKNOWN

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
            # Only where there is one: what was asked for before partners could ask keeps its fingerprint.
            *(str(one) for one in (self.partner_id, self.refunds and self.refunds.pk) if one),
        )
        return hashlib.sha256(repr(content).encode()).digest()

    @property
    def stops(self) -> bool:
        """Whether risk has said that it must not be posted."""
        return self.assessment is not None and self.assessment.stops

    def new_id(self) -> UUID:
        """Return the key of the transaction that it becomes: the one that was assessed, if any was."""
        return ids.decode(Transaction.ID_PREFIX, self.assessment.facts.movement) if self.assessment else ids.uuid7()

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


def row_of(instruction: Instruction, state: State, *, reference: str = "") -> Transaction:
    """Return the unsaved transaction that an instruction becomes, in this state.

    :param reference: as `next_references` returned it; without one it is drawn.
    """
    waits = state == State.AWAITING_APPROVAL
    return Transaction(
        id=instruction.new_id(),
        reference=reference or next_reference(instruction.business_date),
        kind=instruction.kind,
        channel=instruction.channel,
        state=state,
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
        refunds=instruction.refunds,
        twin_id=instruction.confirms,
        confirmed_genuine_at=instruction.now if instruction.is_confirmed else None,
        partner_id=instruction.partner_id,
        approval_request_id=request_pk(instruction.approval_request_id),
        maker_kind=instruction.actor.kind,
        maker_id=instruction.actor.id,
        maker_name=instruction.actor.name,
        idempotency_key=None if waits else instruction.idempotency_key,
        fingerprint=instruction.fingerprint(),
    )


def next_reference(business_date: date) -> str:
    """Return a new human reference, `TR-2026-000123`: the year for people, one number sequence for all years. Gaps occur."""
    return next_references([business_date])[0]


def next_references(business_dates: list[date]) -> list[str]:
    """Return one new reference per business date, in one round trip."""
    numbers = [number for (number,) in prepared(_NUMBERS, {"count": len(business_dates)})]
    return [f"TR-{day.year}-{number:06d}" for day, number in zip(business_dates, numbers, strict=True)]


def request_pk(public_id: str) -> UUID | None:
    """Return the key of an approval request by its id (`apr_…`); None for none."""
    return ids.decode(ApprovalRequest.ID_PREFIX, public_id) if public_id else None
