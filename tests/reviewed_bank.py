"""Banks with makers and reviewers: one with an operation that is known only in tests, doors that are opened; one as shipped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.approvals.factories import Bank, door_registered, found_bank
from tests.personas import head_office, make_roles
from tests.standing import in_place, own
from tests.transactions.shipped import Shipped, ship


@pytest.fixture
def door() -> Iterator[None]:
    """Let doors be something that can be opened, in this test."""
    with door_registered():
        yield


@pytest.fixture(scope="module")
def standing_bank(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Bank | None]:
    with in_place(request, django_db_blocker, _found) as bank:
        yield bank


@pytest.fixture
def bank(standing_bank: Bank | None, door: None, db: None) -> Bank:
    return own(standing_bank) if standing_bank else _found()


def _found() -> Bank:
    make_roles()
    return found_bank(head_office())


@pytest.fixture(scope="module")
def standing_shipped(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Shipped | None]:
    with in_place(request, django_db_blocker, _ship) as bank:
        yield bank


@pytest.fixture
def shipped_bank(standing_shipped: Shipped | None, db: None) -> Shipped:
    return own(standing_shipped) if standing_shipped else _ship()


def _ship() -> Shipped:
    make_roles()
    return ship(head_office())
