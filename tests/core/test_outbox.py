"""The outbox: the message commits with the change it tells of, or neither does."""

from __future__ import annotations

import pytest
import structlog
from django.db import transaction

from bankops.core import outbox
from bankops.core.db import TransactionRequired
from bankops.core.models import OutboxMessage
from tests.accounts.factories import NOW

pytestmark = pytest.mark.django_db


def announce() -> OutboxMessage:
    return outbox.announce("tests.key.turned", subject_id="vlt_1", payload={"door": 2}, now=NOW)


def test_a_message_is_written_and_waits() -> None:
    with structlog.contextvars.bound_contextvars(request_id="req-12345678"), transaction.atomic():
        announce()
    message = OutboxMessage.objects.get()
    assert (message.topic, message.subject_id, message.payload) == ("tests.key.turned", "vlt_1", {"door": 2})
    assert (message.request_id, message.announced_at, message.dispatched_at) == ("req-12345678", NOW, None)


def test_announcing_outside_a_transaction_is_refused() -> None:
    with pytest.raises(TransactionRequired):
        announce()
    assert not OutboxMessage.objects.exists()


def test_a_change_that_is_rolled_back_is_not_announced() -> None:
    with transaction.atomic():
        announce()
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.exists()
