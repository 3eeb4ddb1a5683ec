"""A bank that keeps what it assessed, and a draft of a rule that is tried over all of it. Needs Django."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from time import perf_counter, process_time
from typing import Any

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.money import Money
from benchmarks.bench_assess import make_rules
from benchmarks.bench_velocity import COUNTERS, Past
from risk.facts import Facts, History
from risk.language.schema import Measure
from risk.models import Assessment, BacktestState, Rule, RuleVersion
from risk.outcomes import Outcome
from risk.rules.terms import Draft
from risk.services import backtests
from risk.services.rules import draft_version

MOVEMENTS, _PIECE, _DAYS = 100_000, 5_000, 30
_ACTOR = Actor.system("benchmark")
_TRIED = 'amount > money("5000 CNY") and payee.is_new and sum(customer, "24h") + amount > money("50000 CNY")'


def found() -> None:
    """Keep a month of assessments, and write a rule that is live with a draft of its next version."""
    chance, past, start = random.Random(5), Past(MOVEMENTS), clock.now() - timedelta(days=_DAYS)
    for first in range(0, MOVEMENTS, _PIECE):
        moments = [start + timedelta(days=_DAYS) * (number / MOVEMENTS) for number in range(first, first + _PIECE)]
        kept = [_told(past.next(chance, moment), chance) for moment in moments]
        Assessment.objects.bulk_create([_row(first + place, facts) for place, facts in enumerate(kept)])
    make_rules()
    terms = Draft(condition=_TRIED, weight=200, outcome=Outcome.REVIEW, explains="measured", note="measured")
    draft_version(rule_id=Rule.objects.get(key="bench_0").pk, draft=terms, actor=_ACTOR, now=clock.now())


def _told(facts: Facts, chance: random.Random) -> Facts:
    """Return facts as they are when everything was read: every counter, and a history."""
    counters = {
        counter: Money(chance.randrange(9_000_000), "CNY") if counter.measure is Measure.SUM else chance.randrange(20)
        for counter in COUNTERS
    }
    history = History(
        payee_first_seen_days=chance.randrange(9),
        payee_known_days=chance.randrange(90),
        payer_idle_days=chance.randrange(30),
        received_24h=Money(chance.randrange(9_000_000), "CNY"),
        received_count_24h=chance.randrange(9),
    )
    return replace(facts, counters=counters, history=history)


def _row(number: int, facts: Facts) -> Assessment:
    return Assessment(
        movement=f"tr_{number}",
        reference=f"TR-{number}",
        outcome=Outcome.APPROVE,
        score=0,
        band="low",
        ruleset=1,
        reasons=[],
        shadow=[],
        snoozed=[],
        facts=facts.as_json(),
        assessed_at=facts.moment,
        milliseconds=1,
    )


def measure() -> dict[str, Any]:
    """Try the draft over all movements as one worker does; return the seconds it took."""
    now = clock.now()
    version = RuleVersion.objects.get(rule__key="bench_0", number=2)
    since = now - timedelta(days=_DAYS + 1)
    begun, processor = perf_counter(), process_time()
    tried = backtests.start_backtest(version_id=version.pk, since=since, until=now, actor=_ACTOR, now=now)
    while backtests.work_off_piece(now=clock.now()):
        pass
    seconds, processor = perf_counter() - begun, process_time() - processor
    tried.refresh_from_db()
    assert (tried.state, tried.seen) == (BacktestState.DONE, MOVEMENTS), (tried.state, tried.seen, tried.fault)
    return {
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor, 1),
        "movements": tried.seen,
        "hits": tried.result["hits"],
        "hits_of_the_active": tried.result["before"],
        "bytes_of_facts": len(Assessment.objects.latest("id").facts),
    }
