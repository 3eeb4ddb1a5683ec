"""What is wrong with a list is said in the reader's language."""

from __future__ import annotations

from pathlib import Path

import pytest

from risk.lists import reading
from risk.lists.errors import ListUnreadable
from risk.lists.folder import read_folder
from risk.lists.ofac import read_ofac
from risk.lists.own_format import PARTY_COLUMNS, REGION_COLUMNS, read_parties, read_regions
from risk.lists.published import read_published
from risk.lists.un import read_un
from risk.models import ListFormat

pytestmark = pytest.mark.usefixtures("translated")

PARTIES = ",".join(PARTY_COLUMNS)
REGIONS = ",".join(REGION_COLUMNS)


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "list.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def in_other_words(refused: pytest.ExceptionInfo[ListUnreadable]) -> bool:
    """Tell whether the problem went through the catalogue, and the sentence around it."""
    return refused.value.context["problem"].startswith("«") and str(refused.value).startswith("«The list")


@pytest.mark.parametrize(
    "content",
    [
        "key,name\n1,A B\n",
        f"{PARTIES}\n1,person,,,,,,\n",
        f"{PARTIES}\n1,ghost,A B,,,,,\n",
        f"{PARTIES}\n1,person,A B,,,19x4,,\n",
        f"{PARTIES}\n1,person,A B,,,,Russia,\n",
        f"{PARTIES}\n1,person,A B,,,,,\n1,person,A B,,,,,\n",
        b"key\0",
        "张三".encode("gbk"),
    ],
)
def test_of_parties(tmp_path: Path, content: str | bytes) -> None:
    with pytest.raises(ListUnreadable) as refused:
        read_parties(written(tmp_path, content), list_key="own", list_name="Own")
    assert in_other_words(refused)


def test_where_it_is_is_part_of_it(tmp_path: Path) -> None:
    with pytest.raises(ListUnreadable) as refused:
        read_regions(written(tmp_path, f"{REGIONS}\nIR,Iran\nir,Persia\n"), list_key="own", list_name="Own")
    assert refused.value.context["problem"] == "«line 3: «the country IR occurs twice»»"


def test_of_what_others_publish(tmp_path: Path) -> None:
    torn = written(tmp_path, "a,b\nc,d\n")
    with pytest.raises(ListUnreadable) as refused:
        read_ofac(sdn=torn, alt=None, add=None, comments=None)
    assert in_other_words(refused)
    for text in ("<LIST/>", "<!DOCTYPE CONSOLIDATED_LIST [<!ENTITY a 'b'>]><CONSOLIDATED_LIST/>"):
        with pytest.raises(ListUnreadable) as refused:
            read_un(written(tmp_path, text))
        assert in_other_words(refused)


def test_of_files_that_are_not_there_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ListUnreadable) as refused:
        read_folder(tmp_path)
    assert in_other_words(refused)
    with pytest.raises(ListUnreadable) as refused:
        read_published(tmp_path, format_=ListFormat.PARTIES_CSV, key="own", label="Own")
    assert in_other_words(refused)
    monkeypatch.setattr(reading, "MOST_BYTES", 1)
    with pytest.raises(ListUnreadable) as refused:
        reading.read_bytes(written(tmp_path, "key"))
    assert in_other_words(refused)
