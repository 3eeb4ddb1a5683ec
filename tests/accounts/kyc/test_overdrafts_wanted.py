"""What policies about amounts see of an application: the overdrafts that it asks for."""

from __future__ import annotations

import pytest

from accounts import services
from accounts.models import Product
from approvals.services.shipping import seed_demo_rates
from bankops.core import clock, operations
from bankops.core.actor import Actor
from bankops.core.money import Money
from tests.accounts.factories import NOW, TANG_LING, TODAY, current_account
from tests.accounts.kyc.applying import ORDINARY, newcomer

pytestmark = pytest.mark.django_db


def amount_of(*wanted: tuple[str, str, str]) -> Money | None:
    """Return the amount of an application for accounts of a product, in a currency, with an overdraft."""
    customer = newcomer()
    current_account()  # so that the chart and its products are there
    products = Product.objects.in_bulk()
    wishes = [
        services.AccountWish(products[product], currency, Money.parse(overdraft, currency))
        for product, currency, overdraft in wanted
    ]
    application = services.start_application(
        customer_id=customer.pk,
        branch=customer.branch,
        answers=ORDINARY,
        accounts=wishes,
        actor=TANG_LING,
        now=NOW,
        business_date=TODAY,
    )
    return operations.get("accounts.approve_application").facts({"application": application.public_id}).amount


def test_without_an_overdraft_there_is_no_amount() -> None:
    assert amount_of(("CURRENT", "CNY", "0")) is None


def test_overdrafts_in_one_currency_are_added_up() -> None:
    assert amount_of(("CURRENT", "USD", "30"), ("SAVINGS", "USD", "12.50")) == Money.parse("42.50", "USD")


def test_in_several_currencies_their_worth_is_added_up() -> None:
    seed_demo_rates(actor=Actor.system("tests"), now=clock.now())
    assert amount_of(("CURRENT", "CNY", "100"), ("CURRENT", "USD", "30")) == Money.parse("310.00", "CNY")


def test_one_that_nobody_can_tell_the_worth_of_stands_for_all() -> None:
    assert amount_of(("CURRENT", "CNY", "900000"), ("CURRENT", "USD", "1")) == Money.parse("1.00", "USD")
