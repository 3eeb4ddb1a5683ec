"""What partners are told of their orders: payments, holds and batches (`services.telling`, `.batch_telling`, `.holds`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext_lazy as _

from bankops.core.audit import EventType as Event
from notifications import event_types
from notifications.event_types import EventType, Field
from notifications.event_types import Kind as Holds
from transactions import events
from transactions.models import Kind

_PAYMENT: Final = "tr_01kav3d5h2f6w8s0x4k9p7m1ba"
_HOLD: Final = "hold_01kav3f7c4e6r8t0y2n5m7q9wx"
_BATCH: Final = "bat_01kav3h9d4e6r8t0y2n5m7q9wx"

_STATE: Final = _("Where it then stood, in the bank's words. Read the resource for its `status` now.")
_CURRENCY: Final = Field("currency", _("ISO 4217."), "CNY")
_REFERENCE: Final = Field("reference", _("Your own."), "INV-2026-118")

_OF_PAYMENTS: Final = (
    Field("transaction", _("Its id."), _PAYMENT),
    Field("kind", _("TRANSFER, DEPOSIT, WITHDRAWAL or REFUND."), "TRANSFER"),
    Field("state", _STATE, "posted"),
    Field("amount", _("A decimal string with all the currency's decimal places."), "1250.00", Holds.AMOUNT),
    _CURRENCY,
    Field(
        "booking_date", _("The bank's own day; while nothing is posted, that of the order."), "2026-11-20", Holds.DATE
    ),
    _REFERENCE,
    Field("bank_reference", _("The bank's, for people on the phone."), "TR-2026-000123"),
    Field(
        "held_because",
        _("Why it was held back, where it was: `possible_duplicate` or `under_review`."),
        "possible_duplicate",
        required=False,
    ),
    Field("possible_duplicate_of", _("Your own payment that it looks like."), _PAYMENT, required=False),
    Field("refunds", _("Of a refund, the transfer that it gives money of back."), _PAYMENT, required=False),
)
_OF_HOLDS: Final = (
    Field("hold", _("Its id."), _HOLD),
    Field("transaction", _("Your transfer that it was captured by; empty for none."), ""),
    Field("amount", _("What is or was held."), "1250.00", Holds.AMOUNT),
    _CURRENCY,
    Field("purpose", _("Always PAYMENT."), "PAYMENT"),
    Field("captured", _("What of it was paid out; empty before that."), "", Holds.AMOUNT),
    _REFERENCE,
)
_OF_BATCHES: Final = (
    Field("batch", _("Its id."), _BATCH),
    _REFERENCE,
    Field("state", _STATE, "carried_out"),
    _CURRENCY,
    Field("total", _("The sum of all its items."), "2500.00", Holds.AMOUNT),
    Field("items", _("How many it has."), 2, Holds.COUNT),
    Field("made", _("How many of them became transfers, held ones too."), 1, Holds.COUNT),
    Field("refused", _("How many of them were refused."), 1, Holds.COUNT),
)
_HOLDS: Final = (events.HOLD_PLACED, events.HOLD_POSTED, events.HOLD_VOIDED, events.HOLD_EXPIRED)
_BATCHES: Final = (events.BATCH_PARKED, events.BATCH_CARRIED_OUT, events.BATCH_ENDED)
_ORDERED: Final = (Kind.TRANSFER, Kind.DEPOSIT, Kind.WITHDRAWAL, Kind.REFUND)
"""What partners order; fees, interest and reversals are the bank's own."""


def declare_all() -> None:
    """Declare them."""
    payments = [EventType(event.name, event.label, _PAYMENT, _OF_PAYMENTS) for event in _payments()]
    holds = [EventType(event.name, event.label, _HOLD, _OF_HOLDS) for event in _HOLDS]
    batches = [EventType(event.name, event.label, _BATCH, _OF_BATCHES) for event in _BATCHES]
    event_types.declare(*payments, *holds, *batches)


def _payments() -> Iterator[Event]:
    yield from (events.POSTED[kind] for kind in _ORDERED)
    yield from (events.PARKED[kind] for kind in _ORDERED)
    yield from events.ENDED.values()
    yield from events.HELD.values()
    yield from events.CANCELLED.values()
    yield from events.DECLINED.values()
    yield events.REVERSED
