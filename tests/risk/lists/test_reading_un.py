"""The UN's XML becomes entries; attacks by entities and torn files are refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from risk.lists.errors import ListEmpty, ListUnreadable
from risk.lists.folder import read_folder
from risk.lists.un import read_un
from risk.names.entry import BirthDate, Kind, Name, Strength
from tests.risk.lists.published import UN, write_lists


def test_a_person_with_aliases_dates_and_countries(tmp_path: Path) -> None:
    person = read_un(write_lists(tmp_path) / "un_consolidated.xml")[0]

    assert (person.key, person.kind, person.programmes) == ("un:CDi.001", Kind.PERSON, ("DRC",))
    assert person.names == (
        Name("ERIC BADEGE"),
        Name("صدام حسين"),
        Name("Erik Badege"),
        Name("Rumuli", Strength.WEAK),
    )
    assert person.birth_dates == (
        BirthDate.of_day(date(1971, 3, 4)),
        BirthDate.of_years(1968, 1970),
        BirthDate.of_years(1965, circa=True),
    )
    assert person.countries == {"KP", "RW"}


def test_an_entity(tmp_path: Path) -> None:
    entity = read_un(write_lists(tmp_path) / "un_consolidated.xml")[1]

    assert (entity.key, entity.kind) == ("un:CDe.002", Kind.ENTITY)
    assert entity.countries == {"UG"}
    assert entity.names == (Name("BUTEMBO AIRLINES (BAL)"), Name("Butembo Air"))


BOMB = """<?xml version="1.0"?>
<!DOCTYPE CONSOLIDATED_LIST [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>
<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><FIRST_NAME>&c;</FIRST_NAME></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>
"""
FILE_ENTITY = """<?xml version="1.0"?>
<!DOCTYPE CONSOLIDATED_LIST [<!ENTITY file SYSTEM "file:///etc/passwd">]>
<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><FIRST_NAME>&file;</FIRST_NAME></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>
"""


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(BOMB.encode(), id="entity-bomb"),
        pytest.param(BOMB.replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16"), id="entity-bomb-in-utf-16"),
        pytest.param(FILE_ENTITY.encode(), id="file-entity"),
        pytest.param(UN.encode()[:-60], id="torn-off"),
        pytest.param(b"<html><body>Service unavailable</body></html>", id="another-root"),
        pytest.param(b"", id="empty"),
    ],
)
def test_what_is_not_the_list_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "un.xml"
    path.write_bytes(content)

    with pytest.raises(ListUnreadable) as refused:
        read_un(path)

    assert refused.value.code == "screening_list_unreadable"


def test_a_list_of_nobody_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "un.xml"
    path.write_text("<CONSOLIDATED_LIST><INDIVIDUALS/><ENTITIES/></CONSOLIDATED_LIST>")

    with pytest.raises(ListEmpty):
        read_un(path)


def test_a_folder_holds_all_lists(tmp_path: Path) -> None:
    assert len(read_folder(write_lists(tmp_path))) == 7

    with pytest.raises(ListUnreadable, match=r"neither sdn\.csv"):
        read_folder(tmp_path / "empty")


def test_two_names_in_one_field_are_two(tmp_path: Path) -> None:
    path = tmp_path / "un.xml"
    path.write_text(UN.replace("BUTEMBO AIRLINES (BAL)", "BUTEMBO AIRLINES ; LAKES AIR"), encoding="utf-8")

    assert [name.text for name in read_un(path)[1].names] == ["BUTEMBO AIRLINES", "LAKES AIR", "Butembo Air"]
