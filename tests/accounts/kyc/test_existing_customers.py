"""Whoever was a customer before there were applications still is one."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import Customer, CustomerState
from accounts.services.taking_over import CustomerDraft, Source, take_over_customers
from tests.accounts.factories import NOW, TANG_LING, make_branch
from tests.accounts.kyc.applying import newcomer

_INSERT = (
    "INSERT INTO accounts_customer (id, number, kind, name, branch_id, created_at, risk_rating, ownership_note, version)"
    " VALUES (%s, 'C-1', 'PERSON', 'Li Hua', %s, now(), 'MEDIUM', '', 1)"
)


@pytest.mark.slow
def test_the_migration_makes_customers_of_those_who_are_there(committed_db: None) -> None:
    branch, key = make_branch(), uuid4()
    try:
        MigrationExecutor(connection).migrate([("accounts", "0005_people")])
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, [key, branch.pk])
    finally:
        call_command("migrate", verbosity=0)
    assert Customer.objects.get(pk=key).state == CustomerState.ACTIVE
    assert newcomer().state == CustomerState.PROSPECT


@pytest.mark.django_db
def test_customers_taken_over_from_another_bank_are_customers() -> None:
    draft = CustomerDraft("7", "Li Hua", None, make_branch().pk)
    take_over_customers(drafts=[draft], source=Source("other", "Other Bank"), actor=TANG_LING, now=NOW)
    assert Customer.objects.get().state == CustomerState.ACTIVE
