"""The profile format: what is written wrong is refused with the key at fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from transactions.bank_import import profile_file
from transactions.bank_import.errors import ProfileInvalid, ProfileUnknown
from transactions.bank_import.profile_file import load_profile, parse_profile

BERKA = (profile_file.PROFILES / "berka.toml").read_text()


def test_the_shipped_profile_describes_six_files_and_prints_tenths() -> None:
    profile = load_profile("berka")

    assert list(profile.files) == ["branches", "customers", "accounts", "parties", "standing_orders", "transactions"]
    assert (profile.currency, profile.exponent, profile.grid) == ("CZK", 2, 10)
    assert [rule.description for rule in profile.rules if rule.amount_rounded] == ["Interest credited"]


def test_a_profile_may_lie_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(BERKA.replace('key = "berka"', 'key = "ours"'))

    assert load_profile(str(path)).key == "ours"


def test_an_unknown_profile_is_refused_with_those_there_are() -> None:
    with pytest.raises(ProfileUnknown) as refusal:
        load_profile("barka")

    assert refusal.value.context == {"profile": "barka", "known": "berka"}


def test_a_bank_without_direction_words_or_rounding_can_be_described() -> None:
    text = BERKA.replace('direction = "type", ', "").replace(
        'words.direction = { PRIJEM = "credit", VYDAJ = "debit", VYBER = "debit" }', ""
    )
    text = (
        text.replace('direction = "PRIJEM", ', "")
        .replace('direction = "VYDAJ", ', "")
        .replace('direction = ["VYDAJ", "VYBER"], ', "")
    )
    text = text.replace('[rounding]\nprinted_to = "0.10"', "").replace(
        "amount_rounded = true", "amount_rounded = false"
    )

    profile = parse_profile(text.encode(), source="signed.toml")

    assert profile.grid == 0
    assert "direction" not in profile.files["transactions"].headers


FAULTS = {
    "no TOML": ("[bank]", "[bank", "TOML"),
    "unknown currency": ('"CZK"', '"CSX"', "bank.currency"),
    "key missing": ('separator = ";"', "", "format.separator"),
    "key misspelt": ("quote = ", "qoute = ", "format.qoute"),
    "not text": ('separator = ";"', "separator = 1", "format.separator"),
    "two characters": ('separator = ";"', 'separator = ";;"', "format.separator"),
    "unknown encoding": ('"latin-1"', '"latin-99"', "format.encoding"),
    "encoding unlike ASCII": ('"latin-1"', '"utf-16"', "format.encoding"),
    "date without day": ('"%y%m%d"', '"%y%m"', "format.date"),
    "not a flag": ("last_line_ends = true", "last_line_ends = 1", "format.last_line_ends"),
    "not a list of texts": ('["", "?"]', "[0]", "format.empty_values"),
    "grid of zero": ('printed_to = "0.10"', 'printed_to = "0.00"', "rounding.printed_to"),
    "grid too fine": ('printed_to = "0.10"', 'printed_to = "0.001"', "rounding.printed_to"),
    "rounded amounts without a grid": ('[rounding]\nprinted_to = "0.10"', "", "rules[1].amount_rounded"),
    "unknown kind of file": ("[files.parties]", "[files.friends]", "files.friends"),
    "required file missing": ("[files.accounts]", "[files.branches2]", "files"),
    "required column missing": ('balance = "balance", ', "", "files.transactions.columns.balance"),
    "unknown meaning": (
        'balance = "balance", ',
        'balance = "balance", iban = "iban", ',
        "files.transactions.columns.iban",
    ),
    "words missing": ('words.role = { OWNER = "owner", DISPONENT = "disponent" }', "", "files.parties.words.role"),
    "unknown translation": ('OWNER = "owner"', 'OWNER = "boss"', "files.parties.words.role"),
    "key too long": ('key = "berka"', 'key = "berkabank"', "bank.key"),
    "words for a column without any": ("words.role", "words.customer", "files.parties.words.customer"),
    "code named like a column": (
        'operation = "operation", purpose',
        'amount = "operation", purpose',
        "files.transactions.codes.amount",
    ),
    "unknown kind": ('kind = "fee"', 'kind = "tip"', "rules[5].kind"),
    "unknown ledger name": ('ledger = "fee_income"', 'ledger = "tips"', "rules[5].ledger"),
    "unknown category": ('category = "INCOME"', 'category = "LUCK"', "ledger.fee_income.category"),
    "rule over no code": (
        'when = { direction = "VYDAJ", operation = "VYBER", purpose = "SLUZBY" }',
        'when = { colour = "red" }',
        "rules[5].when.colour",
    ),
    "ledger line unused": (
        "[files.branches]",
        '[ledger.tips]\ncode = "1"\nname = "Tips"\ncategory = "INCOME"\n[files.branches]',
        "ledger.tips",
    ),
}


def test_a_profile_without_parties_must_name_the_owners_column() -> None:
    start, end = BERKA.index("[files.parties]"), BERKA.index("[files.standing_orders]")

    with pytest.raises(ProfileInvalid) as refusal:
        parse_profile((BERKA[:start] + BERKA[end:]).encode(), source="berka.toml")

    assert refusal.value.context["key"] == "files.accounts.columns.owner"


@pytest.mark.parametrize(("written", "instead", "key"), FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_profile_is_refused_with_its_key(written: str, instead: str, key: str) -> None:
    assert written in BERKA

    with pytest.raises(ProfileInvalid) as refusal:
        parse_profile(BERKA.replace(written, instead, 1).encode(), source="berka.toml")

    assert refusal.value.context["profile"] == "berka.toml"
    assert refusal.value.context["key"].startswith(key)
    assert str(refusal.value.context["problem"])
