"""Countries, the bank's own lists, and refunds."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

from risk.models import Family, SourceKind
from risk.outcomes import Outcome
from risk.rules.shipped.record import Shipped

_LISTABLE: Final = (
    *(f"{side}.{fact}" for side in ("payee", "payer") for fact in ("account", "customer", "name", "country")),
    "device.id",
    "network.address",
    "network.country",
)
"""All that a list of the bank's own can hold of a movement (`risk.lists.values.ValueType`)."""
_COUNTRIES: Final = ("payer.country", "payee.country", "network.country")


def _on_list(name: str, facts: tuple[str, ...] = _LISTABLE) -> str:
    return " or ".join(f'{fact} in list("{name}")' for fact in facts)


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
        explains=_("Several refunds within a week, and those of thirty days come to a large sum."),
    ),
)
GEOGRAPHY: Final = (
    Shipped(
        key="sanctioned_region",
        name=_("A sanctioned country or region"),
        purpose=_("Stops payments with countries under an embargo, until somebody has found that it allows them."),
        family=Family.GEOGRAPHY,
        source_kind=SourceKind.LAW,
        source=_(
            "Charter of the United Nations, Article 41, and the embargoes where the bank is: each entry says which"
        ),
        reason_code="sanctioned_region",
        outcome=Outcome.BLOCK_AND_REVIEW,
        weight=1_000,
        condition=_on_list("regions.sanctioned", _COUNTRIES),
        explains=_("One side, or where it was ordered, is in a country on the bank's list of sanctioned ones."),
    ),
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
        condition=_on_list("regions.call_for_action", _COUNTRIES),
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
        condition=_on_list("own.black"),
        explains=_("A party, its country, the device or the network is on the bank's black list."),
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
        condition=_on_list("own.grey"),
        explains=_("A party, its country, the device or the network is on the bank's grey list."),
    ),
)
