"""A Redis that answers is waited for: the product soon counts by itself instead, and a test has to know who counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bankops.core import rate_limit

HANGS = 0.5
"""Seconds for tests in which Redis does not answer."""


@pytest.fixture(autouse=True, scope="session")
def patience_with_redis() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rate_limit, "_PATIENCE_SECONDS", 30.0)
        yield
