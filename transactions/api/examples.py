"""Examples in the API's description: what is sent, and what comes back. A test holds each of them against its shape."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample

from bankops.core.api import examples

JSON = dict[str, Any]

_PAYER: Final = "acc_01kav2m0x8e8b9n5t7q1c4r6yz"
_PAYEE: Final = "acc_01kav2m0x8e8b9n5t7q1c4r6y0"
_TRANSFER: Final = "tr_01kav3d5h2f6w8s0x4k9p7m1ba"
_HOLD: Final = "hold_01kav3f7c4e6r8t0y2n5m7q9wx"
_BATCH: Final = "bat_01kav3h9d4e6r8t0y2n5m7q9wx"
_SUM: Final[JSON] = {"amount": "1250.00", "currency": "CNY", "narrative": "Invoice 118"}
_BOTH: Final[JSON] = {"from_account": _PAYER, "to_account": _PAYEE}
_AT_COUNTER: Final[JSON] = {"agent_account": _PAYER, "customer_account": _PAYEE}

_POSTED: Final[JSON] = {
    "status": "posted",
    "reference": "INV-2026-118",
    "bank_reference": "TR-2026-000123",
    **_SUM,
    "approval": None,
    "created_at": "2026-11-20T01:30:00.000000Z",
    "booking_date": "2026-11-20",
    "metadata": {"terminal": "3"},
    "livemode": True,
}
_UNLIKE: Final[JSON] = {
    "held_because": None,
    "possible_duplicate_of": None,
    "ordinal": None,
    "confirm_by": None,
}
_WAITING: Final[JSON] = {
    "id": "apr_01kav3d5j3g7x9t1y5m0q8n2cb",
    "reference": "AP-2026-000045",
    "stage": 1,
    "stages": 2,
    "expires_at": "2026-11-21T01:30:00.000000Z",
    "waiting_for": "bank",
}

TRANSFER: Final[JSON] = {
    "id": _TRANSFER,
    "object": "transfer",
    **_POSTED,
    **_UNLIKE,
    **_BOTH,
    "refunded": "0.00",
    "links": {
        "self": f"/api/v1/transfers/{_TRANSFER}",
        "refunds": f"/api/v1/transfers/{_TRANSFER}/refunds",
    },
}
TRANSFER_WAITING: Final[JSON] = {
    **TRANSFER,
    "status": "awaiting_approval",
    "amount": "2000000.00",
    "booking_date": None,
    "approval": _WAITING,
    "links": {"self": f"/api/v1/transfers/{_TRANSFER}", "cancel": f"/api/v1/transfers/{_TRANSFER}/cancel"},
}
TRANSFER_HELD: Final[JSON] = {
    **TRANSFER,
    "status": "held",
    "booking_date": None,
    "held_because": "possible_duplicate",
    "possible_duplicate_of": "tr_01kav3b2e0d4v6q8z2h7k5j9t0",
    "ordinal": 2,
    "confirm_by": "2026-11-23T01:30:00.000000Z",
    "links": {
        "self": f"/api/v1/transfers/{_TRANSFER}",
        "cancel": f"/api/v1/transfers/{_TRANSFER}/cancel",
        "confirm": f"/api/v1/transfers/{_TRANSFER}/confirm",
    },
}
TRANSFER_UNDER_REVIEW: Final[JSON] = {
    **TRANSFER,
    "status": "under_review",
    "booking_date": None,
    "held_because": "under_review",
    "links": {"self": f"/api/v1/transfers/{_TRANSFER}", "cancel": f"/api/v1/transfers/{_TRANSFER}/cancel"},
}
DEPOSIT: Final[JSON] = {
    "id": _TRANSFER,
    "object": "deposit",
    **_POSTED,
    **_UNLIKE,
    **_AT_COUNTER,
    "links": {"self": f"/api/v1/deposits/{_TRANSFER}"},
}
WITHDRAWAL: Final[JSON] = {
    **DEPOSIT,
    "object": "withdrawal",
    "links": {"self": f"/api/v1/withdrawals/{_TRANSFER}"},
}
REFUND: Final[JSON] = {
    "id": "tr_01kav4k8n6h0y2u4w6p1r9s3dc",
    "object": "refund",
    **_POSTED,
    "reference": "RF-2026-7",
    "refund_of": _TRANSFER,
    "amount": "250.00",
    "refunded_total": "250.00",
    "left": "1000.00",
    "links": {"self": f"/api/v1/transfers/{_TRANSFER}/refunds/tr_01kav4k8n6h0y2u4w6p1r9s3dc"},
}
HOLD: Final[JSON] = {
    "id": _HOLD,
    "object": "hold",
    "status": "pending",
    "reference": "ORDER-77",
    **_SUM,
    **_BOTH,
    "captured": None,
    "transfer": None,
    "approval": None,
    "created_at": "2026-11-20T01:30:00.000000Z",
    "expires_at": "2026-11-27T01:30:00.000000Z",
    "metadata": {"terminal": "3"},
    "livemode": True,
    "links": {
        "self": f"/api/v1/holds/{_HOLD}",
        "capture": f"/api/v1/holds/{_HOLD}/capture",
        "release": f"/api/v1/holds/{_HOLD}/release",
    },
}
HOLD_CAPTURED: Final[JSON] = {
    **HOLD,
    "status": "captured",
    "captured": "1250.00",
    "transfer": TRANSFER,
    "links": {"self": f"/api/v1/holds/{_HOLD}"},
}
HOLD_WAITING: Final[JSON] = {**HOLD, "approval": _WAITING}
ACCOUNT: Final[JSON] = {
    "id": _PAYER,
    "object": "account",
    "number": "6200000000011",
    "name": "Harbour Trading Ltd",
    "currency": "CNY",
    "status": "active",
    "restriction": "none",
    "balance": {"ledger": "5000.00", "held": "250.00", "available": "4750.00"},
    "as_of": "2026-11-20T01:30:00.000000Z",
}
BALANCE: Final[JSON] = {
    "object": "balance",
    "account": _PAYER,
    "ledger": "5000.00",
    "currency": "CNY",
    "at": "2026-11-20T01:30:00.000000Z",
}
POSTING: Final[JSON] = {
    "id": "pst_01kav3d5h2f6w8s0x4k9p7m1bc",
    "object": "posting",
    "transfer": _TRANSFER,
    "deposit": None,
    "withdrawal": None,
    "refund": None,
    "reference": "INV-2026-118",
    "direction": "debit",
    "amount": "1250.00",
    "currency": "CNY",
    "balance_after": "3750.00",
    "booking_date": "2026-11-20",
    "value_date": "2026-11-20",
    "posted_at": "2026-11-20T01:30:00.000000Z",
    "description": "Invoice 118",
}
REFUNDS: Final[JSON] = {
    "data": [REFUND],
    "has_more": False,
    "next_cursor": None,
    "refunded_total": "250.00",
    "left": "1000.00",
}
BATCH: Final[JSON] = {
    "id": _BATCH,
    "object": "transfer_batch",
    "status": "partly_posted",
    "reference": "PAYROLL-2026-11",
    "currency": "CNY",
    "all_or_nothing": False,
    "item_count": 2,
    "counts": {"posted": 1, "refused": 1},
    "total": "2500.00",
    "posted_total": "1250.00",
    "approval": None,
    "created_at": "2026-11-20T01:30:00.000000Z",
    "metadata": {},
    "livemode": True,
    "links": {"self": f"/api/v1/transfer-batches/{_BATCH}", "items": f"/api/v1/transfer-batches/{_BATCH}/items"},
}
_ITEM: Final[JSON] = {"object": "transfer_batch_item", "amount": "1250.00", **_BOTH}
ITEM: Final[JSON] = {
    **_ITEM,
    "position": 0,
    "reference": "PAY-1",
    "status": "posted",
    "transfer": _TRANSFER,
    "code": None,
    "param": None,
}
ITEM_REFUSED: Final[JSON] = {
    **_ITEM,
    "position": 1,
    "reference": "PAY-2",
    "status": "refused",
    "transfer": None,
    "code": "insufficient_funds",
    "param": "from_account",
}
BATCH_PLACED: Final[JSON] = {**BATCH, "items": [ITEM, ITEM_REFUSED]}
BATCH_WAITING: Final[JSON] = {
    **BATCH,
    "status": "awaiting_approval",
    "counts": {"awaiting_approval": 1},
    "item_count": 1,
    "total": "1250.00",
    "posted_total": "0.00",
    "approval": _WAITING,
    "links": {**BATCH["links"], "cancel": f"/api/v1/transfer-batches/{_BATCH}/cancel"},
    "items": [{**ITEM, "status": "awaiting_approval", "transfer": None}],
}
PAYEE_CHECK: Final[JSON] = {"object": "payee_check", "result": "close_match"}

ASKED: Final[dict[str, JSON]] = {
    "BatchInput": {
        "reference": "PAYROLL-2026-11",
        "currency": "CNY",
        "items": [
            {**_BOTH, "amount": "1250.00", "reference": "PAY-1"},
            {**_BOTH, "to_account": {"number": "6200 0000 0012"}, "amount": "1250.00", "reference": "PAY-2"},
        ],
    },
    "TransferInput": {**_BOTH, **_SUM, "reference": "INV-2026-118", "metadata": {"terminal": "3"}},
    "DepositInput": {**_AT_COUNTER, **_SUM, "reference": "CASH-31"},
    "WithdrawalInput": {**_AT_COUNTER, **_SUM, "reference": "CASH-32"},
    "RefundInput": {"amount": "250.00", "currency": "CNY", "reference": "RF-2026-7", "narrative": "Goods returned"},
    "HoldInput": {**_BOTH, **_SUM, "reference": "ORDER-77", "expires_at": "2026-11-27T09:30:00+08:00"},
    "CaptureInput": {"amount": "1250.00", "currency": "CNY", "reference": "ORDER-77-PAID"},
    "PayeeCheckInput": {"account_number": "6200 0000 0012", "name": "Harbour Trading Ltd"},
    "ReasonInput": {"reason": "The customer paid two invoices of one amount"},
    "MetadataInput": {"metadata": {"ticket": "8812"}},
}


def waiting(payment: JSON) -> JSON:
    """Return a payment as it is while reviewers of the bank decide."""
    address = payment["links"]["self"]
    links = {"self": address, "cancel": f"{address}/cancel"}
    return {**payment, "status": "awaiting_approval", "booking_date": None, "approval": _WAITING, "links": links}


def asked(form: str) -> list[OpenApiExample]:
    """Return the example of what is sent in a form."""
    return examples.asked(form, ASKED[form])
