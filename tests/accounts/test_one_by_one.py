"""One bad row does not keep the others from being done."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from accounts.errors import AccountNotFound
from accounts.services.one_by_one import one_by_one

pytestmark = pytest.mark.django_db


@transaction.atomic
def do(row: int) -> int:
    if row == 2:
        raise AccountNotFound
    if row == 3:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
    return row


def test_the_rest_is_done_and_the_log_names_the_rows(caplog: pytest.LogCaptureFixture) -> None:
    assert one_by_one([1, 2, 3, 4], do, doing="count") == 5
    assert [record.__dict__["row"] for record in caplog.records if "row" in record.__dict__] == ["2", "3"]
    assert caplog.records[-1].__dict__["failed"] == 2


def test_a_fault_in_the_program_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        one_by_one([1], lambda row: row // 0, doing="count")
