"""Assess movements before they happen. What cannot be assessed, or not in time, is held back: never waved through.

Called in the path of money. Two statements are asked of the database in one round trip, however many movements there are, within
a bound of time; everything else is in memory. docs/risk.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Final, NamedTuple

import structlog
from django.conf import settings
from django.db import OperationalError

from bankops.core import ids
from bankops.core.db import prepared, prepared_together, reading_within
from bankops.core.errors import BankOpsError
from risk.assessment import background, judging
from risk.assessment.answer import Assessment
from risk.assessment.background import Background
from risk.assessment.judging import Judgement
from risk.errors import ListMissing
from risk.facts import Facts
from risk.language.errors import RuleFault
from risk.selectors import lists, rules, score
from risk.selectors.rules import RuleSet
from risk.selectors.score import LiveModels
from risk.velocity.reading import LookBack, look_back

log = structlog.get_logger(__name__)

TOO_SLOW: Final = "assessment_too_slow"
NO_DATABASE: Final = "database_unavailable"
UNEXPECTED: Final = "unexpected_fault"
_MOST_TIMES: Final = 3
"""How much longer than one movement a batch may take at most; for each hundred movements it may once as long."""
_CANCELLED: Final = ("57014", "55P03")
"""What PostgreSQL calls a statement that took too long, or waited too long for a lock."""


def assess(*, facts: Facts, now: datetime) -> Assessment:
    """Say what is to become of a movement; writes nothing and never raises.

    :param facts: what its door and its accounts tell; counters, history and lists are read here.
    :param now: when it was ordered: where the windows end.
    """
    (assessment,) = assess_all(movements=[facts], now=now)
    return assessment


def assess_all(*, movements: Sequence[Facts], now: datetime) -> list[Assessment]:
    """Say so of many at once, in the order given: each sees those before it. As many statements as for one."""
    if not movements:
        return []
    started = perf_counter()
    try:
        ruleset, judged = _judged(movements, now)
    except Exception as broken:  # noqa: BLE001 - whatever it is, money does not move on a guess
        return _failed(movements, code_of(broken), now, started)
    if _passed(started) > _allowed(len(movements)):
        return _failed([facts for facts, _judgement in judged], TOO_SLOW, now, started)
    return [_answer(facts, one, now, started, ruleset.version) for facts, one in judged]


def code_of(broken: Exception) -> str:
    """Return the code by which a fault is told. One that nobody foresaw is logged: its trace is nowhere else."""
    if isinstance(broken, BankOpsError | RuleFault):
        return broken.code
    if isinstance(broken, OperationalError):
        return TOO_SLOW if getattr(broken.__cause__, "sqlstate", None) in _CANCELLED else NO_DATABASE
    log.error("assessment_failed", exc_info=broken)
    return UNEXPECTED


def _judged(movements: Sequence[Facts], now: datetime) -> tuple[RuleSet, list[tuple[Facts, Judgement]]]:
    read = _read_together(movements, now) or _read_in_turn(movements, now)
    known = read.counted
    if read.rules.lists or read.rules.shadow_lists:
        known = _looked_up(known, read.rules, now, read.behind.lists)
    return read.rules, [(facts, _judge(facts, read, now)) for facts in known]


class _Read(NamedTuple):
    """All that was read: what counts, and the facts with counters and history."""

    behind: Background
    rules: RuleSet
    models: LiveModels
    counted: list[Facts]


def _read_together(movements: Sequence[Facts], now: datetime) -> _Read | None:
    """Ask for everything in one round trip, by the rules as this process knows them; None when they are others by now."""
    kept, models = rules.latest(), score.latest()
    if not isinstance(kept, RuleSet) or models is None:
        return None
    look = LookBack.at(movements, kept.counters | models.counters)
    asked = [background.question(movements, now), look.question]
    around, before = prepared_together(asked, milliseconds=_allowed(len(movements)))
    behind = background.answered(around)
    if (kept.version, models.version, lists.latest_version()) != (behind.rules, behind.rules, behind.lists):
        return None
    counted = look.answered(before, movements=[behind.completed(facts) for facts in movements], now=now)
    return _Read(behind, kept, models, counted)


def _read_in_turn(movements: Sequence[Facts], now: datetime) -> _Read:
    """Ask first what counts, and read that: after a change, and in a process that has just begun."""
    with reading_within(milliseconds=_allowed(len(movements))):
        behind = background.answered(prepared(*background.question(movements, now)))
        ruleset = rules.live(now, version=behind.rules)
        models = score.live(version=behind.rules)
        lists.remember(version=behind.lists)
        known = [behind.completed(facts) for facts in movements]
        counted = look_back(movements=known, counters=ruleset.counters | models.counters, now=now)
    return _Read(behind, ruleset, models, counted)


def _judge(facts: Facts, read: _Read, now: datetime) -> Judgement:
    behind = read.behind
    try:
        return judging.judge(
            facts,
            rules=read.rules,
            models=read.models,
            standings=behind.standings,
            lists_fresh=behind.lists_fresh,
            now=now,
        )
    except Exception as broken:  # noqa: BLE001 - one movement's fault is not that of the others of its batch
        return judging.failed(code_of(broken))


def _looked_up(movements: Sequence[Facts], ruleset: RuleSet, now: datetime, version: int) -> list[Facts]:
    texts = {text for facts in movements for text in _texts(facts)}
    held = dict(lists.holding(ruleset.lists, texts, now, version=version))
    for name in ruleset.shadow_lists - ruleset.lists:
        with suppress(ListMissing):  # the rule that is tried out cannot tell then, and money does not wait for it
            held |= lists.holding(frozenset({name}), texts, now, version=version)
    return [replace(facts, lists=_of_one(facts, held)) for facts in movements]


def _of_one(facts: Facts, held: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    own = _texts(facts)
    return {name: texts & own for name, texts in held.items()}


def _texts(facts: Facts) -> frozenset[str]:
    """Return everything about a movement that can be on a list."""
    parties = (
        text
        for party in (facts.payer, facts.payee)
        for text in (party.account, party.customer, party.name, party.bank, party.country)
    )
    return frozenset(text for text in (*parties, facts.device, facts.address, facts.country) if text)


def _failed(movements: Sequence[Facts], code: str, now: datetime, started: float) -> list[Assessment]:
    return [_answer(facts, judging.failed(code), now, started, 0) for facts in movements]


def _answer(facts: Facts, judgement: Judgement, now: datetime, started: float, ruleset: int) -> Assessment:
    return Assessment(
        id=ids.uuid7(),
        facts=facts,
        outcome=judgement.outcome,
        score=judgement.score,
        reasons=judgement.reasons,
        shadow=judgement.shadow,
        snoozed=judgement.snoozed,
        failure=judgement.failure,
        ruleset=ruleset,
        assessed_at=now,
        milliseconds=round(_passed(started), 3),
    )


def _allowed(count: int) -> int:
    """Return how many milliseconds so many movements may take; their accounts are locked meanwhile, so it has an end."""
    milliseconds: int = settings.BANKOPS_RISK_MILLISECONDS
    return milliseconds * min(-(-count // 100), _MOST_TIMES)


def _passed(started: float) -> float:
    return (perf_counter() - started) * 1_000
