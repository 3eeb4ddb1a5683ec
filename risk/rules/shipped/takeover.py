"""Somebody else at the keyboard, and payees exchanged in an e-mail."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

from risk.models import Family, SourceKind
from risk.outcomes import Outcome
from risk.rules.shipped.record import RTS, Shipped

TAKEOVER: Final = (
    Shipped(
        key="new_device_large",
        name=_("New device, large amount"),
        purpose=_("Stops who has got hold of a customer's access, before the account is empty."),
        family=Family.TAKEOVER,
        source_kind=SourceKind.STANDARD,
        source=RTS % "ii" + ", unusual information about the payer's device",
        reason_code="new_device",
        outcome=Outcome.BLOCK_AND_REVIEW,
        weight=400,
        condition='kind == "transfer" and not same_customer and device.is_new and payer.customer_days >= 30'
        ' and amount >= money("20000 CCY")',
        explains=_("A large amount is ordered from a device that the customer never used before."),
    ),
    Shipped(
        key="new_device_new_payee",
        name=_("New device, new payee"),
        purpose=_("Stops who has got hold of a customer's access, also for smaller amounts."),
        family=Family.TAKEOVER,
        source_kind=SourceKind.STANDARD,
        source=RTS % "ii" + ", unusual information about the payer's device",
        reason_code="new_device",
        outcome=Outcome.BLOCK_AND_REVIEW,
        weight=350,
        condition='kind == "transfer" and device.is_new and payee.is_new and payer.customer_days >= 30'
        ' and amount >= money("5000 CCY")',
        explains=_("A device that the customer never used before pays a payee that was never paid before."),
    ),
    Shipped(
        key="impossible_travel",
        name=_("Faster than anybody travels"),
        purpose=_("Finds two people behind one customer: nobody changes countries within two hours of ordering."),
        family=Family.TAKEOVER,
        source_kind=SourceKind.STANDARD,
        source=RTS % "v" + ", abnormal location of the payer",
        reason_code="location",
        outcome=Outcome.BLOCK_AND_REVIEW,
        weight=400,
        condition='kind != "deposit" and network.country != previous.country and previous.minutes < 120',
        explains=_("The customer ordered from another country less than two hours ago."),
    ),
    Shipped(
        key="new_country",
        name=_("A country never ordered from"),
        purpose=_("Finds orders from where the customer never was."),
        family=Family.TAKEOVER,
        source_kind=SourceKind.STANDARD,
        source=RTS % "v" + ", abnormal location of the payer",
        reason_code="location",
        outcome=Outcome.REVIEW,
        weight=200,
        condition="network.first_seen_days == 0 and network.country != payer.country and payer.customer_days >= 90"
        ' and amount >= money("10000 CCY")',
        explains=_("The customer orders from a country for the first time, and does not live there."),
    ),
    Shipped(
        key="night_new_payee",
        name=_("At night, to somebody new"),
        purpose=_("Stops what happens while the customer sleeps."),
        family=Family.TAKEOVER,
        source_kind=SourceKind.STANDARD,
        source=RTS % "i" + ", abnormal behavioural pattern of the payer",
        reason_code="unusual_time",
        outcome=Outcome.BLOCK_AND_REVIEW,
        weight=300,
        condition='kind == "transfer" and channel != "staff" and payer.kind == "PERSON" and (hour >= 23 or hour < 6)'
        ' and payee.is_new and not same_customer and amount >= money("10000 CCY")',
        explains=_("Between 23 and 6 o'clock a payee is paid that was never paid before."),
    ),
    Shipped(
        key="first_payment_large",
        name=_("Large first payment to a payee"),
        purpose=_("Has somebody look at what a person pays a stranger."),
        family=Family.TAKEOVER,
        source_kind=SourceKind.STANDARD,
        source=RTS % "i" + ", abnormal spending pattern of the payer",
        reason_code="new_payee",
        outcome=Outcome.REVIEW,
        weight=200,
        condition='kind == "transfer" and payer.kind == "PERSON" and payee.is_new and not same_customer'
        ' and amount >= money("200000 CCY")',
        explains=_("A large amount goes to a payee that was never paid before."),
    ),
    Shipped(
        key="supplier_changed",
        name=_("An organisation pays somebody new a lot"),
        purpose=_("Finds invoices whose account somebody exchanged in an e-mail."),
        family=Family.TAKEOVER,
        source_kind=SourceKind.STANDARD,
        source="FinCEN Advisory FIN-2016-A003, e-mail compromise fraud schemes",
        reason_code="new_payee",
        outcome=Outcome.REVIEW,
        weight=250,
        condition='kind == "transfer" and payer.kind == "ORGANISATION" and not payee.ours and payee.known_days == 0'
        ' and amount >= money("500000 CCY")',
        explains=_("An organisation pays a large amount to a payee at another bank whom nobody here ever paid."),
    ),
)
