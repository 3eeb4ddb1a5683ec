"""Movements as whoever moves money hands them to risk; a bank's cash among them, which is nobody's pattern."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from bankops.core import ids
from risk.facts import Facts, MovementKind, Party
from risk.patterns import Account as Node
from risk.patterns import Family, PatternAlert
from risk.services.moved import note_moved
from tests.committed import wait_for_the_feed
from tests.risk.velocity.movements import movement

BEGIN = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)  # midnight in Shanghai
CASH_A_DAY = 300


def at(hours: float) -> datetime:
    return BEGIN + timedelta(hours=hours)


def transfer(payer: str, payee: str, yuan: int, hours: float) -> Facts:
    return _with_id(movement(yuan * 100, payer=payer, payee=payee, moment=at(hours)))


def deposit(payee: str, yuan: int, hours: float) -> Facts:
    facts = movement(yuan * 100, payer=Party(), payee=payee, moment=at(hours), kind=MovementKind.DEPOSIT)
    return _with_id(facts)


def cash_of_a_day(day: int) -> list[Facts]:
    return [deposit(f"acc_{number}", 100 + number, day * 24 + number * 0.07) for number in range(CASH_A_DAY)]


def move(movements: Iterable[Facts]) -> list[str]:
    """Carry movements out in one transaction; return their ids. Where it commits, monitoring sees them afterwards."""
    told = list(movements)
    with transaction.atomic():
        note_moved(movements=told)
    if not connection.in_atomic_block:
        wait_for_the_feed("risk_movedmoney")
    return [one.movement for one in told]


def found(
    movements: list[str], *, tokens: list[str], family: Family = Family.FAN_OUT, score: int = 620
) -> PatternAlert:
    """Return what monitoring answers about movements of one hour each."""
    keys = tuple(ids.decode("tr", one) for one in movements)
    return PatternAlert(
        key="fan of the hub",
        family=family,
        subject=Node("", tokens[0]),
        accounts=tuple(Node("", token) for token in tokens),
        transfers=keys,
        began=at(1),
        ended=at(len(keys)),
        amount=0,
        score=score,
        usual=1.5,
    )


def _with_id(facts: Facts) -> Facts:
    return replace(facts, movement=ids.encode("tr", ids.uuid7()))
