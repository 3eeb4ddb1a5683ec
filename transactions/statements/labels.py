"""The words on a statement, in the language its reader asked for.

Resolved once, when a statement is made: a file is written while it is sent, and by then another language may be the
thread's. The Chinese words are in `locale/zh_Hans`; the back office itself stays in English until all of it is translated.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from transactions.models import Kind

ENGLISH, CHINESE = "en", "zh-hans"
LANGUAGES = ((ENGLISH, "English"), (CHINESE, "简体中文"))

Labels = Mapping[str, str]

_TEXTS = {
    "title": _("Statement of account"),
    "number": _("Statement number"),
    "account": _("Account"),
    "holder": _("Account holder"),
    "currency": _("Currency"),
    "branch": _("Branch"),
    "from": _("From"),
    "to": _("To"),
    "made_at": _("Made on"),
    "copy": _("Copy"),
    "booking_date": _("Booking date"),
    "value_date": _("Value date"),
    "reference": _("Reference"),
    "narrative": _("Narrative"),
    "counterparty": _("Counterparty"),
    "counterparty_account": _("Counterparty account"),
    "amount": _("Amount"),
    "balance": _("Balance"),
    "opening": _("Opening balance"),
    "closing": _("Closing balance"),
    "debits": _("Sum of debits"),
    "credits": _("Sum of credits"),
    "bookings": _("Bookings"),
    "brought_forward": _("Brought forward"),
    "carried_forward": _("Carried forward"),
    "none": _("No bookings in this period."),
}


def labels(language: str) -> Labels:
    """Return the words by key; `kind.…` is what a kind of transaction is called, `plain.…` what the journal calls it."""
    with translation.override(ENGLISH):
        plain = {f"plain.{kind.value}": str(kind.label) for kind in Kind}
    with translation.override(language):
        words = {key: str(text) for key, text in _TEXTS.items()}
        return MappingProxyType(words | plain | {f"kind.{kind.value}": str(kind.label) for kind in Kind})
