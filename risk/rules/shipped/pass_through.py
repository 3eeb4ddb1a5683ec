"""Money that comes in and goes straight out again."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

from risk.models import Family, SourceKind
from risk.outcomes import Outcome
from risk.rules.shipped.record import FFIEC, Shipped

PASS_THROUGH: Final = (
    Shipped(
        key="rapid_in_and_out",
        name=_("In and out within a day"),
        purpose=_("Finds accounts that money only passes through."),
        family=Family.PASS_THROUGH,
        source_kind=SourceKind.STANDARD,
        source="FATF, Professional Money Laundering (July 2018), money mule networks",
        reason_code="pass_through",
        outcome=Outcome.REVIEW,
        weight=300,
        condition='kind == "transfer" and payer.kind == "PERSON" and not same_customer'
        ' and payer.received_24h >= money("50000 CCY") and amount >= payer.received_24h * 0.9',
        explains=_("Nearly all that came in within a day goes out again."),
    ),
    Shipped(
        key="straight_through",
        name=_("In and straight out to somebody new"),
        purpose=_("Stops money of a fraud on its first hop, while it can still be given back."),
        family=Family.PASS_THROUGH,
        source_kind=SourceKind.STANDARD,
        source="FATF, Professional Money Laundering (July 2018), money mule networks",
        reason_code="pass_through",
        outcome=Outcome.BLOCK_AND_REVIEW,
        weight=400,
        condition='kind == "transfer" and payer.kind == "PERSON" and not same_customer and payee.is_new'
        ' and payer.received_1h >= money("20000 CCY") and amount >= payer.received_1h * 0.8',
        explains=_("What came in within the last hour goes straight on to a payee that was never paid before."),
    ),
    Shipped(
        key="cash_out",
        name=_("In and out in cash"),
        purpose=_("Finds where a trail ends: money that comes in is fetched in cash at once."),
        family=Family.PASS_THROUGH,
        source_kind=SourceKind.STANDARD,
        source=FFIEC % "incoming transfers followed by cash withdrawals",
        reason_code="pass_through",
        outcome=Outcome.REVIEW,
        weight=280,
        condition='kind == "withdrawal" and payer.received_24h >= money("20000 CCY") and amount >= payer.received_24h * 0.8',
        explains=_("Most of what came in within a day is fetched in cash."),
    ),
    Shipped(
        key="sleeper_passes_through",
        name=_("A sleeping account is paid and pays on"),
        purpose=_("Finds accounts that were bought or lent, and are used for the first time."),
        family=Family.PASS_THROUGH,
        source_kind=SourceKind.LAW,
        source="PBOC Notice Yinfa [2016] No. 261 (telecom fraud), accounts without transactions for six months",
        reason_code="pass_through",
        outcome=Outcome.BLOCK_AND_REVIEW,
        weight=350,
        condition='kind in ["transfer", "withdrawal"] and not same_customer and payer.idle_days >= 90'
        ' and payer.received_24h >= money("20000 CCY") and amount >= payer.received_24h * 0.5',
        explains=_("The account paid nobody for three months, was paid a lot within a day, and pays on."),
    ),
)
