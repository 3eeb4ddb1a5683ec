"""Every address of the product, found in the URL resolver: what is not listed is a door nobody looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def found() -> list[str]:
    """Return every address: by name (`admin:accounts_account_deposit`) or, where it has none, by its route.

    A second address under a name that is taken could hide behind the first, so it gets a number, which no listing knows.
    """
    seen: Counter[str] = Counter()
    doors = []
    for door in _within(get_resolver().url_patterns, "", ""):
        seen[door] += 1
        doors.append(door if seen[door] == 1 else f"{door} #{seen[door]}")
    return doors


def _within(patterns: list[URLPattern | URLResolver], namespace: str, route: str) -> Iterator[str]:
    for pattern in patterns:
        here = f"{route}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _within(pattern.url_patterns, inner, here)
        else:
            yield f"{namespace}{pattern.name}" if pattern.name else here
