"""The bank of these tests: makers and reviewers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from approvals.services.shipping import seed_policies
from bankops.core import clock
from bankops.core.actor import Actor
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


@pytest.fixture
def shipped(bank: Bank) -> None:
    """Put the policies in force that every bank starts with."""
    seed_policies(actor=Actor.system("tests"), now=clock.now())
