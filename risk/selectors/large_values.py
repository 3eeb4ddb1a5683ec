"""The large-value register: movements that the law has the bank report for their size.

It reads what the rules said when money was about to move (`risk.models.RuleHit`, `Assessment`) and what moved then
(`MovedMoney`), never the books: a movement stands in it once, when a rule whose reason code begins with `large_value` hit it,
whichever assessment of it that was. It stands under the day on which it moved, or, where it did not, on which it was assessed.
Those rules count single amounts and the sum of a day; so what they summed stands before it (`risk.selectors.summed_up`). It is
to be reported within five working days (People's Bank of China, Order [2016] No. 3, articles 5 and 9 as amended 2018).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
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
from risk.models import MovedMoney, RuleHit
from risk.models.moved import MOVEMENT_PREFIX
from risk.selectors.days import Days
from risk.selectors.patterns import accounts_of
from risk.selectors.summed_up import Summed, summed_up

WORKING_DAYS: Final = 5
CODE: Final = "large_value"
"""What the reason codes of its rules begin with."""
WAITS: Final = timedelta(days=92)
"""So long an order waits before it moves, at most: held by risk, with those who release it, and with those who approve it."""

_ABOUT: Final = timedelta(minutes=5)  # what moves at once may be assessed a little behind the moment at which it moves
_AT_ONCE: Final = 5_000
_DAY: Final = timedelta(days=1)
_HITS: Final = """
    SELECT DISTINCT a.movement
      FROM risk_rule r JOIN risk_ruleversion v ON v.rule_id = r.id
           JOIN risk_rulehit h ON h.version = v.id AND h.how = %(how)s
           JOIN risk_assessment a ON a.id = h.assessment_id
     WHERE starts_with(r.reason_code, %(code)s)
       AND h.hit_at >= %(since)s::timestamptz AND h.hit_at < %(until)s::timestamptz
"""
_SAID: Final = """
    SELECT a.assessed_at, a.reference, a.movement, a.customer, a.outcome, f.facts ->> 'kind', f.facts ->> 'channel',
           (f.facts -> 'amount' ->> 0)::bigint, f.facts -> 'amount' ->> 1,
           coalesce(f.facts -> 'payer' ->> 'account', ''), coalesce(f.facts -> 'payee' ->> 'account', ''),
           ARRAY(SELECT DISTINCT coalesce(e ->> 'rule', e ->> 'code') FROM jsonb_array_elements(a.reasons) e
                  WHERE starts_with(e ->> 'code', %(code)s) ORDER BY 1)
      FROM risk_assessment a CROSS JOIN LATERAL (SELECT a.facts::jsonb AS facts) f
     WHERE a.movement = ANY (%(movements)s::text[])
     ORDER BY a.assessed_at, a.id
"""


@dataclass(frozen=True, slots=True)
class LargeValue:
    """One movement of the register.

    Attributes:
        at: when it moved; of what did not, when it was assessed.
        movement: its public id.
        payer, payee, customer: public ids, or words for what the reader may not know.
        rules: the keys of the rules that hit it; none for one that stands here because of the day's sum.
        counted_with: the reference of the one that was hit, for one that stands here because of the day's sum.
        outcome: what risk decided last, as `risk.outcomes.Outcome`.
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


def large_values(person: Person, days: Days) -> Iterator[LargeValue]:
    """Yield the movements of a range of days that a large-value rule hit, in the order of time, a day after the other.

    Before each of them comes what was counted with it and is not told yet. However long the range, a day's are in memory.
    Whoever reads of a confidential account that was not granted to them reads neither its id nor its customer's.
    """
    moves_on = _ordered_before(days)
    told: dict[str, datetime] = {}
    for day in days:
        hits = list(_of_day(day, moves_on))
        told = {movement: at for movement, at in told.items() if at >= day.since - 2 * _DAY}
        yield from _veiled(person, _with_what_counts(hits, told))


def _of_day(day: Days, moves_on: defaultdict[date, set[str]]) -> Iterator[LargeValue]:
    """Yield a day's movements that were hit, in the order of time. What moves on another day is noted in `moves_on`."""
    found = _hit(day.since, day.until + _ABOUT) | moves_on.pop(day.first, set())
    for one in sorted(_as_large(found), key=lambda one: (one.at, one.movement)):
        if one.at >= day.until:
            moves_on[one.day].add(one.movement)
        elif one.at >= day.since and one.rules:
            yield one


def _ordered_before(days: Days) -> defaultdict[date, set[str]]:
    """Return what was hit before a range of days and moved in it, by day."""
    keys = _keys(_hit(days.since - WAITS, days.since))
    found: defaultdict[date, set[str]] = defaultdict(set)
    named = list(keys)
    for first in range(0, len(named), _AT_ONCE):
        part = {keys[one]: one for one in named[first : first + _AT_ONCE]}
        moved = MovedMoney.objects.filter(pk__in=part, moment__gte=days.since, moment__lt=days.until)
        for key, moment in moved.values_list("pk", "moment"):
            found[clock.business_date(moment)].add(part[key])
    return found


def _hit(since: datetime, until: datetime) -> set[str]:
    """Return the movements that were hit in a time."""
    asked = {"code": CODE, "how": RuleHit.How.LIVE.value, "since": since, "until": until}
    return {movement for (movement,) in prepared(_HITS, asked)}


def _with_what_counts(hits: list[LargeValue], told: dict[str, datetime]) -> list[LargeValue]:
    """Return hits, each after what was counted with it and is not told yet; adds that to `told`."""
    summed = [_summed(hit) for hit in hits]
    keys = {hit.movement: key for hit, key in zip(hits, summed_up(summed), strict=True)}
    beside = {one.movement: one for one in _as_large({movement for each in keys.values() for movement in each})}
    found: list[LargeValue] = []
    for hit in hits:
        for movement in keys[hit.movement]:
            one = beside.get(movement)
            if one and not one.rules and movement not in told:
                told[movement] = one.at
                found.append(replace(one, counted_with=hit.reference))
        found.append(hit)
    return found


def _summed(hit: LargeValue) -> Summed:
    return Summed(hit.movement, hit.at, hit.kind, payer=hit.payer, payee=hit.payee, customer=hit.customer)


def _as_large(movements: Collection[str]) -> list[LargeValue]:
    """Return movements as the register has them, each once, whatever was said of it."""
    keys = _keys(movements)
    moved = dict(MovedMoney.objects.filter(pk__in=keys.values()).values_list("pk", "moment"))
    said: defaultdict[str, list[LargeValue]] = defaultdict(list)
    for row in prepared(_SAID, {"movements": sorted(movements), "code": CODE}) if movements else ():
        one = _large(row)
        said[one.movement].append(one)
    return [_once(each, moved.get(keys[movement]) if movement in keys else None) for movement, each in said.items()]


def _once(said: list[LargeValue], moment: datetime | None) -> LargeValue:
    """Return what was said of one movement as one: its first hit, with the rules of all, and what was decided last."""
    first = next((one for one in said if one.rules), said[0])
    rules = sorted({rule for one in said for rule in one.rules})
    return replace(first, at=moment or first.at, rules=tuple(rules), outcome=said[-1].outcome, moved=moment is not None)


def _large(row: tuple[Any, ...]) -> LargeValue:
    at, reference, movement, customer, outcome, kind, channel, minor, currency, payer, payee, rules = row
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


def _keys(movements: Iterable[str]) -> dict[str, UUID]:
    return {one: key for one in movements if (key := _key(one))}


def _key(movement: str) -> UUID | None:
    try:
        return ids.decode(MOVEMENT_PREFIX, movement)
    except InvalidId:
        return None
