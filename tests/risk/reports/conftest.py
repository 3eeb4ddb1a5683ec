"""An analyst at a bank as it is shipped."""

from __future__ import annotations

import pytest
from django.test import Client

from staff.models import Branch, User
from staff.roles import Role
from tests.personas import SignIn, hire
from tests.transactions.shipped import Shipped


@pytest.fixture
def analyst(shipped_bank: Shipped) -> User:
    return hire("R1", "Ren Xin", Role.RISK_ANALYST, Branch.objects.get(code="001"))


@pytest.fixture
def colleague(analyst: User) -> User:
    return hire("R2", "Bai Xue", Role.RISK_ANALYST, Branch.objects.get(code="001"))


@pytest.fixture
def desk(analyst: User, signed_in_client: SignIn) -> Client:
    return signed_in_client(analyst)
