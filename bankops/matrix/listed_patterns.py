"""The pages of what monitoring found."""

from __future__ import annotations

from collections.abc import Iterator

from bankops.matrix.listing import Listed, may, reading_room


def patterns() -> Iterator[Listed]:
    yield from reading_room("risk_pattern", may("risk.view_pattern"), lambda stage: stage.pattern)
