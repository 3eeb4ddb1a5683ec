"""Many that pay one, one that pays many, and devices of many."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

from risk.models import Family, SourceKind
from risk.outcomes import Outcome
from risk.rules.shipped.record import FANS, RTS, Shipped

NETWORK: Final = (
    Shipped(
        key="many_to_one",
        name=_("Many pay one"),
        purpose=_("Finds persons who collect for others."),
        family=Family.NETWORK,
        source_kind=SourceKind.PAPER,
        source=FANS % "fan-in",
        reason_code="fan_in",
        outcome=Outcome.REVIEW,
        weight=250,
        condition='kind == "transfer" and payee.kind == "PERSON" and distinct_payers(payee, "24h") >= 10',
        explains=_("Ten different payers or more have paid this person within a day."),
    ),
    Shipped(
        key="collecting_account",
        name=_("Suddenly paid by many"),
        purpose=_("Stops payments to an account that a fraud has just begun to collect on."),
        family=Family.NETWORK,
        source_kind=SourceKind.STANDARD,
        source=RTS % "iv" + ", known fraud scenario",
        reason_code="fan_in",
        outcome=Outcome.BLOCK_AND_REVIEW,
        weight=400,
        condition='kind == "transfer" and not payee.ours and payee.known_days < 7 and distinct_payers(payee, "24h") >= 5',
        explains=_("Nobody here knew this payee a week ago, and within a day several of our customers pay it."),
    ),
    Shipped(
        key="one_to_many",
        name=_("One pays many"),
        purpose=_("Finds persons who distribute for others."),
        family=Family.NETWORK,
        source_kind=SourceKind.PAPER,
        source=FANS % "fan-out",
        reason_code="fan_out",
        outcome=Outcome.REVIEW,
        weight=250,
        condition='kind == "transfer" and payer.kind == "PERSON" and distinct_payees(payer, "24h") >= 10',
        explains=_("This person has paid ten different payees or more within a day."),
    ),
    Shipped(
        key="device_of_many",
        name=_("One device, many payers"),
        purpose=_("Finds accounts that one hand holds: mules, or customers whose access was stolen."),
        family=Family.NETWORK,
        source_kind=SourceKind.STANDARD,
        source=RTS % "ii" + ", unusual information about the payer's device",
        reason_code="shared_device",
        outcome=Outcome.REVIEW,
        weight=350,
        condition='distinct_payers(device, "24h") >= 4',
        explains=_("Accounts of several payers were moved from this device within a day."),
    ),
    Shipped(
        key="device_velocity",
        name=_("One device, one order after the other"),
        purpose=_("Finds programs at work in place of people."),
        family=Family.NETWORK,
        source_kind=SourceKind.STANDARD,
        source=RTS % "ii" + ", unusual information about the payer's device",
        reason_code="velocity",
        outcome=Outcome.REVIEW,
        weight=200,
        condition='channel != "system" and count(device, "10m") >= 10',
        explains=_("More than ten orders came from this device within ten minutes."),
    ),
)
