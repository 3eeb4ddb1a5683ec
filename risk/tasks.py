"""The background work of risk. A run that is missed or comes twice changes nothing that counts."""

from __future__ import annotations

from celery import shared_task

from bankops.core import clock
from risk.services import backtests
from risk.velocity import folding


@shared_task(name="risk.fold_velocity")
def fold_velocity() -> None:
    """Add to the counters what moved since the last run."""
    folding.fold(now=clock.now())


@shared_task(name="risk.forget_velocity")
def forget_velocity() -> None:
    """Drop what no window reaches any more."""
    folding.forget(now=clock.now())


@shared_task(name="risk.work_off_backtests")
def work_off_backtests() -> None:
    """Try drafts over past movements, piece by piece, until there is nothing left to try."""
    while backtests.work_off_piece(now=clock.now()):
        pass
