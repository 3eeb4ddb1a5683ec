"""Many rows at once through COPY: the same constraints as for one, and nothing outside a transaction."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Category, ChartLine
from bankops.core.bulk_insert import copy_in, refresh_statistics
from bankops.core.db import TransactionRequired

FIELDS = ["code", "name", "category"]


@pytest.mark.django_db(transaction=True)
def test_rows_are_written_as_given() -> None:
    with transaction.atomic():
        copy_in(ChartLine, FIELDS, [("9001", "Tab\there, “quotes” and \\", "ASSET"), ("9002", "Two", "INCOME")])

    assert ChartLine.objects.get(code="9001").name == "Tab\there, “quotes” and \\"
    assert ChartLine.objects.get(code="9002").category == Category.INCOME


@pytest.mark.django_db(transaction=True)
def test_a_row_that_a_constraint_refuses_leaves_none_of_them() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_in(ChartLine, FIELDS, [("9001", "One", "ASSET"), ("9002", "Two", "LUCK")])

    assert not ChartLine.objects.filter(code__startswith="900").exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_written_outside_a_transaction() -> None:
    with pytest.raises(TransactionRequired):
        copy_in(ChartLine, FIELDS, [("9001", "One", "ASSET")])

    assert not ChartLine.objects.filter(code="9001").exists()


@pytest.mark.django_db(transaction=True)
def test_refreshed_statistics_know_how_many_rows_there_are() -> None:
    with transaction.atomic():
        copy_in(ChartLine, FIELDS, [(f"9{number:03d}", "One of many", "ASSET") for number in range(500)])

    refresh_statistics(ChartLine)

    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'accounts_chartline'::regclass")
        assert cursor.fetchone()[0] == ChartLine.objects.count()
