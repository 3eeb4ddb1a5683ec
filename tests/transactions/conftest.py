"""What transfers, withdrawals and reversals do is tested here as if they were consented to; the gate has its own tests."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def consent(consented: None) -> None:
    """Let gated services run in every test of this folder."""
