"""The background work of risk. A run that is missed or comes twice changes nothing that counts."""

from __future__ import annotations

import time

import structlog
from celery import shared_task
from django.conf import settings
from django.utils.translation import gettext as _

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.errors import BankOpsError
from risk.lists.fetching import fetched
from risk.services import (
    backtests,
    case_following,
    case_reminders,
    case_retention,
    list_ages,
    reminders,
    screening,
    screening_delays,
    screening_queue,
)
from risk.services.list_editions import known_list, load_list
from risk.velocity import folding

log = structlog.get_logger(__name__)

LONGEST_RUN = 240.0  # seconds; the task's limit is 600


@shared_task(name="risk.fold_velocity")
def fold_velocity() -> None:
    """Add to the counters what moved since the last run."""
    folding.fold(now=clock.now())


@shared_task(name="risk.forget_velocity")
def forget_velocity() -> None:
    """Drop what no window reaches any more."""
    folding.forget(now=clock.now())


@shared_task(name="risk.screen_customers")
def screen_customers() -> int:
    """Screen customers whose turn it is, and all of them against what a list changed; return how many transactions it took.

    Two of these share the work. It goes on until nothing is left that nobody has in hand.
    """
    ends, done = time.monotonic() + LONGEST_RUN, 0
    while time.monotonic() < ends and (
        screening.screen_due(now=clock.now()) or screening.rescreen_next(now=clock.now())
    ):
        done += 1
    return done


@shared_task(name="risk.screen_again")
def screen_again() -> int:
    """Have those screened again whose last screening is too long ago; return how many were queued."""
    return screening_queue.queue_old(now=clock.now(), after_days=settings.BANKOPS_SCREENING_INTERVAL_DAYS)


@shared_task(name="risk.look_after_lists")
def look_after_lists() -> int:
    """Tell of lists that are missing or too old."""
    return list_ages.look_after_lists(now=clock.now())


@shared_task(name="risk.look_after_screening")
def look_after_screening() -> bool:
    """Tell of customers who wait too long to be screened."""
    return screening_delays.look_after_screening(now=clock.now())


@shared_task(name="risk.fetch_lists")
def fetch_lists() -> None:
    """Fetch and take on the lists whose addresses the settings name. One that fails is told of, and keeps no other back."""
    for key in sorted(settings.BANKOPS_LIST_URLS):
        try:
            with fetched(key, known_list(key).format) as folder:
                load_list(key=key, path=folder, actor=Actor.system("list_fetcher"), now=clock.now())
        except BankOpsError as error:
            list_ages.not_fetched(key=key, problem=str(error), now=clock.now())
        except Exception as error:
            log.exception("list_not_fetched", list=key)
            problem = _("an unexpected fault (%(fault)s), which is in the log") % {"fault": type(error).__name__}
            list_ages.not_fetched(key=key, problem=problem, now=clock.now())


@shared_task(name="risk.remind_overdue")
def remind_overdue() -> None:
    """Tell of alerts and cases that have become overdue, and of cases to look at again."""
    reminders.remind_overdue(now=clock.now())
    case_reminders.remind_of_cases(now=clock.now())


@shared_task(name="risk.follow_alerts")
def follow_alerts() -> int:
    """Bring open cases up to the alerts that have risen in them; return how many."""
    return case_following.follow_alerts(now=clock.now())


@shared_task(name="risk.erase_old_cases")
def erase_old_cases() -> int:
    """Wipe what cases keep that the bank need not keep any longer; return of how many."""
    return case_retention.erase_old_cases(now=clock.now())


@shared_task(name="risk.work_off_backtests")
def work_off_backtests() -> None:
    """Try drafts over past movements, piece by piece, until there is nothing left to try."""
    while backtests.work_off_piece(now=clock.now()):
        pass
