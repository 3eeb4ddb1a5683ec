"""The kernel's background work."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from bankops.core import clock, end_of_day, idempotency, sealing
from bankops.core.models import EndOfDayRun, RunState

_ATTEMPTS_MAX = 3
_LONGEST_SECONDS = 4 * 3600


@shared_task(name="core.seal_audit_trail")
def seal_audit_trail() -> None:
    """Chain what was recorded since the last run."""
    sealing.seal_pending()


@shared_task(name="core.settle_abandoned")
def settle_abandoned() -> None:
    """Close requests whose worker died and which nobody repeated."""
    idempotency.settle_abandoned(now=clock.now())


@shared_task(name="core.purge_idempotency")
def purge_idempotency() -> None:
    """Forget keys that partners had 31 days to repeat."""
    idempotency.purge(now=clock.now())


@shared_task(name="core.end_business_day", time_limit=_LONGEST_SECONDS)
def end_business_day() -> None:
    """End the business days that are over, after the hour set for it; a day that failed three times waits for a person."""
    now = clock.now()
    today = clock.business_date(now)
    if timezone.localtime(now, timezone.get_default_timezone()).hour < settings.BANKOPS_END_OF_DAY_HOUR:
        today -= end_of_day.ONE_DAY
    for day in end_of_day.days_to_end(today):
        if EndOfDayRun.objects.filter(business_date=day, attempts__gte=_ATTEMPTS_MAX).exists():
            return
        try:
            run = end_of_day.run_end_of_day(business_date=day, today=today, now=clock.now)
        except end_of_day.EndOfDayRunning:
            return
        if run.state != RunState.DONE:
            return
