"""The background work of accounts. A run that is missed or comes twice changes nothing that counts."""

from __future__ import annotations

from celery import shared_task

from accounts import services
from bankops.core import clock


@shared_task(name="accounts.release_ended_restrictions")
def release_ended_restrictions() -> None:
    """End restrictions whose end has come."""
    services.release_ended(now=clock.now())
