"""The kernel's background work."""

from celery import shared_task

from bankops.core import sealing


@shared_task(name="core.seal_audit_trail")
def seal_audit_trail() -> None:
    """Chain what was recorded since the last run."""
    sealing.seal_pending()
