"""Keep what monitoring found."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Sum

from accounts.models import Account
from bankops.core import ids
from bankops.core.db import transaction_required
from bankops.core.errors import InvalidId
from risk.models import AlertKind, MovedMoney, Pattern
from risk.patterns import PatternAlert
from risk.services.alerts import AlertAbout, Reason, raise_alert

_WHY = "Many movements make up a suspicious shape together."


@transaction_required
def keep_pattern(alert: PatternAlert, *, now: datetime) -> bool:
    """Keep a pattern, or what it grew to, and raise its alert; return whether it is new. Locks the pattern.

    It keeps what it told of before, although that has left the days that monitoring looks at. While its alert is open, growing
    raises that one again; afterwards it is another one.
    """
    known = Pattern.objects.select_for_update().filter(key=alert.key).first()
    row = known or Pattern(key=alert.key, currency=settings.BANKOPS_BASE_CURRENCY, found_at=now)
    _tell(row, alert, now)
    row.save(force_insert=known is None)
    _raise(row, now)
    return known is None


def _raise(row: Pattern, now: datetime) -> None:
    accounts = Account.objects.filter(pk__in=[key for token in row.accounts if (key := _ours(token))])
    owners = accounts.exclude(customer=None).select_related("customer").order_by("pk")
    subject_first = sorted(owners, key=lambda account: account.pk != row.account_id)
    raise_alert(
        kind=AlertKind.MONITORING,
        score=row.score,
        about=AlertAbout(
            dedupe_key=f"pattern:{row.public_id}",
            customers=tuple(dict.fromkeys(account.customer.public_id for account in subject_first if account.customer)),
            accounts=tuple(token for token in row.accounts if _ours(token)),
            amount=row.money,
        ),
        reasons=[Reason(code=f"pattern_{row.family}", text=_WHY, weight=row.score, values={"pattern": row.public_id})],
        now=now,
    )


def _tell(row: Pattern, alert: PatternAlert, now: datetime) -> None:
    """Add to a pattern what the alert tells."""
    is_new = not row.movements
    row.family, row.subject, row.account_id = alert.family.value, alert.subject.number, _ours(alert.subject.number)
    row.movements = list(dict.fromkeys([*row.movements, *alert.transfers]))
    row.accounts = list(dict.fromkeys([*row.accounts, *(account.number for account in alert.accounts)]))
    row.began = alert.began if is_new else min(row.began, alert.began)
    row.ended = alert.ended if is_new else max(row.ended, alert.ended)
    row.amount = _moved(row.movements)
    row.score, row.usual, row.grown_at = alert.score, round(alert.usual * 10), now


def _moved(movements: list[UUID]) -> int:
    """Return what movements come to, in minor units of the base currency."""
    return MovedMoney.objects.filter(pk__in=movements).aggregate(total=Sum("base_amount"))["total"] or 0


def _ours(token: str) -> UUID | None:
    """Return the key of an account of ours; None for another bank's."""
    try:
        return ids.decode(Account.ID_PREFIX, token)
    except InvalidId:
        return None
