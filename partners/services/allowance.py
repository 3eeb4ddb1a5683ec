"""What a partner may still move today. Counted in one statement, so that calls at once cannot share what is left."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from bankops.core.db import prepared, transaction_required
from bankops.core.money import Money
from partners.errors import PartnerLimitExceeded, PartnerLimitMissing
from partners.models import PartnerLimit, PartnerUsage

_TAKE = """
    INSERT INTO partners_partnerusage AS u (partner_id, currency, day, used)
    SELECT l.partner_id, l.currency, %(day)s, %(amount)s FROM partners_partnerlimit l
     WHERE l.partner_id = %(partner)s AND l.currency = %(currency)s
       AND %(largest)s <= l.per_transaction AND %(amount)s <= l.per_day
    ON CONFLICT (partner_id, currency, day) DO UPDATE SET used = u.used + EXCLUDED.used
     WHERE u.used + EXCLUDED.used <= (SELECT l.per_day FROM partners_partnerlimit l
                                       WHERE l.partner_id = %(partner)s AND l.currency = %(currency)s)
    RETURNING used
"""
_GIVE_BACK = """
    UPDATE partners_partnerusage SET used = used - %(amount)s
     WHERE partner_id = %(partner)s AND currency = %(currency)s AND day = %(day)s
"""


@transaction_required
def take_allowance(*, partner_id: UUID, amount: Money, day: date, largest: Money | None = None) -> None:
    """Count an amount against a partner's limits. The row stays locked until the commit, so this comes last before it.

    :param day: the business day of the order.
    :param largest: the largest single amount, where `amount` is of several transactions.
    :raises PartnerLimitMissing: when nothing was agreed in the currency.
    :raises PartnerLimitExceeded: when it is too much at once, or for the day; it says what is left.
    """
    single = largest or amount
    if not prepared(_TAKE, _terms(partner_id, amount, day) | {"largest": single.minor}):
        raise _refusal(partner_id, amount, day, single)


@transaction_required
def give_back(*, partner_id: UUID, amount: Money, day: date) -> None:
    """Take an amount off what was counted on `day`: it was not moved after all."""
    prepared(_GIVE_BACK, _terms(partner_id, amount, day))


def require_single(*, partner_id: UUID, amount: Money) -> None:
    """Refuse an amount that a partner may not move at once today; for what was counted when it was ordered, days ago.

    :raises PartnerLimitMissing: when nothing is agreed in the currency any more.
    :raises PartnerLimitExceeded: when it is more than is agreed for one transaction now.
    """
    limit = PartnerLimit.objects.filter(partner_id=partner_id, currency=amount.currency).first()
    if limit is None:
        raise PartnerLimitMissing(currency=amount.currency)
    if amount.minor > limit.per_transaction:
        raise _too_much_at_once(limit)


def _terms(partner_id: UUID, amount: Money, day: date) -> dict[str, Any]:
    figures = {"amount": amount.minor, "largest": amount.minor}
    return {"partner": partner_id, "currency": amount.currency, "day": day, **figures}


def _refusal(partner_id: UUID, amount: Money, day: date, single: Money) -> PartnerLimitMissing | PartnerLimitExceeded:
    limit = PartnerLimit.objects.filter(partner_id=partner_id, currency=amount.currency).first()
    if limit is None:
        return PartnerLimitMissing(currency=amount.currency)
    if single.minor > limit.per_transaction:
        return _too_much_at_once(limit)
    used = PartnerUsage.objects.filter(partner_id=partner_id, currency=amount.currency, day=day).first()
    left = Money(limit.per_day - (used.used if used else 0), amount.currency)
    per = gettext("in a day")
    return PartnerLimitExceeded(limit=str(limit.daily), left=str(left), currency=amount.currency, per=per)


def _too_much_at_once(limit: PartnerLimit) -> PartnerLimitExceeded:
    most, per = str(limit.single), gettext("in one transaction")
    return PartnerLimitExceeded(limit=most, left=most, currency=limit.currency, per=per)
