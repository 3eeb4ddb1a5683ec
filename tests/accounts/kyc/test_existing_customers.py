"""Whoever comes from another bank as a customer is one; for those of before there were applications see test_migrations.py."""

from __future__ import annotations

import pytest

from accounts.models import Customer, CustomerState
from accounts.services.taking_over import CustomerDraft, Source, take_over_customers
from tests.accounts.factories import NOW, TANG_LING, make_branch
from tests.accounts.kyc.applying import newcomer


@pytest.mark.django_db
def test_customers_taken_over_from_another_bank_are_customers() -> None:
    draft = CustomerDraft("7", "Li Hua", None, make_branch().pk)
    take_over_customers(drafts=[draft], source=Source("other", "Other Bank"), actor=TANG_LING, now=NOW)
    assert Customer.objects.get().state == CustomerState.ACTIVE


@pytest.mark.django_db
def test_who_is_registered_now_is_none_before_their_application() -> None:
    assert newcomer().state == CustomerState.PROSPECT
