"""A bank with so many movements behind it, and how long it takes to look back and to note one more. Needs Django."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, transaction

from bankops.core import clock, ids
from bankops.core.money import Money
from benchmarks.bench_people import clocked, superuser
from risk.facts import Facts, MovementKind, Party, bank_time
from risk.language.schema import COUNTED, Counter, Measure
from risk.velocity import folding, subjects
from risk.velocity.reading import look_back
from risk.velocity.recording import record

_EACH, _ASKED_PAYERS, _TAIL, _OWNERS = 10, 1_000, 1_000, 1_000_000_000
COUNTERS = [
    Counter(measure, subject, window)
    for measure, of in COUNTED.items()
    for subject, window in product(of, ("10m", "24h", "30d") if measure is Measure.COUNT else ("24h",))
]
"""What some thirty rules ask for."""

# Payees are unequal: of a million movements, the first of twenty thousand payees has every twenty-seventh.
_MOVED = """
CREATE TEMPORARY TABLE moved AS
SELECT (n %% %(payers)s)::int AS payer, floor(%(payees)s * power(random(), 3))::int AS payee,
       %(now)s - 60 - floor(1555000 * random() * random())::int AS slot, 1 + n::bigint * 7919 %% 100000 AS amount
  FROM generate_series(1, %(movements)s) n
"""
# What the folder makes of that, by payer or by payee, as coarse as it would be.
_BY = """
CREATE TEMPORARY TABLE by_{number} AS
WITH entries AS (
    SELECT {number} AS number, slot - slot %% grain AS slot, count(*)::int AS n, sum(amount)::bigint AS amount,
           min(slot) AS first, max(slot) AS last
      FROM moved CROSS JOIN LATERAL (SELECT CASE WHEN slot >= %(now)s - 792 THEN 12 WHEN slot >= %(now)s - 121740 THEN 720
                                                 ELSE 17280 END AS grain) g
     GROUP BY 1, 2
), counted AS (
    SELECT number, min(first) AS first, max(last) AS last, array_agg(slot ORDER BY slot) AS slots,
           array_agg(n ORDER BY slot) AS counts, array_agg(amount ORDER BY slot) AS sums
      FROM entries GROUP BY number
), met AS (
    SELECT number, array_agg(side ORDER BY nth) AS sides, array_agg(slot ORDER BY nth) AS at
      FROM (SELECT {number} AS number, {side} AS side, max(slot) AS slot,
                   row_number() OVER (PARTITION BY {number} ORDER BY max(slot) DESC) AS nth
              FROM moved GROUP BY 1, 2) sides
     WHERE nth <= 1000 GROUP BY number
)
SELECT * FROM counted JOIN met USING (number)
"""
_PAIRS = """
CREATE TEMPORARY TABLE by_pair AS
SELECT payer::bigint * 10000000 + payee AS number, min(slot) AS first, max(slot) AS last, array_agg(slot - slot %% 720) AS slots,
       array_agg(1) AS counts, array_agg(amount) AS sums
  FROM moved GROUP BY payer, payee
"""
_FILL = """
INSERT INTO risk_velocitycounter (key, kind, first_seen, last_seen, country, country_at, slots, counts, sums,
                                  payees, payees_at, payers, payers_at)
SELECT coalesce(k.key, md5('{kind}' || c.number)::uuid), '{kind}', to_timestamp(first * 5), to_timestamp(last * 5), '', NULL,
       slots, counts, sums, {sides}
  FROM {source} c LEFT JOIN asked_keys k ON k.kind = '{kind}' AND k.number = c.number
