"""The figures of duplicates in sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from transactions.duplicates.day import Figures


def rate_in_words(figures: Figures) -> str:
    """Return how many payments were made, how many of them twice, and the rate of that."""
    if not figures.payments:
        return _("no payments")
    payments = ngettext("%(count)s payment", "%(count)s payments", figures.payments) % {"count": figures.payments}
    twice = {"payments": payments, "twice": figures.second_effects, "rate": f"{figures.rate * 100:.4f}"}
    return _("%(payments)s, %(twice)s made twice: a rate of %(rate)s %%") % twice
