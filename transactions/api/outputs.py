"""What the API says of accounts, postings and transfers: ids with a prefix, money as decimal strings, times in UTC."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from accounts.models import Account
from approvals.models import ApprovalRequest
from bankops.core import ids
from bankops.core.money import Money
from transactions.models import Posting, Side, Transaction
from transactions.services.partner_orders import Standing, standing

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
        "id": f"{entry.pk}-{row.line}",
        "object": "posting",
        "transfer": own.public_id if own else None,
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


def transfer(row: Transaction, *, named: frozenset[UUID], livemode: bool = True) -> JSON:
    """Return a transfer of the partner's own; needs both accounts, `approval_request` and `twin` loaded.

    :param named: accounts that the partner has a right to and so knows by id: the others are named by number.
    """
    stands = standing(row)
    address = f"/api/v1/transfers/{row.public_id}"
    return {
        "id": row.public_id,
        "object": "transfer",
        "status": stands.status,
        "reference": row.external_reference,
        "bank_reference": row.reference,
        "amount": str(row.money),
        "currency": row.currency,
        "from_account": side(row.debit_account, named),
        "to_account": side(row.credit_account, named),
        "narrative": row.narrative,
        "approval": approval(stands.request, stands) if stands.request else None,
        "held_because": row.held_because or None,
        "possible_duplicate_of": row.twin.public_id if row.twin else None,
        "created_at": instant(row.created_at),
        "booking_date": row.booking_date.isoformat() if row.entry_id else None,
        "metadata": metadata_of(row),
        "livemode": livemode,
        "links": {"self": address, **_ways_on(stands, address)},
    }


def expansions_of(
    row: Transaction,
    wanted: Collection[str],
    *,
    readable: Mapping[UUID, Account],
    twin: JSON | None,
    now: datetime,
) -> JSON:
    """Return what of a transfer is told whole.

    :param readable: those of its accounts that the partner may read, by key: the others stay as they are.
    :param twin: the transfer it looks like, as the partner reads it; None where there is none of its own.
    """
    told: JSON = {}
    sides = {"from_account": row.debit_account_id, "to_account": row.credit_account_id}
    for field, account_id in sides.items():
        if field in wanted and account_id in readable:
            told[field] = account(readable[account_id], now=now)
    if "possible_duplicate_of" in wanted and twin:
        told["possible_duplicate_of"] = twin
    return told


def approval(request: ApprovalRequest, stands: Standing) -> JSON:
    """Return what a partner reads of the request its order waits in: never who decides."""
    return {
        "id": request.public_id,
        "reference": request.reference,
        "stage": request.stage,
        "stages": request.stage_count,
        "expires_at": instant(request.expires_at),
        "waiting_for": stands.waiting_for,
    }


def side(row: Account, named: frozenset[UUID]) -> str:
    """Return how a partner knows an account: by id where it has a right to it, else by the number it was paid under."""
    return row.public_id if row.pk in named else row.number


def metadata_of(row: Transaction) -> dict[str, str]:
    """Return a transaction's metadata; needs `note` loaded."""
    note = getattr(row, "note", None)
    return dict(note.metadata) if note else {}


def instant(moment: datetime) -> str:
    """Return a moment as RFC 3339 in UTC, to the microsecond: `2026-11-22T09:30:00.000000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def location(row: Transaction) -> str:
    """Return where a transfer is read."""
    return f"/api/v1/transfers/{ids.encode(Transaction.ID_PREFIX, row.pk)}"


def _ways_on(stands: Standing, address: str) -> dict[str, str]:
    if stands.status in ("awaiting_approval", "held"):
        return {"cancel": f"{address}/cancel"}
    return {}
