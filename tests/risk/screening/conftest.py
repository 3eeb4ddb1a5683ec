"""The lists of these tests are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from approvals.services.shipping import seed_policies
from bankops.core import clock
from bankops.core.actor import Actor
from risk.screening import listed
from risk.selectors import lists as selectors
from tests.approvals.factories import Bank
from tests.risk.screening.lists import LISTS


@pytest.fixture(autouse=True)
def known_lists(settings: Any) -> Iterator[None]:
    """Let the settings name the lists of these tests, and no process remember those of another test."""
    settings.BANKOPS_LISTS = LISTS
    listed.forget()
    selectors.forget()
    yield
    listed.forget()
    selectors.forget()


@pytest.fixture
def shipped_policies(bank: Bank) -> None:
    """Put the policies that a bank starts with into force."""
    seed_policies(actor=Actor.system("tests"), now=clock.now())
