"""OFAC's files become entries: aliases with their strength, birth dates, countries; damage is survived or refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from risk.lists.errors import ListEmpty, ListUnreadable
from risk.lists.ofac import read_ofac
from risk.names.entry import BirthDate, Entry, Kind, Name, Strength
from tests.risk.lists.published import SDN, write_lists


@pytest.fixture
def entries(tmp_path: Path) -> dict[str, Entry]:
    folder = write_lists(tmp_path)
    read = read_ofac(
        sdn=folder / "ofac_sdn.csv",
        alt=folder / "ofac_alt.csv",
        add=folder / "ofac_add.csv",
        comments=folder / "ofac_sdn_comments.csv",
    )
    return {entry.key: entry for entry in read}


def test_kinds_names_and_programmes(entries: dict[str, Entry]) -> None:
    assert {key: entry.kind for key, entry in entries.items()} == {
        "ofac:36": Kind.ENTITY,
        "ofac:4106": Kind.PERSON,
        "ofac:4238": Kind.VESSEL,
        "ofac:12300": Kind.PERSON,
        "ofac:15431": Kind.AIRCRAFT,
    }
    assert entries["ofac:36"].names == (Name("AEROCARIBBEAN AIRLINES"), Name("AERO-CARIBBEAN"))
    assert entries["ofac:4106"].programmes == ("SDNT", "SDGT")


def test_quoted_aliases_in_remarks_are_weak(entries: dict[str, Entry]) -> None:
    weak = [name.text for name in entries["ofac:4106"].names if name.strength is Strength.WEAK]

    assert weak == ["PACHO", "ABU-'UMAR"]
    assert Name("BUITRAGO, Elmer") in entries["ofac:4106"].names


def test_birth_dates_and_countries(entries: dict[str, Entry]) -> None:
    assert entries["ofac:4106"].birth_dates == (
        BirthDate.of_day(date(1951, 8, 24)),
        BirthDate.of_years(1952, circa=True),
    )
    assert entries["ofac:4106"].countries == {"CO", "VE"}
    assert entries["ofac:36"].countries == {"CU"}


def test_remarks_go_on_in_the_comments(entries: dict[str, Entry]) -> None:
    assert entries["ofac:12300"].birth_dates == (BirthDate.of_years(1965, 1967),)
    assert Name("EL JEFE", Strength.WEAK) in entries["ofac:12300"].names


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(SDN.encode()[:-40], id="torn-last-line"),
        pytest.param(b"\xef\xbb\xbf" + SDN.encode(), id="byte-order-mark"),
        pytest.param(SDN.encode().replace(b"\n", b"\r\n") + b"\r\n\x1a\x1a\r\n", id="ctrl-z"),
        pytest.param(SDN.replace("MAR AZUL", "PEÑA AZUL").encode("cp1252"), id="old-code-page"),
    ],
)
def test_damage_at_the_edges_costs_no_whole_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sdn.csv"
    path.write_bytes(content)

    read = read_ofac(sdn=path)

    assert len(read) >= 4
    assert read[0].primary == "AEROCARIBBEAN AIRLINES"


def test_a_page_of_html_is_no_list(tmp_path: Path) -> None:
    path = tmp_path / "sdn.csv"
    path.write_text("<html>\n<body>\n<p>Service unavailable</p>\n</body>\n</html>\n")

    with pytest.raises(ListUnreadable) as refused:
        read_ofac(sdn=path)

    assert refused.value.code == "screening_list_unreadable"
    assert "sdn.csv" in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"\x1a", b"\r\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sdn.csv"
    path.write_bytes(content)

    with pytest.raises(ListEmpty):
        read_ofac(sdn=path)


def test_binary_and_missing_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "sdn.csv").write_bytes(b"PK\x03\x04\x00\x00")

    with pytest.raises(ListUnreadable):
        read_ofac(sdn=tmp_path / "sdn.csv")
    with pytest.raises(ListUnreadable):
        read_ofac(sdn=tmp_path / "nothing.csv")
