"""The partners' background work."""

from __future__ import annotations

from celery import shared_task

from bankops.core import clock
from partners.services.credentials import clear_tokens


@shared_task(name="partners.clear_tokens")
def clear_expired_tokens() -> int:
    """Delete tokens whose time is long over; return how many. They let nobody in already."""
    return clear_tokens(now=clock.now())
