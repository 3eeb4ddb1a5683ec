"""A catalogue in which everything has a translation."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation


@pytest.fixture
def translated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have whatever goes through the catalogue come back «in marks»."""
    catalogue: Any = translation._trans  # type: ignore[attr-defined]
    monkeypatch.setattr(catalogue, "gettext", lambda message: f"«{message}»")
