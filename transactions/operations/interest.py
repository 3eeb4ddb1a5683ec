"""Setting a rate of interest: what a product pays from a day on. Two people must always agree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.errors import UnknownProduct
from accounts.models import Product
from bankops.core import clock, money
from bankops.core.audit import Subject
from bankops.core.operations import Description, Operation, Order
from bankops.core.texts import require_reason
from transactions import services as transaction_services
from transactions.interest import errors
from transactions.interest.amounts import parse_rate, rate_in_percent
from transactions.models import DayCount, InterestRate
from transactions.operations.payloads import Payload, text
from transactions.services.interest import check_rate_day, rate_on, subject_of


class SetInterestRate(Operation):
    """Payload: `{"product": "SAVINGS", "currency": "CNY", "rate": "1.50", "day_count": "ACT_365", "valid_from": "2026-04-01"}`;
    the rate in percent a year, the order says why.
    """

    key = "transactions.set_interest_rate"
    label = _("Set interest rate")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises FieldMissing, UnknownCurrency, InvalidRate, UnknownDayCount, InvalidDay: naming what is at fault."""
        currency = text(payload, "currency").upper()
        money.exponent(currency)
        return {
            "product": text(payload, "product").upper(),
            "currency": currency,
            "rate": rate_in_percent(parse_rate(text(payload, "rate"))),
            "day_count": _day_count(text(payload, "day_count")),
            "valid_from": day_in(payload, "valid_from").isoformat(),
        }

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, UnknownProduct, RateInThePast, RateExists: as the service would."""
        require_reason(order.reason)
        product, currency, valid_from = _of(payload)
        check_rate_day(product.pk, currency, valid_from, business_date=clock.business_date(order.now))

    def describe(self, payload: Payload) -> Description:
        product, currency, valid_from = _of(payload)
        words = {
            "product": product.name,
            "currency": currency,
            "rate": payload["rate"],
            "day_count": DayCount(payload["day_count"]).label,
            "day": valid_from.isoformat(),
        }
        sentence = _("%(product)s in %(currency)s earns %(rate)s %% a year (%(day_count)s) from %(day)s on.")
        change = (_percent(rate_on(product.pk, currency, valid_from)), f"{payload['rate']} %")
        return Description(summary=str(sentence % words), changes={str(_("Interest rate")): change})

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        product, currency, valid_from = _of(payload)
        rate = rate_on(product.pk, currency, valid_from)
        return {"rate_before": rate.public_id if rate else ""}

    def execute(self, payload: Payload, order: Order) -> InterestRate:
        product, currency, valid_from = _of(payload)
        return transaction_services.set_interest_rate(
            product=product,
            currency=currency,
            rate=parse_rate(payload["rate"]),
            day_count=DayCount(payload["day_count"]),
            valid_from=valid_from,
            reason=order.reason,
            actor=order.actor,
            now=order.now,
            business_date=clock.business_date(order.now),
        )

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result)

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return ()


def day_in(payload: Payload, field: str) -> date:
    """Return the day in a field.

    :raises FieldMissing: when it is not there.
    :raises InvalidDay: when it is no day.
    """
    written = text(payload, field)
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise errors.InvalidDay(day=written) from None


def _of(payload: Payload) -> tuple[Product, str, date]:
    product = Product.objects.filter(pk=payload["product"]).first()
    if product is None:
        raise UnknownProduct(product=payload["product"])
    return product, payload["currency"], day_in(payload, "valid_from")


def _day_count(written: str) -> str:
    if written not in DayCount.values:
        raise errors.UnknownDayCount(day_count=written, known=", ".join(DayCount.values))
    return written


def _percent(rate: InterestRate | None) -> str:
    return f"{rate_in_percent(rate.rate)} %" if rate else "—"
