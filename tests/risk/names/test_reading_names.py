"""Names in words: which words name somebody, which stand beside."""

from __future__ import annotations

import pytest

from risk.names.organisations import parse_organisation, parse_vessel
from risk.names.people import parse_person
from risk.names.tokens import ParsedName, Role
from risk.names.transliterate import to_latin


def words(parsed: ParsedName, *roles: Role) -> list[str]:
    return [token.text for token in parsed.tokens if token.role in roles]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Mr. Recep Tayyip Erdoğan", ["recep", "tayyip", "erdogan"]),
        ("PUTIN, Vladimir", ["putin", "vladimir"]),
        ("'Abd al-Rahman al-'Anizi", ["rahman", "anizi"]),
        ("Abdurrahman", ["rahman"]),
        ("Abdullah Ansari", ["abdullah", "ansari"]),
        ("Adbul Bari", ["bari"]),
        ("Usama bin Muhammad ibn Awad", ["usama", "muhammad", "awad"]),
        ("Ben Netanyahu", ["ben", "netanyahu"]),
        ("I9or Sech1n", ["igor", "sechin"]),
        ("Sergey Sergey Shoigu", ["sergey", "shoigu"]),
        ("Abu Rusdan (in prison)", ["rusdan"]),
        ("习近平", ["xi", "jinping"]),
        ("曾荫权", ["zeng", "yinquan"]),
        ("欧阳修", ["ouyang", "xiu"]),
        ("김종은", ["gim", "jongeun"]),
    ],
)
def test_the_names_of_people(text: str, names: list[str]) -> None:
    assert words(parse_person(text), Role.NAME) == names


def test_the_other_words_of_people() -> None:
    parsed = parse_person("Haji Abdul Rahman Ivanovich bin Said J.")

    assert words(parsed, Role.SERVANT, Role.PARTICLE) == ["abd", "bin"]
    assert words(parsed, Role.PATRONYMIC) == ["ivanovich"]
    assert words(parsed, Role.HONORIFIC) == ["haji", "said"]
    assert words(parsed, Role.INITIAL) == ["j"]


def test_who_is_called_by_a_title_alone_has_a_name() -> None:
    assert words(parse_person("Sultan Agha"), Role.NAME) == ["sultan", "agha"]


@pytest.mark.parametrize(
    "text",
    [
        "Siemens AG",
        "SiemensAG",
        "SIEMENS Aktiengesellschaft",
        "Siemens A.G.",
        "OJSC Siemens",
        "Open Joint Stock Company «Siemens»",
        "ОАО Siemens",
    ],
)
def test_legal_forms_of_a_class_are_one(text: str) -> None:
    parsed = parse_organisation(text)

    assert words(parsed, Role.NAME) == ["siemens"]
    assert words(parsed, Role.LEGAL_FORM) == ["public"]


@pytest.mark.parametrize(
    ("text", "names", "numbers"),
    [
        ("Brigade Forty-Four", ["brigade"], ["44"]),
        ("1st International Bank", ["1", "international", "bank"], []),
        ("Zvezda Fund XII L.P.", ["zvezda"], ["12"]),
        ("A.B.C. Company", ["abc"], []),
        ("Deutsche Bank's AG", ["deutsche"], []),
        ("北京石油有限公司", ["beijingshiyou"], []),
    ],
)
def test_names_and_numbers_of_companies(text: str, names: list[str], numbers: list[str]) -> None:
    parsed = parse_organisation(text)

    assert words(parsed, Role.NAME) == names
    assert numbers == [] or words(parsed, Role.NUMBER) == numbers


def test_countries_and_trades_identify_little() -> None:
    parsed = parse_organisation("Alfa Trading Mexico Holdings")

    assert words(parsed, Role.PLACE) == ["mexico"]
    assert words(parsed, Role.GENERIC) == ["trading", "holding"]


def test_a_company_of_generic_words_is_named_by_them() -> None:
    assert words(parse_organisation("Management Company"), Role.NAME) == ["management"]


def test_ships_lose_the_prefix_and_no_legal_form() -> None:
    assert [token.text for token in parse_vessel("MV Hellenic Spirit").tokens] == ["hellenic", "spirit"]
    assert [token.text for token in parse_vessel("EP-GOM").tokens] == ["ep", "gom"]


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("Løkke ß Đặng", "Lokke ss Dang"),
        ("Ελένη", "Eleni"),
        ("Қасым-Жомарт Тоқаев", "Qasym-Zhomart Toqaev"),
        ("ბარაკ", "barak'"),
    ],
)
def test_other_alphabets(text: str, latin: str) -> None:
    assert to_latin(text) == latin


@pytest.mark.parametrize("text", ["", "   ", "---", "()", "\u200b", "😀", "\x00", "1" * 400, "a" * 5000])
def test_no_text_is_too_strange(text: str) -> None:
    assert isinstance(parse_person(text).tokens, tuple)
    assert isinstance(parse_organisation(text).tokens, tuple)
