"""How long somebody waits, as people write it: `30s`, `5m`, `12h`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from notifications.errors import NotADuration

_WRITTEN = re.compile(r"([0-9]{1,5})([smh])")
_SECONDS = {"h": 3600, "m": 60, "s": 1}


def read(text: str) -> list[int]:
    """Return the durations in a text in seconds, in their order; between them stand blanks or commas.

    :raises NotADuration: naming the first that is none.
    """
    return [_seconds(word) for word in text.replace(",", " ").split()]


def written(durations: Iterable[int]) -> str:
    """Return durations in seconds as `read` takes them, each in the largest unit that leaves nothing over."""
    return " ".join(_text(seconds) for seconds in durations)


def _seconds(word: str) -> int:
    found = _WRITTEN.fullmatch(word.lower())
    if not found:
        raise NotADuration(text=word[:20])
    return int(found[1]) * _SECONDS[found[2]]


def _text(seconds: int) -> str:
    unit = next(unit for unit, length in _SECONDS.items() if seconds % length == 0)
    return f"{seconds // _SECONDS[unit]}{unit}"
