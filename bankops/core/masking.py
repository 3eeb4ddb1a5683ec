"""Keep secrets and people out of logs, and out of sight until somebody asks for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

MASK = "•••"

_SECRET_OR_PERSONAL = re.compile(
    r"password|passwd|secret|token|otp|one_time_code|recovery|authorization|cookie|session|api_key|private_key|seed"
    r"|(^|_)(name|names|email|phone|address|birth_date|birth_number|identifier|tax_number|passport|iban|narrative)$",
    re.IGNORECASE,
)
_NOT_PERSONAL = frozenset({"logger_name", "task_name", "event_name", "file_name", "host_name"})


# What names a person wherever it stands in a sentence: resident identity numbers (GB 11643), IBANs (ISO 13616, in one piece or
# in fours), phone numbers (E.164, and Chinese mobiles without a prefix), e-mail addresses.
_NAMES_A_PERSON = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
    r"|[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?"
    r"|\+[1-9][0-9]{7,14}"
    r"|1[3-9][0-9]{9}"
    r"|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
    r")(?![0-9A-Za-z])"
)

# PostgreSQL explains an error with the values of the row at fault.
_DATABASE_DETAIL = re.compile(r"^(DETAIL|CONTEXT):.*$", re.MULTILINE)


def mask_traceback(text: str) -> str:
    """Return a traceback without the row values that the database put into its error."""
    return mask_text(_DATABASE_DETAIL.sub(rf"\1: {MASK}", text))


def mask_text(text: str) -> str:
    """Return a sentence with whatever looks like a resident identity number, an IBAN, a phone number or an e-mail hidden."""
    return _NAMES_A_PERSON.sub(MASK, text)


def mask_event(event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide in place what is secret or about a person: by its key whole, in any other text where it looks like it."""
    for key, value in event.items():
        event[key] = _masked(key, value)
    return event


def _masked(key: str, value: Any) -> Any:
    if key not in _NOT_PERSONAL and _SECRET_OR_PERSONAL.search(key):
        return MASK
    if isinstance(value, Mapping):
        return {inner: _masked(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked("", item) for item in value]
    return mask_text(value) if isinstance(value, str) else value


def mask_tail(text: str, shown: int = 4) -> str:
    """Return `text` with all but its last `shown` characters hidden; short text is hidden whole."""
    return MASK + text[-shown:] if len(text) > shown else MASK
