"""What a partner may move at once and in a day; and that calls at once cannot share what is left."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from bankops.core.money import Money
from partners.errors import PartnerLimitExceeded
from partners.models import Partner, PartnerUsage
from partners.services import allowance
from partners.services.allowance import give_back, take_allowance
from tests.committed import at_once
from tests.elsewhere import Meeting
from tests.partners.factories import make_partner
from tests.unchanged import refused

TODAY = date(2026, 11, 23)
LIMITS = {"CNY": (10_000, 25_000)}


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


def take(partner: Partner, minor: int, day: date = TODAY) -> None:
    with transaction.atomic():
        take_allowance(partner_id=partner.pk, amount=cny(minor), day=day)


def used(partner: Partner, day: date = TODAY) -> int:
    return PartnerUsage.objects.get(partner=partner, day=day).used


@pytest.mark.django_db
class TestTaking:
    def test_up_to_both_limits(self) -> None:
        partner = make_partner(limits=LIMITS)
        for minor in (10_000, 10_000, 5_000):
            take(partner, minor)
        assert used(partner) == 25_000
        with refused("partner_limit_exceeded") as caught:
            take(partner, 1)
        assert caught.value.context["left"] == "0.00"

    def test_never_more_at_once(self) -> None:
        partner = make_partner(limits=LIMITS)
        with refused("partner_limit_exceeded"):
            take(partner, 10_001)
        take(partner, 10_000)
        with refused("partner_limit_exceeded") as caught:
            take(partner, 10_001)
        assert caught.value.context["limit"] == "100.00"

    def test_every_day_anew(self) -> None:
        partner = make_partner(limits={"CNY": (10_000, 10_000)})
        take(partner, 10_000)
        take(partner, 10_000, TODAY + timedelta(days=1))
        assert used(partner) == 10_000

    def test_not_in_a_currency_that_was_not_agreed(self) -> None:
        partner = make_partner(limits={"USD": (1, 1)})
        with refused("partner_limit_missing"):
            take(partner, 1)

    def test_what_was_given_back_can_be_taken_again(self) -> None:
        partner = make_partner(limits={"CNY": (10_000, 10_000)})
        take(partner, 10_000)
        with transaction.atomic():
            give_back(partner_id=partner.pk, amount=cny(10_000), day=TODAY)
        take(partner, 10_000)
        assert used(partner) == 10_000

    def test_one_partners_use_is_not_anothers(self) -> None:
        one, other = make_partner(limits=LIMITS), make_partner(limits=LIMITS)
        take(one, 10_000)
        take(other, 10_000)
        assert (used(one), used(other)) == (10_000, 10_000)


def _race(partner: Partner, taking: Any) -> list[Any]:
    return at_once(*[partial(taking, partner, 6_000)] * 8)


def test_eight_at_once_take_no_more_than_there_is(committed_db: None) -> None:
    partner = make_partner(limits=LIMITS)
    results = _race(partner, take)
    assert sum(result is None for result in results) == 4
    assert {type(result) for result in results if result is not None} == {PartnerLimitExceeded}
    assert used(partner) == 24_000


_READ_THEN_WRITE = (
    "SELECT COALESCE((SELECT used FROM partners_partnerusage"
    " WHERE partner_id = %(partner)s AND currency = %(currency)s AND day = %(day)s), 0)"
)


def _taken_carelessly(others: Meeting, partner: Partner, minor: int) -> None:
    """Take as the product does not: read what is used, look at the limit, write the sum."""
    terms = allowance._terms(partner.pk, cny(minor), TODAY)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_READ_THEN_WRITE, terms)
        (before,) = cursor.fetchone()
        if before + minor > 25_000:
            raise PartnerLimitExceeded(limit="", left="", currency="CNY", per="")
        others()
        cursor.execute(allowance._TAKE.partition("WHERE u.used")[0] + "RETURNING used", terms)


def test_its_careless_twin_takes_too_much(committed_db: None) -> None:
    partner = make_partner(limits=LIMITS)
    _race(partner, partial(_taken_carelessly, Meeting(8)))
    assert used(partner) > 25_000
