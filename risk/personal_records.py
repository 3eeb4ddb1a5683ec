"""The personal data that risk keeps of customers. None of it is in what a customer is told: that would tip them off."""

from __future__ import annotations

from datetime import datetime

from accounts import personal_data
from accounts.models import Customer
from risk.models import ScreeningHit


def register_all() -> None:
    """Make it known; called once, when the app is ready."""
    personal_data.register_eraser("screening_hits", _erase_explanations)


def _erase_explanations(customer: Customer, _now: datetime) -> int:
    """Wipe what was compared. That there was a hit, and what was decided, stays: the bank must be able to show it."""
    hits = [hit for hit in ScreeningHit.objects.filter(customer=customer).order_by("pk") if hit.explanation]
    for hit in hits:
        hit.explanation = ""
        hit.save(update_fields=["explanation"])
    return len(hits)
