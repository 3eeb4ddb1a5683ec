"""The background work of approvals. A run that is missed or comes twice changes nothing that counts."""

from __future__ import annotations

from celery import shared_task

from approvals import services
from bankops.core import clock


@shared_task(name="approvals.expire_requests")
def expire_requests() -> None:
    """End requests whose time is over."""
    services.expire_due(now=clock.now())


@shared_task(name="approvals.remind")
def remind() -> None:
    """Remind reviewers of requests at half time and before the end."""
    services.remind_due(now=clock.now())


@shared_task(name="approvals.top_up")
def top_up() -> None:
    """Ask further reviewers where too few may decide."""
    now = clock.now()
    services.top_up(now=now, business_date=clock.business_date(now))
