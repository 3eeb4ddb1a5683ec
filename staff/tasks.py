"""The staff's background work."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command


@shared_task(name="staff.clear_expired_sessions")
def clear_expired_sessions() -> None:
    """Delete session rows whose time is over; they let nobody in already."""
    call_command("clearsessions")
