"""The partners' background work."""

from __future__ import annotations

from celery import shared_task

from bankops.core import clock
from partners.services.credentials import clear_tokens
from partners.services.signing_keys import purge_nonces


@shared_task(name="partners.clear_tokens")
def clear_expired_tokens() -> int:
    """Delete tokens whose time is long over; return how many. They let nobody in already."""
    return clear_tokens(now=clock.now())


@shared_task(name="partners.purge_nonces")
def purge_used_nonces() -> int:
    """Forget nonces that nobody could use again anyway; return how many."""
    return purge_nonces(now=clock.now())
