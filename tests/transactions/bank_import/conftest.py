"""Fixtures for the tests of loading a bank."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.transactions.bank_import.small_bank import SmallBank


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    """Return the small bank; its files are not written yet."""
    return SmallBank(tmp_path)
