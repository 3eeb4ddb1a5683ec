"""Amounts in words: the People's Bank's own examples, and the places where a zero is easily lost."""

from __future__ import annotations

import pytest

from approvals.amount_in_words import in_chinese, in_english
from bankops.core.money import Money

# 正确填写票据和结算凭证的基本规定, rule 4, (一) to (四); of two forms that it allows, the first.
OF_THE_RULES = {
    "1409.50": "人民币壹仟肆佰零玖元伍角",
    "6007.14": "人民币陆仟零柒元壹角肆分",
    "1680.32": "人民币壹仟陆佰捌拾元零叁角贰分",
    "107000.53": "人民币壹拾万柒仟元零伍角叁分",
    "16409.02": "人民币壹万陆仟肆佰零玖元零贰分",
    "325.04": "人民币叁佰贰拾伍元零肆分",
}
OTHERS = {
    "0.00": "人民币零元整",
    "0.05": "人民币伍分",
    "0.50": "人民币伍角",
    "10.00": "人民币壹拾元整",
    "10000.00": "人民币壹万元整",
    "60000.00": "人民币陆万元整",
    "100500.00": "人民币壹拾万零伍佰元整",
    "1000000.00": "人民币壹佰万元整",
    "10010001.00": "人民币壹仟零壹万零壹元整",
    "100000000.00": "人民币壹亿元整",
    "100000001.10": "人民币壹亿零壹元壹角",
    "1000050000.00": "人民币壹拾亿零伍万元整",
    "120034005600.07": "人民币壹仟贰佰亿叁仟肆佰万伍仟陆佰元零柒分",
    "-12.30": "人民币负壹拾贰元叁角",
}


@pytest.mark.parametrize(("figures", "words"), [*OF_THE_RULES.items(), *OTHERS.items()])
def test_bank_capitals(figures: str, words: str) -> None:
    assert in_chinese(Money.parse(figures, "CNY")) == words


def test_other_currencies_have_no_bank_capitals() -> None:
    assert in_chinese(Money.parse("1.00", "USD")) == ""


@pytest.mark.parametrize(
    ("figures", "currency", "words"),
    [
        ("60000.00", "CNY", "Sixty thousand and 00/100 Chinese yuan"),
        ("2001.00", "CNY", "Two thousand and one and 00/100 Chinese yuan"),
        ("118000342.10", "EUR", "One hundred and eighteen million, three hundred and forty-two and 10/100 euros"),
        ("1000000020.00", "GBP", "One billion and twenty and 00/100 British pounds"),
        ("1.05", "USD", "One and 05/100 US dollar"),
        ("1250", "JPY", "One thousand, two hundred and fifty Japanese yen"),
        ("0.007", "KWD", "Zero and 007/1000 Kuwaiti dinars"),
        ("-2.50", "EUR", "Minus two and 50/100 euros"),
    ],
)
def test_english(figures: str, currency: str, words: str) -> None:
    assert in_english(Money.parse(figures, currency)) == words
