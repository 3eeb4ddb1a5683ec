"""The bank of these tests: its people, and an operation that is known only here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from staff.models import Branch
from tests.approvals.factories import Bank, door_registered, found_bank


@pytest.fixture
def door() -> Iterator[None]:
    """Let doors be something that can be opened, in this test."""
    with door_registered():
        yield


@pytest.fixture
def bank(door: None, roles: None, branch: Branch) -> Bank:
    return found_bank(branch)
