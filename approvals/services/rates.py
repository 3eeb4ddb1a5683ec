"""Reference rates: what foreign money is worth to the approval policies."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, localcontext
from functools import cache

from django.conf import settings
from django.db import connection, transaction

from approvals import errors, events
from approvals.models import ReferenceRate
from bankops.core import audit, context, operations, outbox
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from bankops.core.errors import AmountTooLarge
from bankops.core.money import Money, exponent
from bankops.core.texts import require_reason

Worth = Callable[[Money], Money | None]
"""What an amount is worth in the bank's base currency, as `in_base_currency` says it."""
_RATE = re.compile(r"[0-9]{1,10}(\.[0-9]{1,8})?", re.ASCII)
_DIGITS = 50  # more than the product of any amount and any rate has, so that only Money.rounded rounds


def in_base_currency(*, amount: Money, now: datetime) -> Money | None:
    """Return what an amount is worth in the bank's base currency by the rate in force; None when there is no rate.

    Also None when the worth is more than the books can hold: nobody can tell it, so policies take it as met.
    """
    return worths(now)(amount)


def worths(now: datetime) -> Worth:
    """Return what says so of many amounts: each currency's rate is looked up once."""
    rates = cache(lambda currency: rate_in_force(currency=currency, now=now))
    base = settings.BANKOPS_BASE_CURRENCY
    return lambda amount: amount if amount.currency == base else worth(amount, _figure(rates(amount.currency)))


def worth(amount: Money, rate: Decimal | None) -> Money | None:
    """Return the same by a rate that is known already: base units for one unit of the amount's currency."""
    if rate is None:
        return None
    with localcontext(prec=_DIGITS):
        exact = amount.decimal * rate
    try:
        return Money.rounded(exact, settings.BANKOPS_BASE_CURRENCY)
    except AmountTooLarge:
        return None


def _figure(counting: ReferenceRate | None) -> Decimal | None:
    return counting.rate if counting else None


def rate_in_force(*, currency: str, now: datetime) -> ReferenceRate | None:
    """Return the rate that counts for a currency at `now`, or None."""
    return ReferenceRate.objects.filter(currency=currency).counting_at(now).first()


def parse_rate(*, currency: str, text: object) -> Decimal:
    """Read a rate: base units for one unit of `currency`, as a decimal string above zero.

    :raises UnknownCurrency: when ISO 4217 does not know `currency`.
    :raises RateOfBaseCurrency: when it is the base currency, whose rate is 1.
    :raises InvalidRate: when `text` is not such a string, or has more than 10 digits before or 8 after the point.
    """
    exponent(currency)
    base = settings.BANKOPS_BASE_CURRENCY
    if currency == base:
        raise errors.RateOfBaseCurrency(currency=currency)
    if not isinstance(text, str) or not _RATE.fullmatch(text) or not Decimal(text):
        raise errors.InvalidRate(value=text, currency=currency, base=base)
    return Decimal(text)


@operations.only_through_gate("approvals.set_reference_rate")
@transaction.atomic
def set_reference_rate(*, currency: str, rate: str, actor: Actor, reason: str, now: datetime) -> ReferenceRate:
    """Set what one unit of a currency is worth from `now` on, and return it. Writes `approvals.reference_rate.set`.

    :param rate: decimal string, base units for one unit of `currency`.
    :raises ReasonRequired: when `reason` is blank.
    :raises RateUnchanged: when it is worth exactly that already.
    :raises UnknownCurrency, RateOfBaseCurrency, InvalidRate: as `parse_rate`.
    """
    reason = require_reason(reason)
    lock_rate(currency)
    parsed = check_rate(currency=currency, rate=rate, now=now)
    return write_rate(currency=currency, rate=parsed, actor=actor, reason=reason, now=now)


def check_rate(*, currency: str, rate: str, now: datetime) -> Decimal:
    """Return the rate as it would be set at `now`; see `set_reference_rate`.

    :raises RateUnchanged: when the currency is worth exactly that already.
    :raises UnknownCurrency, RateOfBaseCurrency, InvalidRate: as `parse_rate`.
    """
    parsed = parse_rate(currency=currency, text=rate)
    before = rate_in_force(currency=currency, now=now)
    if before and before.rate == parsed:
        base = settings.BANKOPS_BASE_CURRENCY
        raise errors.RateUnchanged(currency=currency, rate=f"{parsed.normalize():f}", base=base)
    return parsed


@transaction_required
def lock_rate(currency: str) -> None:
    """Let changes of one currency's rate wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"approvals.rate:{currency}"])


@transaction_required
def write_rate(*, currency: str, rate: Decimal, actor: Actor, reason: str, now: datetime) -> ReferenceRate:
    """Write a rate in the caller's transaction: what `set_reference_rate` decided, or the demo's."""
    before = rate_in_force(currency=currency, now=now)
    written = ReferenceRate.objects.create(
        currency=currency,
        rate=rate,
        valid_from=now,
        note=reason,
        set_by_id=actor.id,
        set_by_name=actor.name,
        approval_request_id=context.approval_request_id(),
    )
    subject, changes = events.about_rate(currency), {"rate": (before and f"{before.rate:f}", f"{rate:f}")}
    audit.record(events.REFERENCE_RATE_SET, actor=actor, subject=subject, now=now, reason=reason, changes=changes)
    payload = {"currency": currency, "rate": f"{rate:f}"}
    outbox.announce(events.REFERENCE_RATE_SET.name, subject_id=currency, payload=payload, now=now)
    return written
