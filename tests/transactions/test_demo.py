"""The demo's bank is made through the same gate as everything else, and making it twice adds nothing."""

from __future__ import annotations

import pytest

from approvals.models import ApprovalRequest
from bankops.core import clock
from tests.unchanged import check_deferred
from transactions import demo
from transactions.models import State, Transaction
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def consent() -> None:
    """Without: the demo's transfers are small enough for the shipped policies."""


def test_the_demos_movements_are_posted_and_none_waits() -> None:
    now = clock.now()
    demo.seed(now=now)
    check_deferred()
    assert Transaction.objects.filter(state=State.POSTED).count() == len(demo.MOVEMENTS)
    demo.seed(now=now)
    assert Transaction.objects.count() == len(demo.MOVEMENTS)
    assert ApprovalRequest.objects.count() == 0
    assert verify_books().ok
