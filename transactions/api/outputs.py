"""What the API says of accounts, postings and transfers: ids with a prefix, money as decimal strings, times in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from accounts.models import Account
from approvals.models import ApprovalRequest
from bankops.core import ids, sandbox
from bankops.core.instants import instant
from bankops.core.money import Money
from transactions.api.reading import Reading
from transactions.models import Hold, HoldState, Kind, Posting, Side, State, Transaction
from transactions.services.captures import is_over
from transactions.services.partner_holds import STATUSES as HOLD_STATUSES
from transactions.services.partner_orders import Standing, standing, waiting_for
from transactions.services.telling import held_as_told

JSON = dict[str, Any]


def account(row: Account, *, now: datetime) -> JSON:
    """Return an account that the partner may read; needs `balance` loaded."""
    balance = row.balance
    balance.account = row  # loaded by it, so it needs no query of its own
    return {
        "id": row.public_id,
        "object": "account",
        "number": row.number,
        "name": row.name,
        "currency": row.currency,
        "status": row.status.lower(),
        "restriction": row.restriction.lower(),
        "balance": {
            "ledger": str(balance.ledger_money),
            "held": str(balance.held_money),
            "available": None if balance.available is None else str(balance.available),
        },
        "as_of": instant(now),
    }


def balance_then(row: Account, ledger: Money, *, at: datetime) -> JSON:
    """Return the ledger balance that stood on an account at a moment."""
    return {
        "object": "balance",
        "account": row.public_id,
        "ledger": str(ledger),
        "currency": ledger.currency,
        "at": instant(at),
    }


def posting(row: Posting, *, own: Transaction | None) -> JSON:
    """Return a line of an account's statement; needs its entry loaded.

    :param own: the transaction that made it, when the partner ordered it; of others it reads the line only.
    """
    entry = row.entry
    return {
        "id": posting_id(row),
        "object": "posting",
        **{noun: own.public_id if own and own.kind == kind else None for kind, noun in NOUNS.items()},
        "reference": own.external_reference if own else "",
        "direction": "debit" if row.side == Side.DEBIT else "credit",
        "amount": str(Money(row.amount, row.currency)),
        "currency": row.currency,
        "balance_after": str(Money(row.balance_after, row.currency)),
        "booking_date": entry.booking_date.isoformat(),
        "value_date": entry.value_date.isoformat(),
        "posted_at": instant(entry.posted_at),
        "description": entry.description,
    }


def posting_id(row: Posting) -> str:
    """Return the id of a line: of its account and its place there, which its readers see, and not of the bank's journal."""
    return ids.encode("pst", uuid5(row.account_id, str(row.version)))


@dataclass(frozen=True, slots=True)
class Resource:
    """What one kind of payment is called: itself, in addresses, and its two accounts."""

    noun: str
    path: str
    payer: str
    payee: str


RESOURCES: Mapping[Kind, Resource] = {
    Kind.TRANSFER: Resource("transfer", "transfers", "from_account", "to_account"),
    Kind.DEPOSIT: Resource("deposit", "deposits", "agent_account", "customer_account"),
    Kind.WITHDRAWAL: Resource("withdrawal", "withdrawals", "customer_account", "agent_account"),
}
NOUNS: Mapping[Kind, str] = {**{kind: each.noun for kind, each in RESOURCES.items()}, Kind.REFUND: "refund"}
"""What each kind of a partner's payments is called, and where a posting names it."""


def payment(row: Transaction, *, reading: Reading) -> JSON:
    """Return a payment of the partner's own; needs both accounts, `approval_request`, `twin` and `note` loaded."""
    resource = RESOURCES[Kind(row.kind)]
    stands = standing(row, reading.waiting.get(row.public_id))
    confirm_by = reading.confirm_by(row)
    return {
        "id": row.public_id,
        "object": resource.noun,
        "status": stands.status,
        "reference": row.external_reference,
        "bank_reference": row.reference,
        "amount": str(row.money),
        "currency": row.currency,
        resource.payer: row.debit_account.public_id,
        resource.payee: payee(row, reading.named),
        "narrative": row.narrative,
        "approval": approval(stands.request, stands.waiting_for) if stands.request else None,
        "held_because": held_as_told(row) or None,
        "possible_duplicate_of": twin_of(row),
        "ordinal": row.ordinal,
        "confirm_by": instant(confirm_by) if confirm_by else None,
        **({"refunded": str(reading.refunded_of(row))} if row.kind == Kind.TRANSFER else {}),
        **_of_all(row),
        "links": _ways_on(row, stands),
    }


