"""Movements as whoever moves money hands them to risk; a bank's cash among them, which is nobody's pattern."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from bankops.core import ids
from risk.facts import Facts, MovementKind, Party
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


def _with_id(facts: Facts) -> Facts:
    return replace(facts, movement=ids.encode("tr", ids.uuid7()))
