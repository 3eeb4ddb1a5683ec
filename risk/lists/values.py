"""What stands on lists of the bank's own, and how it is compared with what a movement says."""

from __future__ import annotations

import ipaddress
from typing import Final

from anyascii import anyascii
from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.errors import InvalidId
from risk.errors import ListValueUnreadable

INDEX_CONTEXT: Final = "risk.own_list"
LONGEST: Final = 200
_COUNTRY_LENGTH = 2
_DOTS = 3  # of an IPv4 address


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


def canonical(value_type: str, text: str) -> str:
    """Return something that somebody wrote as movements say it.

    :raises ListValueUnreadable: when it is no such thing.
    """
    written = text.strip()
    readable = bool(written) and len(written) <= LONGEST
    if value_type == ValueType.COUNTRY:
        written = written.upper()
        readable = len(written) == _COUNTRY_LENGTH and written.isascii() and written.isalpha()
    elif value_type == ValueType.ACCOUNT:
        written = without_spaces(written)
    elif value_type == ValueType.ADDRESS:
        address = network_address(written)
        written, readable = address or written, address is not None
    elif value_type == ValueType.CUSTOMER:
        readable = _is_id("cus", written)
    elif value_type == ValueType.NAME:
        readable = readable and bool(name_key(written))
    if not readable:
        raise ListValueUnreadable(value=written[:LONGEST], what=ValueType(value_type).label)
    return written


def network_address(text: str) -> str | None:
    """Return a network address in its usual form (RFC 5952; an IPv4 address within IPv6 as IPv4); None for another text."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


def without_spaces(text: str) -> str:
    """Return an account number as systems write it: people group its characters."""
    return "".join(text.split())


def _is_id(prefix: str, text: str) -> bool:
    try:
        ids.decode(prefix, text)
    except InvalidId:
        return False
    return True


def compared(value_type: str, text: str) -> str:
    """Return what is compared of something that somebody wrote."""
    return f"name {name_key(text)}" if value_type == ValueType.NAME else text.strip()


def indexed(text: str) -> str:
    """Return a compared value as its fingerprint reads it: without regard to case."""
    return text.strip().casefold()


def looked_for(text: str) -> tuple[str, ...]:
    """Return how a text of a movement may stand on a list: as it is, as a name, as an account number, as a network address."""
    ways = [indexed(text), indexed(compared(ValueType.NAME, text))]
    if text != (grouped := without_spaces(text)) and any(letter.isdigit() for letter in grouped):
        ways.append(indexed(grouped))
    if (":" in text or text.count(".") == _DOTS) and (address := network_address(text.strip())):
        ways.append(indexed(address))
    return tuple(dict.fromkeys(ways))
