"""What foreign money is worth is read with an assessment, not before it, and counted by what was read there."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from approvals.services.rates import write_rate
from bankops.core import clock, ids
from bankops.core.actor import Actor
from bankops.core.money import Money
from risk.models import MovedMoney
from tests.accounts.factories import TANG_LING, make_account, make_customer
from tests.consent import as_if_consented
from transactions import services as transaction_services
from transactions.models import Channel, Kind
from transactions.services.risk_facts import facts_about

pytestmark = pytest.mark.django_db
USD = Money.parse("100.00", "USD")


@pytest.fixture
def li() -> Account:
    with transaction.atomic():
        write_rate(currency="USD", rate=Decimal("7.2"), actor=Actor.system("tests"), reason="today's", now=clock.now())
    with as_if_consented():
        return make_account("500.00", currency="USD", customer=make_customer("Li Hua"))


def test_the_facts_ask_nobody(li: Account) -> None:
    payer = Account.objects.select_related("customer", "balance").get(pk=li.pk)
    with CaptureQueriesContext(connection) as asked:
        facts = facts_about(
            movement=ids.uuid7(),
            kind=Kind.TRANSFER,
            payer=payer,
            payee=None,
            amount=USD,
            channel=Channel.STAFF,
            now=clock.now(),
        )
    assert (len(asked), facts.base_amount) == (0, None)


def test_what_moved_is_worth_what_the_assessment_read(li: Account) -> None:
    transaction_services.deposit(
        account_id=li.pk, amount=USD, actor=TANG_LING, now=clock.now(), business_date=clock.business_date()
    )
    moved = MovedMoney.objects.latest("id")
    assert (moved.amount, moved.currency, moved.base_amount) == (100_00, "USD", 720_00)
