"""E-mail addresses, as far as form goes; whether anybody reads there only a message can tell."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.validation.errors import InvalidEmail


def clean(text: str) -> str:
    """Return the address with its domain in lower case.

    :raises InvalidEmail: when it has not the form of one.
    """
    address = text.strip()
    try:
        validate_email(address)
    except ValidationError:
        raise InvalidEmail from None
    local, _at, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"
