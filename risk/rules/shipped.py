"""The rules that every bank starts with, each with what it follows from. docs/rules.md shows them; `ship_rules` installs them.

Their thresholds are in the bank's base currency (`CCY` stands for it) and meant for one worth about a renminbi: a bank with
another one looks at them first. Those that a Chinese regulation sets are in renminbi, and for banks that keep their books so.

The words are msgids: they are kept as they stand here and translated when they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_noop as _

from risk.models import Family, SourceKind
from risk.outcomes import Outcome
from risk.rules.terms import About, Draft

OWNER: Final = _("Risk department")
NOTE: Final = _("Shipped with bankops")

_LARGE_VALUE = _("PBOC Order [2016] No. 3 (large-value and suspicious transaction reports), Article 5(%s)")
_SUSPICIOUS = "PBOC Order [2016] No. 3, Article 11"
_FFIEC = "FFIEC BSA/AML Examination Manual, Appendix F (red flags): %s"
_RTS = "Commission Delegated Regulation (EU) 2018/389, Article 18(2)(c)(%s)"
_FANS = "Altman et al., Realistic Synthetic Financial Transactions for Anti-Money Laundering Models (NeurIPS 2023): %s"


@dataclass(frozen=True, slots=True)
class Shipped:
    """A rule as shipped.

    Attributes:
        condition: `CCY` stands for the base currency.
        only_in: the base currency with which alone it is shipped; empty: with any.

    """

    key: str
    name: str
    purpose: str
    family: Family
    source_kind: SourceKind
    source: str
    reason_code: str
    outcome: Outcome
    weight: int
    condition: str
    explains: str
    only_in: str = ""

    def about(self) -> About:
        """Return what the rule is."""
        return About(
            key=self.key,
            name=self.name,
            purpose=self.purpose,
            family=self.family,
            source_kind=self.source_kind,
            source=self.source,
            reason_code=self.reason_code,
            owner=OWNER,
        )

    def draft(self, base_currency: str) -> Draft:
        """Return its version."""
        condition = self.condition.replace("CCY", base_currency)
        return Draft(condition, self.weight, self.outcome, self.explains, NOTE)


def shipped(base_currency: str) -> list[Shipped]:
    """Return the rules for a bank that keeps its books in `base_currency`."""
    return [rule for rule in RULES if rule.only_in in ("", base_currency)]


_CASH = 'kind in ["deposit", "withdrawal"]'
_TO_ABROAD = 'not payee.ours and payee.country != "CN"'
_FROM_ABROAD = 'not payer.ours and payer.country != "CN"'
_AT_HOME = '(payee.ours or not known(payee.country) or payee.country == "CN")'


def _large_value() -> list[Shipped]:
    """Article 5 counts single amounts and the sum of a day. They are reported, not suspected: nothing is stopped."""

    def one(key: str, name: str, item: str, condition: str, explains: str) -> Shipped:
        return Shipped(
            key=key,
            name=name,
            purpose=_("Marks what the bank reports as a large-value transaction within five working days."),
            family=Family.LARGE_VALUE,
            source_kind=SourceKind.LAW,
            source=_LARGE_VALUE % item,
            reason_code="large_value",
            outcome=Outcome.APPROVE,
            weight=30,
            condition=condition,
            explains=explains,
            only_in="CNY",
        )

    return [
        one(
            "large_value_cash",
            _("Large value: cash of CNY 50,000 or more a day"),
            "1",
            f'{_CASH} and (amount >= money("50000 CNY") or amount + customer.cash_24h >= money("50000 CNY"))',
            _("Cash of this customer comes to CNY 50,000 or more within a day. It is reported as large value."),
        ),
        one(
            "large_value_entity",
            _("Large value: transfers of an organisation of CNY 2,000,000 or more a day"),
            "2",
            'kind == "transfer" and payer.kind == "ORGANISATION" and not same_customer'
            ' and (amount >= money("2000000 CNY") or amount + sum(payer, "24h") >= money("2000000 CNY"))',
            _(
                "Transfers of this organisation come to CNY 2,000,000 or more within a day. They are reported as large value."
            ),
        ),
        one(
            "large_value_person",
            _("Large value: transfers of a person within China of CNY 500,000 or more a day"),
            "3",
            f'kind == "transfer" and payer.kind == "PERSON" and not same_customer and {_AT_HOME}'
            ' and (amount >= money("500000 CNY") or amount + sum(payer, "24h") >= money("500000 CNY"))',
            _("Transfers of this person come to CNY 500,000 or more within a day. They are reported as large value."),
        ),
        one(
            "large_value_cross_border",
            _("Large value: transfers of a person across the border of CNY 200,000 or more a day"),
            "4",
            'kind == "transfer"'
            f' and (payer.kind == "PERSON" and {_TO_ABROAD}'
            ' and (amount >= money("200000 CNY") or amount + sum(payer, "24h") >= money("200000 CNY"))'
            f' or payee.kind == "PERSON" and {_FROM_ABROAD}'
            ' and (amount >= money("200000 CNY") or amount + sum(payee, "24h") >= money("200000 CNY")))',
            _("Transfers of this person across the border come to CNY 200,000 or more within a day: large value."),
        ),
    ]


_STRUCTURING: Final = (
    Shipped(
        key="structuring_cash",
        name=_("Cash split up below the threshold"),
        purpose=_("Finds cash that is brought or fetched in parts, so that no part is reported."),
        family=Family.STRUCTURING,
        source_kind=SourceKind.STANDARD,
        source=_FFIEC % "customers who attempt to avoid reporting; 31 CFR 1010.314",
        reason_code="structuring",
        outcome=Outcome.REVIEW,
        weight=250,
        condition=f'{_CASH} and amount < money("50000 CCY") and customer.cash_count_7d >= 2'
        ' and amount + customer.cash_24h >= money("50000 CCY")',
        explains=_("Several amounts of cash, each below the threshold, exceed it together within a day."),
    ),
    Shipped(
        key="just_below_cash",
        name=_("Cash just below the threshold, again and again"),
        purpose=_("Finds who knows the threshold and stays below it."),
        family=Family.STRUCTURING,
        source_kind=SourceKind.STANDARD,
        source=_FFIEC % "cash just below reporting thresholds",
        reason_code="structuring",
        outcome=Outcome.REVIEW,
        weight=200,
        condition=f'{_CASH} and amount >= money("45000 CCY") and amount < money("50000 CCY") and customer.cash_count_7d >= 2',
        explains=_("Cash just below the threshold, and not for the first time this week."),
    ),
    Shipped(
        key="just_below_transfer",
        name=_("Transfers just below the threshold, again and again"),
        purpose=_("Finds transfers of persons that stay below what is reported."),
        family=Family.STRUCTURING,
        source_kind=SourceKind.LAW,
        source=_SUSPICIOUS,
        reason_code="structuring",
        outcome=Outcome.REVIEW,
        weight=200,
        condition='kind == "transfer" and payer.kind == "PERSON" and amount >= money("450000 CNY")'
        ' and amount < money("500000 CNY") and sum(payer, "7d") >= money("450000 CNY")',
        explains=_("A transfer just below CNY 500,000, after others of that size in the same week."),
        only_in="CNY",
    ),
    Shipped(
        key="split_to_one_payee",
        name=_("One payment in many parts"),
        purpose=_("Finds amounts that are split up, to the same payee within a day."),
        family=Family.STRUCTURING,
        source_kind=SourceKind.LAW,
        source=_SUSPICIOUS,
        reason_code="structuring",
        outcome=Outcome.REVIEW,
        weight=200,
        condition='kind == "transfer" and not same_customer and amount < money("50000 CCY") and count(pair, "24h") >= 4'
        ' and amount + sum(pair, "24h") >= money("100000 CCY")',
        explains=_(
            "The same payee is paid for the fifth time within a day, and it comes to more than one payment would attract."
        ),
    ),
    Shipped(
        key="cash_burst",
        name=_("Much cash in a week"),
        purpose=_("Finds cash that comes or goes too often for a household."),
        family=Family.STRUCTURING,
        source_kind=SourceKind.STANDARD,
        source=_FFIEC % "frequent cash transactions inconsistent with the customer's business",
        reason_code="cash",
        outcome=Outcome.REVIEW,
        weight=180,
        condition=f'{_CASH} and customer.cash_count_7d >= 9 and customer.cash_24h + amount >= money("20000 CCY")',
        explains=_("Cash for the tenth time in seven days."),
    ),
)
_PASS_THROUGH: Final = (
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
        source=_FFIEC % "incoming transfers followed by cash withdrawals",
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
_NETWORK: Final = (
    Shipped(
        key="many_to_one",
        name=_("Many pay one"),
        purpose=_("Finds persons who collect for others."),
        family=Family.NETWORK,
        source_kind=SourceKind.PAPER,
        source=_FANS % "fan-in",
        reason_code="fan_in",
        outcome=Outcome.REVIEW,
        weight=250,
        condition='kind == "transfer" and payee.kind == "PERSON" and distinct_payers(payee, "24h") >= 10',
        explains=_("More than ten different payers have paid this person within a day."),
    ),
    Shipped(
        key="collecting_account",
        name=_("Suddenly paid by many"),
        purpose=_("Stops payments to an account that a fraud has just begun to collect on."),
        family=Family.NETWORK,
        source_kind=SourceKind.STANDARD,
        source=_RTS % "iv" + ", known fraud scenario",
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
        source=_FANS % "fan-out",
        reason_code="fan_out",
        outcome=Outcome.REVIEW,
        weight=250,
        condition='kind == "transfer" and payer.kind == "PERSON" and distinct_payees(payer, "24h") >= 10',
        explains=_("This person has paid more than ten different payees within a day."),
    ),
    Shipped(
        key="device_of_many",
        name=_("One device, many payers"),
        purpose=_("Finds accounts that one hand holds: mules, or customers whose access was stolen."),
        family=Family.NETWORK,
        source_kind=SourceKind.STANDARD,
        source=_RTS % "ii" + ", unusual information about the payer's device",
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
        source=_RTS % "ii" + ", unusual information about the payer's device",
        reason_code="velocity",
        outcome=Outcome.REVIEW,
        weight=200,
        condition='channel != "system" and count(device, "10m") >= 10',
        explains=_("More than ten orders came from this device within ten minutes."),
    ),
)
_TAKEOVER: Final = (
    Shipped(
        key="new_device_large",
        name=_("New device, large amount"),
        purpose=_("Stops who has got hold of a customer's access, before the account is empty."),
        family=Family.TAKEOVER,
        source_kind=SourceKind.STANDARD,
        source=_RTS % "ii" + ", unusual information about the payer's device",
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
        source=_RTS % "ii" + ", unusual information about the payer's device",
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
        source=_RTS % "v" + ", abnormal location of the payer",
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
        source=_RTS % "v" + ", abnormal location of the payer",
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
        source=_RTS % "i" + ", abnormal behavioural pattern of the payer",
        reason_code="unusual_time",
        outcome=Outcome.BLOCK_AND_REVIEW,
        weight=300,
        condition='kind == "transfer" and payer.kind == "PERSON" and (hour >= 23 or hour < 6) and payee.is_new'
        ' and not same_customer and amount >= money("10000 CCY")',
        explains=_("Between 23 and 6 o'clock a payee is paid that was never paid before."),
    ),
    Shipped(
        key="first_payment_large",
        name=_("Large first payment to a payee"),
        purpose=_("Has somebody look at what a person pays a stranger."),
        family=Family.TAKEOVER,
        source_kind=SourceKind.STANDARD,
        source=_RTS % "i" + ", abnormal spending pattern of the payer",
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
_BEHAVIOUR: Final = (
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
        condition='kind in ["transfer", "withdrawal"] and (known(payer.dormant_days) or payer.idle_days >= 180)'
        ' and amount >= money("10000 CCY")',
        explains=_("The account paid nobody for half a year, and now pays a lot."),
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
        source=_RTS % "i" + ", abnormal spending pattern of the payer",
        reason_code="unusual_amount",
        outcome=Outcome.REVIEW,
        weight=200,
        condition='kind == "transfer" and payer.kind == "PERSON" and not same_customer and count(payer, "90d") >= 10'
        ' and amount >= money("50000 CCY") and amount * count(payer, "90d") >= sum(payer, "90d") * 20',
        explains=_("The amount is more than twenty times what the account paid on average in three months."),
    ),
    Shipped(
        key="drain",
        name=_("The account is emptied"),
        purpose=_("Finds the last payment of somebody who leaves, or who never was the customer."),
        family=Family.BEHAVIOUR,
        source_kind=SourceKind.STANDARD,
        source=_RTS % "i" + ", abnormal spending pattern of the payer",
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
        source=_FFIEC % "funds transfers in large, round amounts",
        reason_code="round_amounts",
        outcome=Outcome.REVIEW,
        weight=120,
        condition='kind == "transfer" and not same_customer and trailing_zeros >= 4 and count(payer, "24h") >= 3'
        " and multiple_of(amount, 10000)",
        explains=_("A whole multiple of ten thousand, after several payments on the same day."),
    ),
    Shipped(
        key="payment_burst",
        name=_("One payment after the other"),
        purpose=_("Finds accounts that a program empties."),
        family=Family.BEHAVIOUR,
        source_kind=SourceKind.STANDARD,
        source=_RTS % "i" + ", abnormal behavioural pattern of the payer",
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
        source=_RTS % "iv" + ", known fraud scenario",
        reason_code="velocity",
        outcome=Outcome.REVIEW,
        weight=150,
        condition='kind == "transfer" and payee.is_new and amount < money("10 CCY") and count(payer, "10m") >= 3',
        explains=_("Several tiny payments within ten minutes, to payees never paid before."),
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
_REFUNDS: Final = (
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
_GEOGRAPHY: Final = (
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
_LISTED: Final = (
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

RULES: Final = (
    *_large_value(),
    *_STRUCTURING,
    *_PASS_THROUGH,
    *_NETWORK,
    *_TAKEOVER,
    *_BEHAVIOUR,
    *_REFUNDS,
    *_GEOGRAPHY,
    *_LISTED,
)
