"""When a customer last moved money on an account: what `accounts.activity` asks of the books."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from accounts.models import Account
from transactions.models import BOOKED, Channel, Kind, Transaction

_SENT = (Kind.TRANSFER, Kind.WITHDRAWAL, Kind.PAYMENT_OUT)
_BROUGHT = (Kind.DEPOSIT,)


def active_since(account_ids: Collection[UUID], day: date) -> set[UUID]:
    """Return which of the accounts had, on `day` or later, a booking that their customer initiated. One query.

    A customer initiates what they send and the cash they bring. What others send them, interest, fees, and what runs by
    itself (the channel says so) could go on for years after they are gone.
    """
    booked = Transaction.objects.filter(booking_date__gte=day, state__in=BOOKED).exclude(channel=Channel.SYSTEM)
    sent = booked.filter(debit_account=OuterRef("pk"), kind__in=_SENT)
    brought = booked.filter(credit_account=OuterRef("pk"), kind__in=_BROUGHT)
    known = Account.objects.filter(Q(Exists(sent)) | Q(Exists(brought)), pk__in=account_ids)
    return set(known.values_list("pk", flat=True))
