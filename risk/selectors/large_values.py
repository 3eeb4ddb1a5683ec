"""The large-value register: movements that the law has the bank report for their size.

It reads what the rules said when money was about to move (`risk.models.Assessment`) and what moved then (`MovedMoney`), never the
books: a movement stands in it when a rule whose reason code begins with `large_value` hit it. Those rules count single amounts
and the sum of a day; so what the customer moved before on the same day, in cash or by transfer as the one that was hit, stands
before it. It is to be reported within five working days (People's Bank of China, Order [2016] No. 3, articles 5 and 9 as amended
2018).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from accounts.access import Person, may_read_name
from accounts.models import Account
from bankops.core import clock, ids
from bankops.core.business_days import add_business_days
from bankops.core.db import prepared
from bankops.core.errors import InvalidId
from bankops.core.money import Money
from risk.confidential import hidden_account, hidden_holder
from risk.facts import MovementKind
from risk.models import MovedMoney
from risk.models.moved import MOVEMENT_PREFIX
from risk.selectors.days import Days
from risk.selectors.patterns import accounts_of

WORKING_DAYS: Final = 5
_AT_ONCE = 500
_CASH: Final = (MovementKind.DEPOSIT, MovementKind.WITHDRAWAL)
_BEFORE_ALL: Final = "00000000-0000-0000-0000-000000000000"
_HIT: Final = """jsonb_path_exists(a.reasons, '$[*] ? (@.code starts with "large_value")')"""
_COLUMNS: Final = """
    SELECT a.id, a.assessed_at, a.reference, a.movement, a.customer, a.outcome, f.facts ->> 'kind', f.facts ->> 'channel',
           (f.facts -> 'amount' ->> 0)::bigint, f.facts -> 'amount' ->> 1,
           coalesce(f.facts -> 'payer' ->> 'account', ''), coalesce(f.facts -> 'payee' ->> 'account', ''),
           ARRAY(SELECT DISTINCT coalesce(e ->> 'rule', e ->> 'code') FROM jsonb_array_elements(a.reasons) e
                  WHERE starts_with(e ->> 'code', 'large_value') ORDER BY 1)
      FROM risk_assessment a CROSS JOIN LATERAL (SELECT a.facts::jsonb AS facts) f
"""
# In the order of time, from behind the row before: however long the range, so many rows are in memory.
_HITS = f"""{_COLUMNS}
     WHERE a.assessed_at >= %(since)s::timestamptz AND a.assessed_at < %(until)s::timestamptz
       AND (a.assessed_at, a.id) > (%(after)s::timestamptz, %(last)s::uuid) AND {_HIT}
     ORDER BY a.assessed_at, a.id LIMIT %(limit)s
"""
# The index by time finds the days; there is none by customer.
_BESIDE = f"""{_COLUMNS}
     WHERE a.assessed_at >= %(since)s::timestamptz AND a.assessed_at < %(until)s::timestamptz
       AND a.customer = ANY (%(customers)s::text[]) AND NOT {_HIT}
     ORDER BY a.assessed_at, a.id
"""


@dataclass(frozen=True, slots=True)
class LargeValue:
    """One movement of the register.

    Attributes:
        movement: its public id.
        payer, payee, customer: public ids, or words for what the reader may not know.
        rules: the keys of the rules that hit it; none for one that stands here because of the day's sum.
        counted_with: the reference of the one that was hit, for one that stands here because of the day's sum.
        outcome: what risk decided then, as `risk.outcomes.Outcome`.
        moved: whether the money moved; what was declined or is held did not.

    """

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
    moved: bool = False
    counted_with: str = ""

    @property
    def report_by(self) -> date:
        """The last day on which it is reported in time."""
        return add_business_days(self.day, WORKING_DAYS)

    @property
    def day(self) -> date:
        """The bank's day on which it was."""
        return clock.business_date(self.at)

    @property
    def is_cash(self) -> bool:
        """Whether it is summed up with cash; else with transfers."""
        return self.kind in _CASH


def large_values(person: Person, days: Days) -> Iterator[LargeValue]:
    """Yield the movements of a range of days that a large-value rule hit, in the order of time.

    Before each of them comes what was counted with it and is not told yet.
    Whoever reads of a confidential account that was not granted to them reads neither its id nor its customer's.
    """
    after, last = days.since, _BEFORE_ALL
    told: set[str] = set()
    while True:
        rows = prepared(
            _HITS, {"since": days.since, "until": days.until, "after": after, "last": last, "limit": _AT_ONCE}
        )
        yield from _veiled(person, _with_what_counts(_as_large(rows), told))
        if len(rows) < _AT_ONCE:
            return
        after, last = rows[-1][1], rows[-1][0]


def _with_what_counts(hits: list[LargeValue], told: set[str]) -> list[LargeValue]:
    """Return hits, each after what was counted with it and is not told yet; adds that to `told`."""
    beside = _beside(hits)
    found: list[LargeValue] = []
    for hit in hits:
        for one in beside.get((hit.customer, hit.day, hit.is_cash), ()):
            if one.at <= hit.at and one.movement not in told:
                told.add(one.movement)
                found.append(replace(one, counted_with=hit.reference))
        found.append(hit)
    return found


def _beside(hits: list[LargeValue]) -> Mapping[tuple[str, date, bool], list[LargeValue]]:
    """Return what moved beside hits, by customer, day and whether it was cash."""
    customers = sorted({hit.customer for hit in hits} - {""})
    if not customers:
        return {}
    days = Days(hits[0].day, hits[-1].day)
    rows = prepared(_BESIDE, {"since": days.since, "until": days.until, "customers": customers})
    grouped: dict[tuple[str, date, bool], list[LargeValue]] = {}
    for one in _as_large(rows):
        if one.moved:
            grouped.setdefault((one.customer, one.day, one.is_cash), []).append(one)
    return grouped


def _as_large(rows: list[tuple[Any, ...]]) -> list[LargeValue]:
    found = [_large(row) for row in rows]
    keys = {one.movement: key for one in found if (key := _key(one.movement))}
    moved = set(MovedMoney.objects.filter(pk__in=keys.values()).values_list("pk", flat=True))
    return [replace(one, moved=keys.get(one.movement) in moved) for one in found]


def _large(row: tuple[Any, ...]) -> LargeValue:
    _id, at, reference, movement, customer, outcome, kind, channel, minor, currency, payer, payee, rules = row
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


def _veiled(person: Person, found: list[LargeValue]) -> Iterator[LargeValue]:
    accounts = accounts_of(side for one in found for side in (one.payer, one.payee))
    hidden = {token: account for token, account in accounts.items() if not may_read_name(person, account)}
    for one in found:
        yield _veil(one, hidden) if {one.payer, one.payee} & hidden.keys() else one


def _veil(one: LargeValue, hidden: Mapping[str, Account]) -> LargeValue:
    holders = {account.customer.public_id for account in _named(one, hidden) if account.customer}
    return replace(
        one,
        payer=hidden_account() if one.payer in hidden else one.payer,
        payee=hidden_account() if one.payee in hidden else one.payee,
        customer=hidden_holder() if one.customer in holders else one.customer,
    )


def _named(one: LargeValue, hidden: Mapping[str, Account]) -> Iterable[Account]:
    return [hidden[side] for side in (one.payer, one.payee) if side in hidden]


def _key(movement: str) -> UUID | None:
    try:
        return ids.decode(MOVEMENT_PREFIX, movement)
    except InvalidId:
        return None
