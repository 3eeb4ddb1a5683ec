"""The registers: movements that the law has the bank report for their size, and what it reported as suspicious.

The large-value register reads what the rules said when money was about to move (`risk.models.Assessment`), never the books:
a movement stands in it when a rule whose reason code begins with `large_value` hit it. It is to be reported within five working
days (People's Bank of China, Order [2016] No. 3, article 9 as amended 2018).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from accounts.access import Person, granted_to
from accounts.models import Account
from bankops.core import clock, ids
from bankops.core.business_days import add_business_days
from bankops.core.db import prepared
from bankops.core.errors import InvalidId
from bankops.core.money import Money
from risk.access import visible_cases
from risk.models import CaseReport
from risk.selectors.days import Days
from staff.models import User

LARGE_VALUE: Final = "large_value"
WORKING_DAYS: Final = 5
_AT_ONCE = 500

# In the order of time, from behind the row before: however long the range, so many rows are in memory.
_LARGE = """
    SELECT a.id, a.assessed_at, a.reference, a.movement, a.customer, a.outcome, f.facts ->> 'kind', f.facts ->> 'channel',
           (f.facts -> 'amount' ->> 0)::bigint, f.facts -> 'amount' ->> 1,
           coalesce(f.facts -> 'payer' ->> 'account', ''), coalesce(f.facts -> 'payee' ->> 'account', ''),
           ARRAY(SELECT DISTINCT coalesce(e ->> 'rule', e ->> 'code') FROM jsonb_array_elements(a.reasons) e
                  WHERE starts_with(e ->> 'code', 'large_value') ORDER BY 1)
      FROM risk_assessment a CROSS JOIN LATERAL (SELECT a.facts::jsonb AS facts) f
     WHERE a.assessed_at >= %(since)s::timestamptz AND a.assessed_at < %(until)s::timestamptz
       AND (a.assessed_at, a.id) > (%(after)s::timestamptz, %(last)s::uuid)
       AND jsonb_path_exists(a.reasons, '$[*] ? (@.code starts with "large_value")')
     ORDER BY a.assessed_at, a.id LIMIT %(limit)s
"""
_BEFORE_ALL = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class LargeValue:
    """One movement of the large-value register; `movement` is its public id, `rules` the keys of the rules that hit."""

    at: datetime
    reference: str
    movement: str
    customer: str
    kind: str
    channel: str
    amount: Money
    payer: str
    payee: str
    rules: tuple[str, ...]
    outcome: str

    @property
    def report_by(self) -> date:
        """The last day on which it is reported in time."""
        return add_business_days(clock.business_date(self.at), WORKING_DAYS)


def large_values(person: Person, days: Days) -> Iterator[LargeValue]:
    """Yield the movements of a range of days that a large-value rule hit, in the order of time.

    Movements of confidential accounts that this person may not see are passed over.
    """
    after, last = days.since, _BEFORE_ALL
    while True:
        told = {"since": days.since, "until": days.until, "after": after, "last": last, "limit": _AT_ONCE}
        rows = prepared(_LARGE, told)
        hidden = _hidden(person, [account for row in rows for account in row[10:12] if account])
        for row in rows:
            if not hidden.intersection(filter(None, row[10:12])):
                yield _large(row)
        if len(rows) < _AT_ONCE:
            return
        after, last = rows[-1][1], rows[-1][0]


def reports_filed(person: Person, days: Days) -> Iterator[CaseReport]:
    """Yield the reports that were frozen in a range of days, in that order, with their cases, as far as they may be seen."""
    cases = visible_cases(person).values("pk")
    filed = CaseReport.objects.filter(frozen_at__gte=days.since, frozen_at__lt=days.until, case__in=cases)
    yield from filed.select_related("case").order_by("frozen_at", "id").iterator(chunk_size=_AT_ONCE)


def _large(row: tuple[Any, ...]) -> LargeValue:
    _key, at, reference, movement, customer, outcome, kind, channel, minor, currency, payer, payee, rules = row
    return LargeValue(
        at=at,
        reference=reference,
        movement=movement,
        customer=customer,
        kind=kind,
        channel=channel,
        amount=Money(minor, currency),
        payer=payer,
        payee=payee,
        rules=tuple(rules),
        outcome=outcome,
    )


def _hidden(person: Person, public_ids: list[str]) -> set[str]:
    """Return those of these accounts that are confidential and not this person's to see."""
    if not isinstance(person, User):
        return set(public_ids)
    keys = []
    for one in set(public_ids):
        try:
            keys.append(ids.decode(Account.ID_PREFIX, one))
        except InvalidId:  # another bank's number
            continue
    secret = Account.objects.filter(pk__in=keys, is_confidential=True).exclude(pk__in=granted_to(person))
    return {one.public_id for one in secret.only("id")}
