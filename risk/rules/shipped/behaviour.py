"""What is unusual for the account."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

from risk.models import Family, SourceKind
from risk.outcomes import Outcome
from risk.rules.shipped.record import FFIEC, RTS, Shipped

BEHAVIOUR: Final = (
    Shipped(
        key="dormant_awake",
        name=_("A dormant account wakes up"),
        purpose=_("Finds accounts that somebody else has begun to use."),
        family=Family.BEHAVIOUR,
        source_kind=SourceKind.LAW,
        source="PBOC Notice Yinfa [2016] No. 261 (telecom fraud), accounts without transactions for six months",
        reason_code="dormant",
        outcome=Outcome.REVIEW,
        weight=300,
        # Counters are deleted after two years: an older account of which none is left has paid nobody since.
        condition='kind in ["transfer", "withdrawal"] and (payer.woken_days < 30 or payer.idle_days >= 180'
        ' or payer.opened_days > 730 and not known(payer.idle_days)) and amount >= money("10000 CCY")',
        explains=_("The account paid nobody for half a year, or was woken within a month, and now pays a lot."),
    ),
    Shipped(
        key="young_account_turnover",
        name=_("A young account with a high turnover"),
        purpose=_("Finds accounts that were opened to be used up."),
        family=Family.BEHAVIOUR,
        source_kind=SourceKind.STANDARD,
        source="EBA Guidelines on ML/TF risk factors, EBA/GL/2021/02, Guideline 9 (retail banks)",
        reason_code="turnover",
        outcome=Outcome.REVIEW,
        weight=250,
        condition='kind != "deposit" and payer.kind == "PERSON" and payer.opened_days < 30'
        ' and amount + sum(payer, "30d") >= money("500000 CCY")',
        explains=_("The account is younger than a month and has paid out more than households do."),
    ),
    Shipped(
        key="unlike_before",
        name=_("Many times the usual amount"),
        purpose=_("Finds payments that do not fit what the account did before."),
        family=Family.BEHAVIOUR,
        source_kind=SourceKind.STANDARD,
        source=RTS % "i" + ", abnormal spending pattern of the payer",
        reason_code="unusual_amount",
        outcome=Outcome.REVIEW,
        weight=200,
        condition='kind == "transfer" and payer.kind == "PERSON" and not same_customer and count(payer, "90d") >= 10'
        ' and amount >= money("50000 CCY") and amount * count(payer, "90d") >= sum(payer, "90d") * 20',
        explains=_("The amount is at least twenty times what the account paid on average in three months."),
    ),
    Shipped(
        key="drain",
        name=_("The account is emptied"),
        purpose=_("Finds the last payment of somebody who leaves, or who never was the customer."),
        family=Family.BEHAVIOUR,
        source_kind=SourceKind.STANDARD,
        source=RTS % "i" + ", abnormal spending pattern of the payer",
        reason_code="drain",
        outcome=Outcome.REVIEW,
        weight=220,
        condition='kind == "transfer" and payer.kind == "PERSON" and payee.is_new and not same_customer'
        ' and payer.available >= money("20000 CCY") and amount >= payer.available * 0.95',
        explains=_("Nearly all that is in the account goes to a payee that was never paid before."),
    ),
    Shipped(
        key="round_amounts",
        name=_("Round amounts in a row"),
        purpose=_("Finds amounts that no invoice has."),
        family=Family.BEHAVIOUR,
        source_kind=SourceKind.STANDARD,
        source=FFIEC % "funds transfers in large, round amounts",
        reason_code="round_amounts",
        outcome=Outcome.REVIEW,
        weight=120,
        condition='kind == "transfer" and not same_customer and trailing_zeros >= 4 and count(payer, "24h") >= 3'
        " and multiple_of(amount, 10000)",
        explains=_("A whole multiple of ten thousand, after at least three payments within a day."),
    ),
    Shipped(
        key="payment_burst",
        name=_("One payment after the other"),
        purpose=_("Finds accounts that a program empties."),
        family=Family.BEHAVIOUR,
        source_kind=SourceKind.STANDARD,
        source=RTS % "i" + ", abnormal behavioural pattern of the payer",
        reason_code="velocity",
        outcome=Outcome.REVIEW,
        weight=200,
        condition='kind == "transfer" and payer.kind == "PERSON" and channel != "system" and count(payer, "1h") >= 10',
        explains=_("More than ten payments within an hour."),
    ),
    Shipped(
        key="testing_payments",
        name=_("Tiny payments to try out"),
        purpose=_("Finds who tries whether access works, before taking more."),
        family=Family.BEHAVIOUR,
        source_kind=SourceKind.STANDARD,
        source=RTS % "iv" + ", known fraud scenario",
        reason_code="velocity",
        outcome=Outcome.REVIEW,
        weight=150,
        condition='kind == "transfer" and payee.is_new and amount < money("10 CCY") and count(payer, "10m") >= 3'
        ' and sum(payer, "10m") < money("10 CCY") * count(payer, "10m")',
        explains=_(
            "A tiny payment to a payee never paid before, after three or more within ten minutes, tiny on average."
        ),
    ),
    Shipped(
        key="high_risk_customer_out",
        name=_("A high-risk customer pays out of the bank"),
        purpose=_("Has somebody look at what customers rated high move away."),
        family=Family.BEHAVIOUR,
        source_kind=SourceKind.STANDARD,
        source="FATF Recommendation 10 and its interpretive note, paragraph 20 (enhanced monitoring)",
        reason_code="customer_rating",
        outcome=Outcome.REVIEW,
        weight=200,
        condition='kind == "transfer" and payer.rating == "HIGH" and not payee.ours and amount >= money("50000 CCY")',
        explains=_("A customer rated high risk pays a large amount to another bank."),
    ),
)
