"""Keep secrets and people out of logs, and out of sight until somebody asks for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

MASK = "•••"

_SECRET_OR_PERSONAL = re.compile(
    r"password|passwd|secret|token|otp|one_time_code|recovery|authorization|cookie|session|api_key|private_key|seed"
    r"|(^|_)(name|names|email|phone|address|birth_date|birth_number|identifier|iban|narrative)$",
    re.IGNORECASE,
)
_NOT_PERSONAL = frozenset({"logger_name", "task_name", "event_name", "file_name", "host_name"})


# PostgreSQL explains an error with the values of the row at fault.
_DATABASE_DETAIL = re.compile(r"^(DETAIL|CONTEXT):.*$", re.MULTILINE)


def mask_traceback(text: str) -> str:
    """Return a traceback without the row values that the database put into its error."""
    return _DATABASE_DETAIL.sub(rf"\1: {MASK}", text)


def mask_event(event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace in place every value of a log event whose key says that it is secret or about a person."""
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
    return value


def mask_tail(text: str, shown: int = 4) -> str:
    """Return `text` with all but its last `shown` characters hidden; short text is hidden whole."""
    return MASK + text[-shown:] if len(text) > shown else MASK
