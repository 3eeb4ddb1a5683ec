"""What stands on lists of the bank's own, and how it is compared with what a movement says."""

from __future__ import annotations

from typing import Final

from anyascii import anyascii
from django.db import models
from django.utils.translation import gettext_lazy as _

INDEX_CONTEXT: Final = "risk.own_list"


class ValueType(models.TextChoices):
    """What somebody is known by."""

    ACCOUNT = "ACCOUNT", _("account")
    CUSTOMER = "CUSTOMER", _("customer")
    NAME = "NAME", _("name")
    COUNTRY = "COUNTRY", _("country")
    DEVICE = "DEVICE", _("device")
    ADDRESS = "ADDRESS", _("network address")


def name_key(text: str) -> str:
    """Return what spellings of a name have in common: its words in Latin letters, small, in alphabetical order.

    Equal keys are one name in another order, case or script; a misspelling has another key.
    """
    words = "".join(letter if letter.isalnum() else " " for letter in anyascii(text).casefold()).split()
    return " ".join(sorted(words))


def compared(value_type: str, text: str) -> str:
    """Return what is compared of something that somebody wrote."""
    return f"name {name_key(text)}" if value_type == ValueType.NAME else text.strip()


def indexed(text: str) -> str:
    """Return a compared value as its fingerprint reads it: without regard to case."""
    return text.strip().casefold()


def looked_for(text: str) -> tuple[str, str]:
    """Return how a text of a movement may stand on a list: as it is, or as a name."""
    return indexed(text), indexed(compared(ValueType.NAME, text))
