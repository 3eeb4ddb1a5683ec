"""The background work of transactions. A run that is missed or comes twice changes nothing that counts."""

from __future__ import annotations

import time

from celery import shared_task

from bankops.core import clock
from bankops.core.actor import Actor
from transactions import services
from transactions.services.payee_screening import look_after_payees, screen_due_payees
from transactions.services.sandbox_reviews import decide_in_sandbox

_HOLDS = Actor.system("end_of_holds")
_HELD = Actor.system("end_of_held_payments")
_LONGEST_RUN = 240  # seconds; the task's limit is 600


@shared_task(name="transactions.roll_up_turnover")
def roll_up_turnover() -> None:
    """Add up what was posted since the last run."""
    services.roll_up_turnover()


@shared_task(name="transactions.screen_payees")
def screen_payees() -> int:
    """Hold payees at other banks against the lists, as far as they were not; return how many it were."""
    ends, done = time.monotonic() + _LONGEST_RUN, 0
    while time.monotonic() < ends and (screened := screen_due_payees(now=clock.now())):
        done += screened
    return done


@shared_task(name="transactions.look_after_payees")
def look_after_waiting_payees() -> bool:
    """Tell of payees who wait too long to be held against the lists."""
    return look_after_payees(now=clock.now())


@shared_task(name="transactions.expire_held")
def expire_held() -> None:
    """End payments held back as possible duplicates that nobody spoke for in time."""
    services.expire_held(now=clock.now(), actor=_HELD)


@shared_task(name="transactions.expire_holds")
def expire_holds() -> None:
    """Give back what holds keep whose time is over."""
    services.expire_due_holds(now=clock.now(), actor=_HOLDS)


@shared_task(name="transactions.decide_in_sandbox")
def take_sandbox_decisions() -> int:
    """Approve and reject what the sandbox's magic amounts stand for; live books have none."""
    return decide_in_sandbox(now=clock.now())
