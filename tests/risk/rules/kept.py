"""Past movements: in a test's memory, and as they stand in the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bankops.core.money import Money
from risk.facts import Facts
from risk.models import AlertKind, AlertOutcome, Assessment, RuleHit
from risk.outcomes import Outcome
from risk.selectors import stored_facts
from risk.selectors.stored_facts import Stored
from risk.services import raise_alert, settle_alert
from tests.risk.alerts.factories import NIGHT, about
from tests.risk.velocity.movements import NOW, movement

PAST = NOW - timedelta(days=3)


class Memory:
    """Keeps movements by their number; `asked` counts how often somebody read."""

    def __init__(self, movements: list[Stored]) -> None:
        self.movements = movements
        self.asked = 0

    def count(self, *, since: datetime, until: datetime) -> int:
        return sum(since <= one.moment < until for one in self.movements)

    def read(self, *, since: datetime, until: datetime, after: str, limit: int) -> list[Stored]:
        self.asked += 1
        found = [one for one in self.movements if since <= one.moment < until and one.position > after]
        return found[:limit]

    def one(self, movement: str) -> Stored | None:
        return next((one for one in self.movements if movement in (one.movement, one.reference)), None)


def facts_of(number: int, moment: datetime = PAST) -> Facts:
    """Return a movement of so many thousand yuan, at an hour that goes round."""
    amount = Money(number * 1_000_00, "CNY")
    return replace(movement(moment=moment), movement=f"tr_{number}", amount=amount, hour=number % 24)


def stored(number: int, moment: datetime = PAST) -> Stored:
    facts = facts_of(number, moment)
    text = facts.as_json()
    return Stored(f"{number:08}", facts.movement, f"TR-{number}", moment, text, Outcome.APPROVE)


def assessed(number: int, moment: datetime = PAST, *, hits: tuple[Any, ...] = (), how: str = "LIVE") -> Assessment:
    """Write an assessment of a movement past the services, with hits of versions of rules."""
    facts = facts_of(number, moment)
    row = Assessment.objects.create(
        movement=facts.movement,
        reference=f"TR-{number}",
        outcome=Outcome.APPROVE,
        score=0,
        band="low",
        ruleset=1,
        reasons=[{"rule": version.rule.key} for version in hits],
        shadow=[],
        snoozed=[],
        facts=facts.as_json(),
        assessed_at=moment,
        milliseconds=1,
    )
    for version in hits:
        RuleHit.objects.create(assessment=row, version=version.pk, rule=version.rule.key, how=how, hit_at=moment)
    return row


def decided(
    number: int, outcome: AlertOutcome, actor: Any, now: datetime, assessment: Assessment | None = None
) -> None:
    """Have people decide an alert about a movement."""
    alert = raise_alert(
        kind=AlertKind.TRANSACTION,
        score=400,
        about=about(movement_id=f"tr_{number}", movement_reference=f"TR-{number}"),
        reasons=[NIGHT],
        now=now,
        assessment_id=assessment.pk if assessment else None,
    )
    settle_alert(dedupe_key=alert.dedupe_key, outcome=outcome, reason="Looked at it", actor=actor, now=now)


@contextmanager
def keeping(movements: list[Stored]) -> Iterator[Memory]:
    """Let these be what was kept."""
    memory = Memory(movements)
    before = stored_facts.install(memory)
    try:
        yield memory
    finally:
        stored_facts.install(before)
