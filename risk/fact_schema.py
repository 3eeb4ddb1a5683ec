"""The facts that rules may speak of, with what the editor says about each. `risk.facts` holds them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from risk.language.schema import Fact, Schema, Type

_DAYS, _MINUTES = _("days"), _("minutes")


def _number(
    name: str,
    description: Promise,
    *,
    label: Promise,
    unit: Promise | str = "",
    optional: bool = True,
    retired: bool = False,
) -> Fact:
    return Fact(name, Type.NUMBER, description, optional=optional, unit=unit, label=label, retired=retired)


def _text(name: str, description: Promise, *, label: Promise, choices: tuple[str, ...] = ()) -> Fact:
    return Fact(name, Type.TEXT, description, optional=True, label=label, choices=choices)


def _money(name: str, description: Promise, *, label: Promise) -> Fact:
    return Fact(name, Type.MONEY, description, optional=True, label=label)


def _movement() -> Iterator[Fact]:
    kinds = ("transfer", "deposit", "withdrawal", "refund")
    yield Fact("movement", Type.TEXT, _("The id of the movement."), label=_("movement"))
    yield Fact("kind", Type.TEXT, _("What is about to happen."), label=_("kind of movement"), choices=kinds)
    yield Fact("channel", Type.TEXT, _("How it was ordered: staff, partner, system, …"), label=_("channel"))
    yield Fact("amount", Type.MONEY, _("The amount, in its own currency."), label=_("amount"))
    yield _money(
        "base_amount",
        _("The amount in the bank's base currency; missing without a rate."),
        label=_("amount in the base currency"),
    )
    yield Fact("moment", Type.MOMENT, _("When it was ordered."), label=_("moment"))
    yield _number("hour", _("The hour by the bank's clock, 0 to 23."), label=_("hour of the day"), optional=False)
    yield _number("weekday", _("The day of the week, 1 for Monday to 7."), label=_("weekday"), optional=False)
    yield _number(
        "trailing_zeros",
        _("How many zeros the amount ends with: 3 for 45,000.00, none for 45,000.50."),
        label=_("zeros at the end of the amount"),
        optional=False,
    )
    yield _number(
        "remittance.length",
        _("How many characters the text for the payee has."),
        label=_("length of the text for the payee"),
        optional=False,
    )
    yield Fact(
        "same_customer",
        Type.TRUTH,
        _("Whether both accounts belong to one customer."),
        label=_("between the customer's own accounts"),
    )


def _payer() -> Iterator[Fact]:
    yield _text("payer.account", _("The account that pays."), label=_("paying account"))
    yield _text("payer.customer", _("The customer whose account pays."), label=_("paying customer"))
    yield _text("payer.name", _("The payer's name; facts that are kept hold none."), label=_("payer's name"))
    yield _text("payer.bank", _("The payer's bank, where it is another."), label=_("payer's bank"))
    yield _text("payer.country", _("The payer's country, as ISO 3166-1 code."), label=_("payer's country"))
    yield _text("payer.kind", _("Person or organisation."), label=_("kind of payer"), choices=_KINDS)
    yield _text("payer.rating", _("The customer's risk rating."), label=_("payer's risk rating"), choices=_RATINGS)
    yield Fact("payer.ours", Type.TRUTH, _("Whether the account that pays is of this bank."), label=_("payer is ours"))
    yield from _ages("payer")
    yield _number(
        "payer.idle_days",
        _("Days since money last left the account; missing when it never did."),
        label=_("days since the account last paid"),
        unit=_DAYS,
    )
    yield _money(
        "payer.available",
        _("What could be spent from the account before the movement."),
        label=_("available before"),
    )
    yield _money("payer.received_1h", _("What came into the account in the last hour."), label=_("received in 1 hour"))
    yield _money("payer.received_24h", _("What came into the account in 24 hours."), label=_("received in 24 hours"))
    yield _money("payer.received_7d", _("What came into the account in seven days."), label=_("received in 7 days"))
    yield _number(
        "payer.received_count_24h",
        _("How many times money came into the account in 24 hours."),
        label=_("receipts in 24 hours"),
    )


def _payee() -> Iterator[Fact]:
    yield _text("payee.account", _("The account that is paid; another bank's number."), label=_("paid account"))
    yield _text("payee.customer", _("The customer whose account is paid."), label=_("paid customer"))
    yield _text("payee.name", _("The payee's name; facts that are kept hold none."), label=_("payee's name"))
    yield _text("payee.bank", _("The payee's bank, where it is another."), label=_("payee's bank"))
    yield _text("payee.country", _("The payee's country, as ISO 3166-1 code."), label=_("payee's country"))
    yield _text("payee.kind", _("Person or organisation."), label=_("kind of payee"), choices=_KINDS)
    yield _text("payee.rating", _("The customer's risk rating."), label=_("payee's risk rating"), choices=_RATINGS)
    yield Fact(
        "payee.ours", Type.TRUTH, _("Whether the account that is paid is of this bank."), label=_("payee is ours")
    )
    yield from _ages("payee")
    yield _number(
        "payee.first_seen_days",
        _("Days since this account first paid this payee; 0 when it never did."),
        label=_("days since the payee was first paid"),
        unit=_DAYS,
    )
    yield Fact(
        "payee.is_new",
        Type.TRUTH,
        _("Whether the account has not paid this payee before today."),
        optional=True,
        label=_("payee is new"),
    )
    yield _number(
        "payee.known_days",
        _("Days since anybody here first paid this payee; 0 when nobody did."),
        label=_("days since anybody paid the payee"),
        unit=_DAYS,
    )
    yield _number("payee.refunds_7d", _("Refunds that the payee got in seven days."), label=_("refunds in 7 days"))
    yield _number("payee.refunds_30d", _("Refunds that the payee got in thirty days."), label=_("refunds in 30 days"))
    yield _money("payee.refunded_30d", _("What the payee got back in thirty days."), label=_("refunded in 30 days"))


def _ages(side: str) -> Iterator[Fact]:
    yield _number(
        f"{side}.opened_days",
        _("Days since the account was opened."),
        label=_("days since the account was opened"),
        unit=_DAYS,
    )
    yield _number(
        f"{side}.customer_days",
        _("Days since the bank knows the customer."),
        label=_("days as a customer"),
        unit=_DAYS,
    )
    yield _number(
        f"{side}.dormant_days",
        _("No longer told: ask how long ago the account was woken."),
        label=_("days dormant"),
        unit=_DAYS,
        retired=True,
    )
    yield _number(
        f"{side}.woken_days",
        _("Days since the account was woken from dormancy, or opened again; missing when it never was."),
        label=_("days since the account was woken"),
        unit=_DAYS,
    )


def _customer() -> Iterator[Fact]:
    yield _text("customer.id", _("The customer whose movement it is."), label=_("customer"))
    yield _money("customer.cash_24h", _("Cash that the customer moved in 24 hours."), label=_("cash in 24 hours"))
    yield _number(
        "customer.cash_count_7d",
        _("How many times the customer moved cash in seven days."),
        label=_("cash movements in 7 days"),
    )
    yield _text("device.id", _("The device it was ordered from."), label=_("device"))
    yield _number(
        "device.first_seen_days",
        _("Days since the customer first used the device; 0 when never."),
        label=_("days since the device was first used"),
        unit=_DAYS,
    )
    yield Fact(
        "device.is_new",
        Type.TRUTH,
        _("Whether the customer has not used the device before today."),
        optional=True,
        label=_("device is new"),
    )
    yield _text("network.address", _("The network address it came from."), label=_("network address"))
    yield _text("network.country", _("The country it was ordered from."), label=_("country of the network"))
    yield _number(
        "network.first_seen_days",
        _("Days since the customer first ordered from this country; 0 when never."),
        label=_("days since the country was first seen"),
        unit=_DAYS,
    )
    yield _text("previous.country", _("The country the customer last ordered from."), label=_("previous country"))
    yield _number(
        "previous.minutes",
        _("Minutes since the customer last ordered from a country that is known."),
        label=_("minutes since the previous order"),
        unit=_MINUTES,
    )


_KINDS: Final = ("PERSON", "ORGANISATION")
_RATINGS: Final = ("LOW", "MEDIUM", "HIGH")

SCHEMA: Final = Schema((*_movement(), *_payer(), *_payee(), *_customer()))
"""All that rules may speak of, without the names of lists: `SCHEMA.with_lists(…)`."""
