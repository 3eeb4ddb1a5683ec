"""What is reported as large value: Article 5 of PBOC Order [2016] No. 3."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from risk.models import Family, SourceKind
from risk.outcomes import Outcome
from risk.rules.shipped.record import CASH, Shipped

_LARGE_VALUE = "PBOC Order [2016] No. 3 (large-value and suspicious transaction reports), Article 5(%s)"
_TO_ABROAD = 'not payee.ours and payee.country != "CN"'
_FROM_ABROAD = 'not payer.ours and payer.country != "CN"'
_AT_HOME = '(payee.ours or not known(payee.country) or payee.country == "CN")'


def large_value() -> list[Shipped]:
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
            f'{CASH} and (amount >= money("50000 CNY") or amount + customer.cash_24h >= money("50000 CNY"))',
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
