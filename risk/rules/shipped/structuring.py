"""Amounts that are split up, so that no part is reported."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

from risk.models import Family, SourceKind
from risk.outcomes import Outcome
from risk.rules.shipped.record import CASH, FFIEC, SUSPICIOUS, Shipped

STRUCTURING: Final = (
    Shipped(
        key="structuring_cash",
        name=_("Cash split up below the threshold"),
        purpose=_("Finds cash that is brought or fetched in parts, so that no part is reported."),
        family=Family.STRUCTURING,
        source_kind=SourceKind.STANDARD,
        source=FFIEC % "customers who attempt to avoid reporting; 31 CFR 1010.314",
        reason_code="structuring",
        outcome=Outcome.REVIEW,
        weight=250,
        condition=f'{CASH} and amount < money("50000 CCY") and customer.cash_count_7d >= 2'
        ' and amount + customer.cash_24h >= money("50000 CCY")',
        explains=_("Cash below the threshold reaches it together with what the customer moved before within a day."),
    ),
    Shipped(
        key="just_below_cash",
        name=_("Cash just below the threshold, again and again"),
        purpose=_("Finds who knows the threshold and stays below it."),
        family=Family.STRUCTURING,
        source_kind=SourceKind.STANDARD,
        source=FFIEC % "cash just below reporting thresholds",
        reason_code="structuring",
        outcome=Outcome.REVIEW,
        weight=200,
        condition=f'{CASH} and amount >= money("45000 CCY") and amount < money("50000 CCY") and customer.cash_count_7d >= 2',
        explains=_("Cash just below the threshold, after cash at least twice in the same week."),
    ),
    Shipped(
        key="just_below_transfer",
        name=_("A transfer just below the threshold, after as much in a week"),
        purpose=_("Finds transfers of persons that stay below what is reported."),
        family=Family.STRUCTURING,
        source_kind=SourceKind.LAW,
        source=SUSPICIOUS,
        reason_code="structuring",
        outcome=Outcome.REVIEW,
        weight=200,
        condition='kind == "transfer" and payer.kind == "PERSON" and amount >= money("450000 CNY")'
        ' and amount < money("500000 CNY") and sum(payer, "7d") >= money("450000 CNY")',
        explains=_("A transfer just below CNY 500,000, after CNY 450,000 or more went out in the same week."),
        only_in="CNY",
    ),
    Shipped(
        key="split_to_one_payee",
        name=_("One payment in many parts"),
        purpose=_("Finds amounts that are split up, to the same payee within a day."),
        family=Family.STRUCTURING,
        source_kind=SourceKind.LAW,
        source=SUSPICIOUS,
        reason_code="structuring",
        outcome=Outcome.REVIEW,
        weight=200,
        condition='kind == "transfer" and not same_customer and amount < money("50000 CCY") and count(pair, "24h") >= 4'
        ' and amount + sum(pair, "24h") >= money("100000 CCY")',
        explains=_(
            "The same payee is paid for the fifth time or more within a day, and it comes to more than one payment would attract."
        ),
    ),
    Shipped(
        key="cash_burst",
        name=_("Much cash in a week"),
        purpose=_("Finds cash that comes or goes too often for a household."),
        family=Family.STRUCTURING,
        source_kind=SourceKind.STANDARD,
        source=FFIEC % "frequent cash transactions inconsistent with the customer's business",
        reason_code="cash",
        outcome=Outcome.REVIEW,
        weight=180,
        condition=f'{CASH} and customer.cash_count_7d >= 9 and customer.cash_24h + amount >= money("20000 CCY")',
        explains=_("Cash for the tenth time in seven days, or more often, and much of it within a day."),
    ),
)
