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
       AND %(amount)s <= l.per_transaction AND %(amount)s <= l.per_day
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
def take_allowance(*, partner_id: UUID, amount: Money, day: date) -> None:
    """Count an amount against a partner's limits. The row stays locked until the commit, so this comes last before it.

    :param day: the business day of the order.
    :raises PartnerLimitMissing: when nothing was agreed in the currency.
    :raises PartnerLimitExceeded: when it is too much at once, or for the day; it says what is left.
    """
    if not prepared(_TAKE, _terms(partner_id, amount, day)):
        raise _refusal(partner_id, amount, day)


@transaction_required
def give_back(*, partner_id: UUID, amount: Money, day: date) -> None:
    """Take an amount off what was counted on `day`: it was not moved after all."""
    prepared(_GIVE_BACK, _terms(partner_id, amount, day))


def _terms(partner_id: UUID, amount: Money, day: date) -> dict[str, Any]:
    return {"partner": partner_id, "currency": amount.currency, "amount": amount.minor, "day": day}


def _refusal(partner_id: UUID, amount: Money, day: date) -> PartnerLimitMissing | PartnerLimitExceeded:
    limit = PartnerLimit.objects.filter(partner_id=partner_id, currency=amount.currency).first()
    if limit is None:
        return PartnerLimitMissing(currency=amount.currency)
    if amount.minor > limit.per_transaction:
        per, most, left = gettext("in one transaction"), limit.single, limit.single
    else:
        used = PartnerUsage.objects.filter(partner_id=partner_id, currency=amount.currency, day=day).first()
        per, most = gettext("in a day"), limit.daily
        left = Money(limit.per_day - (used.used if used else 0), amount.currency)
    return PartnerLimitExceeded(limit=str(most), left=str(left), currency=amount.currency, per=per)
