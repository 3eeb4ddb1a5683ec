"""A receiver that really receives, and the policies of these tests' bank."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from approvals.services.shipping import seed_policies
from bankops.core import clock
from bankops.core.actor import Actor
from tests.approvals.factories import Bank
from tests.notifications.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def shipped(bank: Bank) -> None:
    """Put the policies in force that every bank starts with."""
    seed_policies(actor=Actor.system("tests"), now=clock.now())
