"""Accounts read under their lock, without the ORM: the same records as with it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from accounts.locks import accounts_for_update
from accounts.models import Account, Balance, Customer
from staff.models import Branch
from tests.accounts.factories import make_account, own_account

pytestmark = pytest.mark.django_db


def values(row: Account | Balance | Customer | Branch | None) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields} if row else {}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_they_are_what_the_orm_reads(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    wanted = [own_account().pk, *(make_account().pk for _more in range(count - 1))]
    with transaction.atomic():
        with django_assert_num_queries(2):
            found = accounts_for_update([*wanted, wanted[0]] if count == 3 else wanted)
            read = [(one, one.account, one.account.customer, one.account.branch) for one in found]
            assert all(one.account.balance is one for one in found)
        expected = Balance.objects.filter(pk__in=wanted).order_by("pk")
        told = expected.select_related("account__customer", "account__branch")
        assert [[values(part) for part in row] for row in read] == [
            [values(part) for part in (one, one.account, one.account.customer, one.account.branch)] for one in told
        ]
        assert len(found) == count
        assert not any(one._state.adding for one in found)


def test_what_does_not_exist_is_left_out() -> None:
    with transaction.atomic():
        assert accounts_for_update([uuid4()]) == []
        assert accounts_for_update([]) == []
        known = make_account().pk
        assert [one.pk for one in accounts_for_update([known, uuid4(), uuid4()])] == [known]
