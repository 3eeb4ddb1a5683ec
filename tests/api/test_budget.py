"""How many statements a call may cost: what is asked of the database is most of the time a transfer takes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.callers import said
from tests.api.conftest import Desk

pytestmark = pytest.mark.django_db

TRANSFER, REPLAY, READING = 19, 4, 4  # of a transfer's, two are risk's
_NO_WORK = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")


def statements(captured: CaptureQueriesContext) -> list[str]:
    """Return what was asked of the database, without the frames around it."""
    return [each["sql"] for each in captured.captured_queries if not each["sql"].startswith(_NO_WORK)]


def test_a_transfer(desk: Desk) -> None:
    said(desk.system.post("transfers", desk.transfer()), 201)
    with CaptureQueriesContext(connection) as captured:
        said(desk.system.post("transfers", desk.transfer("1.00", reference="INV-2")), 201)
    asked = statements(captured)
    assert len(asked) <= TRANSFER, "\n".join(asked)
    reads = [sql for sql in asked if "accounts_balance" in sql and "FOR NO KEY UPDATE" not in sql]
    assert len(reads) == 1, "the accounts are read once, under their lock"


def test_an_answer_given_again(desk: Desk) -> None:
    said(desk.system.post("transfers", desk.transfer(), key="k-1"), 201)
    with CaptureQueriesContext(connection) as captured:
        said(desk.system.post("transfers", desk.transfer(), key="k-1"), 201)
    assert len(statements(captured)) <= REPLAY, "\n".join(statements(captured))


def test_a_transfer_that_is_read(desk: Desk) -> None:
    made = said(desk.system.post("transfers", desk.transfer()), 201)
    with CaptureQueriesContext(connection) as captured:
        said(desk.system.get(f"transfers/{made['id']}"))
    assert len(statements(captured)) <= READING, "\n".join(statements(captured))
