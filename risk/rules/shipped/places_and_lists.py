"""Countries, the bank's own lists, and refunds."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

from risk.models import Family, SourceKind
from risk.outcomes import Outcome
from risk.rules.shipped.record import Shipped

REFUNDS: Final = (
    Shipped(
        key="refunds_often",
        name=_("Refunds again and again"),
        purpose=_("Finds who buys to be paid back."),
        family=Family.REFUNDS,
        source_kind=SourceKind.BANK,
        source=_("Experience of payment institutions; to be tuned to the bank's own cases"),
        reason_code="refunds",
        outcome=Outcome.REVIEW,
        weight=200,
        condition='kind == "refund" and payee.refunds_30d >= 5',
        explains=_("The payee has got more than five refunds in thirty days."),
    ),
    Shipped(
        key="refunds_much",
        name=_("Much money back within days"),
        purpose=_("Stops refunds that somebody within a merchant pays to themselves."),
        family=Family.REFUNDS,
        source_kind=SourceKind.BANK,
        source=_("Experience of payment institutions; to be tuned to the bank's own cases"),
        reason_code="refunds",
        outcome=Outcome.BLOCK_AND_REVIEW,
        weight=320,
        condition='kind == "refund" and payee.refunds_7d >= 3 and amount + payee.refunded_30d >= money("20000 CCY")',
        explains=_("Several refunds within a week come to a large sum."),
    ),
)
GEOGRAPHY: Final = (
    Shipped(
        key="call_for_action",
        name=_("A country for which FATF calls for action"),
        purpose=_("Stops payments with countries against which countermeasures or enhanced care are asked for."),
        family=Family.GEOGRAPHY,
        source_kind=SourceKind.STANDARD,
        source="FATF Recommendation 19; High-Risk Jurisdictions subject to a Call for Action",
        reason_code="country",
        outcome=Outcome.BLOCK_AND_REVIEW,
        weight=700,
        condition='payer.country in list("regions.call_for_action") or payee.country in list("regions.call_for_action")'
        ' or network.country in list("regions.call_for_action")',
        explains=_("One side, or where it was ordered, is in a country for which FATF calls for action."),
    ),
    Shipped(
        key="increased_monitoring",
        name=_("A country under FATF's increased monitoring"),
        purpose=_("Has somebody look at larger payments with countries whose controls have gaps."),
        family=Family.GEOGRAPHY,
        source_kind=SourceKind.STANDARD,
        source="FATF Recommendation 10; Jurisdictions under Increased Monitoring",
        reason_code="country",
        outcome=Outcome.REVIEW,
        weight=200,
        condition='amount >= money("10000 CCY") and (payer.country in list("regions.increased_monitoring")'
        ' or payee.country in list("regions.increased_monitoring"))',
        explains=_("One side is in a country under FATF's increased monitoring."),
    ),
)
LISTED: Final = (
    Shipped(
        key="own_black",
        name=_("On the bank's black list"),
        purpose=_("Refuses what the bank has decided not to move."),
        family=Family.LISTED,
        source_kind=SourceKind.BANK,
        source=_("The bank's own list: each entry says why and who answers for it"),
        reason_code="listed",
        outcome=Outcome.DECLINE,
        weight=1_000,
        condition='payee.account in list("own.black") or payee.customer in list("own.black") or payee.name in list("own.black")'
        ' or payer.account in list("own.black") or payer.customer in list("own.black")'
        ' or device.id in list("own.black") or network.address in list("own.black")',
        explains=_("A party, the device or the network is on the bank's black list."),
    ),
    Shipped(
        key="own_grey",
        name=_("On the bank's grey list"),
        purpose=_("Has somebody look at what the bank wants to know about."),
        family=Family.LISTED,
        source_kind=SourceKind.BANK,
        source=_("The bank's own list: each entry says why and who answers for it"),
        reason_code="listed",
        outcome=Outcome.REVIEW,
        weight=300,
        condition='payee.account in list("own.grey") or payee.customer in list("own.grey") or payee.name in list("own.grey")'
        ' or payer.account in list("own.grey") or payer.customer in list("own.grey")'
        ' or device.id in list("own.grey") or network.address in list("own.grey")',
        explains=_("A party, the device or the network is on the bank's grey list."),
    ),
)
