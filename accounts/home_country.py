"""The country the bank is at home in."""

from __future__ import annotations

from django.conf import settings


def home_country() -> str:
    """Return the alpha-2 code of the bank's own country. ISO 4217 begins a national currency's code with its country's."""
    return str(settings.BANKOPS_BASE_CURRENCY)[:2]