def refund(row: Transaction, *, refunded: Money) -> JSON:
    """Return a part of a transfer that is given back; needs `refunds`, `approval_request` and `note` loaded.

    :param refunded: what has been given back of the transfer so far, counting what waits for approval.
    """
    stands, original = standing(row), row.refunds
    assert original is not None
    return {
        "id": row.public_id,
        "object": "refund",
        "status": stands.status,
        "reference": row.external_reference,
        "bank_reference": row.reference,
        "refund_of": original.public_id,
        "amount": str(row.money),
        "currency": row.currency,
        "refunded_total": str(refunded),
        "left": str(original.money - refunded),
        "narrative": row.narrative,
        "approval": approval(stands.request, stands.waiting_for) if stands.request else None,
        **_of_all(row),
        "links": _ways_on(row, stands),
    }


def hold(row: Hold, *, reading: Reading, now: datetime) -> JSON:
    """Return a hold that the partner placed; needs both accounts, `transaction` and `note` loaded."""
    captured, request = row.captured_money, reading.waiting.get(row.public_id)
    own = row.transaction if row.transaction and row.transaction.partner_id == row.partner_id else None
    status = status_of_hold(row, now)
    address = location_of_hold(row)
    onward = {"capture": f"{address}/capture", "release": f"{address}/release"} if status == "pending" else {}
    return {
        "id": row.public_id,
        "object": "hold",
        "status": status,
        "reference": row.external_reference,
        "amount": str(row.money),
        "currency": row.currency,
        "from_account": row.account.public_id,
        "to_account": _payee_of_hold(row, reading.named),
        "narrative": row.reason,
        "captured": str(captured) if captured else None,
        "transfer": own.public_id if own else None,
        "approval": approval(request, waiting_for(request)) if request else None,
        "created_at": instant(row.placed_at),
        "expires_at": instant(row.ends_at) if row.ends_at else None,
        "metadata": metadata_of(row),
        "livemode": sandbox.livemode(),
        "links": {"self": address, **onward},
    }


def status_of_hold(row: Hold, now: datetime) -> str:
    """Return where a hold stands: what nobody gave back yet although its time is over has expired all the same."""
    if row.state == HoldState.PENDING and is_over(row, now):
        return HOLD_STATUSES[HoldState.EXPIRED]
    return HOLD_STATUSES[HoldState(row.state)]


def approval(request: ApprovalRequest, waits_for: str) -> JSON:
    """Return what a partner reads of the request its order waits in: never who decides."""
    return {
        "id": request.public_id,
        "reference": request.reference,
        "stage": request.stage,
        "stages": request.stage_count,
        "expires_at": instant(request.expires_at),
        "waiting_for": waits_for,
    }


def payee(row: Transaction, named: frozenset[UUID]) -> str:
    """Return how a partner knows the account that it paid: by id, or by the number as it wrote it; needs `note` loaded.

    What it was paid by is all it knows of an account that it has no right to, or has lost its rights to.
    """
    note = getattr(row, "note", None)
    by_number = note.payee_as_written if note and row.credit_account_id not in named else ""
    return by_number or row.credit_account.public_id


def twin_of(row: Transaction) -> str | None:
    """Return the id of what a transaction looks like, if the same partner ordered that; needs `twin` loaded."""
    return row.twin.public_id if row.twin and row.twin.partner_id == row.partner_id else None


def metadata_of(row: Transaction | Hold) -> dict[str, str]:
    """Return the metadata of a payment or a hold; needs `note` loaded."""
    note = getattr(row, "note", None)
    return dict(note.metadata) if note else {}


def location(row: Transaction) -> str:
    """Return where a payment of a partner is read; of a refund, `refunds` is loaded."""
    if row.refunds:
        return f"{location(row.refunds)}/refunds/{row.public_id}"
    return f"/api/v1/{RESOURCES[Kind(row.kind)].path}/{row.public_id}"


def location_of_hold(row: Hold) -> str:
    """Return where a hold is read."""
    return f"/api/v1/holds/{row.public_id}"


def _of_all(row: Transaction) -> JSON:
    """Return what all payments have."""
    return {
        "created_at": instant(row.created_at),
        "booking_date": row.booking_date.isoformat() if row.entry_id else None,
        "metadata": metadata_of(row),
        "livemode": sandbox.livemode(),
    }


def _payee_of_hold(row: Hold, named: frozenset[UUID]) -> str:
    assert row.payee is not None  # a partner announces payments only
    return row.payee_as_written if row.payee_as_written and row.payee_id not in named else row.payee.public_id


def _ways_on(row: Transaction, stands: Standing) -> dict[str, str]:
    address = location(row)
    ways = {"self": address}
    if stands.status in ("awaiting_approval", "held", "under_review"):
        ways["cancel"] = f"{address}/cancel"
    if row.waits_for_word and stands.request is None:
        ways["confirm"] = f"{address}/confirm"
    if row.state == State.POSTED and row.kind == Kind.TRANSFER:
        ways["refunds"] = f"{address}/refunds"
    return ways