"""
_NO_SIDES, _PAYEES, _PAYERS = "'{}', '{}', '{}', '{}'", "sides, at, '{}', '{}'", "'{}', '{}', sides, at"
_KINDS = (
    ("payer", "by_payer", _PAYEES),
    ("customer", "by_payer", _PAYEES),
    ("device", "by_payer", _PAYEES),
    ("cust_device", "by_payer", _NO_SIDES),
    ("cust_country", "by_payer", _NO_SIDES),
    ("payee", "by_payee", _PAYERS),
    ("pair", "by_pair", _NO_SIDES),
)


@dataclass(frozen=True)
class Past:
    """How much has happened: so many movements in ninety days, ten for each payer, payees a fifth of the payers."""

    movements: int

    @property
    def payers(self) -> int:
        return self.movements // _EACH

    @property
    def payees(self) -> int:
        return self.payers // 5

    def next(self, chance: random.Random, moment: datetime) -> Facts:
        """Return a movement that is about to happen: anybody who is asked for, to somebody popular or not."""
        payer = chance.randrange(min(_ASKED_PAYERS, self.payers))
        return _movement(payer, int(self.payees * chance.random() ** 3), moment, chance.randint(1, 9_000_00))


def _movement(payer: int, payee: int, moment: datetime, minor: int = 1_00) -> Facts:
    hour, weekday = bank_time(moment)
    return Facts(
        movement="tr_bench",
        kind=MovementKind.TRANSFER,
        channel="partner",
        amount=Money(minor, "CNY"),
        base_amount=Money(minor, "CNY"),
        moment=moment,
        hour=hour,
        weekday=weekday,
        payer=Party(f"acc_{payer}", ours=True, customer=_customer(payer)),
        payee=Party(f"shop_{payee}", ours=True, customer=_customer(_OWNERS + payee)),
        device=f"dev_{payer}",
        country="CN",
    )


def _customer(number: int) -> str:
    return ids.encode("cus", UUID(int=number))


def found(movements: int) -> None:
    """Fill in what the folder would have made of the past."""
    past, now = Past(movements), clock.now()
    told = {"now": subjects.slot_of(now), "movements": movements, "payers": past.payers, "payees": past.payees}
    with superuser() as cursor:
        cursor.execute("SET work_mem = '256MB'")
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(_MOVED, told)
        _name_the_asked(cursor, past, now)
        cursor.execute(_BY.format(number="payer", side="payee"), told)
        cursor.execute(_BY.format(number="payee", side="payer"), told)
        cursor.execute(_PAIRS, told)
        for kind, source, sides in _KINDS:
            cursor.execute(_FILL.format(kind=kind, source=source, sides=sides))
        cursor.execute("DROP TABLE moved, asked_keys, by_payer, by_payee, by_pair")
        cursor.execute("VACUUM ANALYZE risk_velocitycounter")


def _name_the_asked(cursor: psycopg.Cursor[Any], past: Past, now: datetime) -> None:
    """Give those that will be asked for the keys they will be asked by; all others have any."""
    cursor.execute("CREATE TEMPORARY TABLE asked_keys (kind text, number bigint, key uuid)")
    cursor.execute("SELECT DISTINCT payer, payee FROM moved WHERE payer < %s", [_ASKED_PAYERS])
    met = cursor.fetchall()
    with cursor.copy("COPY asked_keys FROM STDIN") as copy:
        for row in _keys(past, met, now):
            copy.write_row(row)
    cursor.execute("CREATE INDEX ON asked_keys (kind, number)")
    cursor.execute("ANALYZE asked_keys")


def _keys(past: Past, met: list[tuple[int, int]], now: datetime) -> Iterator[tuple[str, int, str]]:
    for payer in range(min(_ASKED_PAYERS, past.payers)):
        keys = subjects.counted(_movement(payer, 0, now))
        for kind in ("payer", "customer", "device", "cust_device", "cust_country"):
            yield kind, payer, keys[kind]
    for payee in range(past.payees):
        yield "payee", payee, subjects.counted(_movement(0, payee, now))["payee"]
    for payer, payee in met:
        yield "pair", payer * 10_000_000 + payee, subjects.counted(_movement(payer, payee, now))["pair"]


def measure(movements: int, samples: int) -> dict[str, Any]:
    """Return milliseconds of looking back and of noting, with two seconds' worth of movements not folded yet."""
    past, chance = Past(movements), random.Random(1)
    _note(past, chance, _TAIL)
    told = {"movements": movements, "counters": len(COUNTERS), **_sizes(), **_calls(past, chance, samples)}
    popular = _movement(1, 0, clock.now())
    told["popular_payee_ms"] = spread([_look(popular) for _ in range(samples // 10)])
    taken: list[float] = []
    rows = clocked(taken, folding.fold, now=clock.now())
    told["fold"] = {"rows": rows, "ms": round(taken[0])}
    return told


def _calls(past: Past, chance: random.Random, samples: int) -> dict[str, Any]:
    looked, noted = list[float](), list[float]()
    for _sample in range(samples):
        facts = past.next(chance, clock.now())
        looked.append(_look(facts))
        with transaction.atomic():
            connection.ensure_connection()
            clocked(noted, record, movements=[facts])
    both = [one + other for one, other in zip(looked, noted, strict=True)]
    return {"look_back_ms": spread(looked), "record_ms": spread(noted), "both_ms": spread(both)}


def _look(facts: Facts) -> float:
    taken: list[float] = []
    clocked(taken, look_back, movements=[facts], counters=COUNTERS, now=clock.now())
    return taken[0]


def _note(past: Past, chance: random.Random, count: int) -> None:
    now = clock.now()
    with transaction.atomic():
        record(movements=[past.next(chance, now - timedelta(milliseconds=2 * number)) for number in range(count)])


def _sizes() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), pg_total_relation_size('risk_velocitycounter') / 1048576 FROM risk_velocitycounter"
        )
        rows, megabytes = cursor.fetchone()
    return {"rows": rows, "megabytes": megabytes}


def spread(taken: list[float]) -> dict[str, float]:
    """Return what is told of figures: median, ninety-fifth percentile and the least."""
    return {
        "median": round(median(taken), 3),
        "p95": round(quantiles(taken, n=20)[-1], 3),
        "fastest": round(min(taken), 3),
    }
