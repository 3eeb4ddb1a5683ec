"""Taking on editions of a list: once each, compared with the one before, and not when they look wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from bankops.core.models import AuditEvent, OutboxMessage
from risk.errors import UnknownList
from risk.lists.errors import ListUnreadable
from risk.lists.published import read_published
from risk.models import EditionState, ListEntry, ListFormat, ListsVersion, RefusedContent, RescreenRun, WatchList
from risk.services.list_editions import load_list
from tests.risk.lists.published import SDN, UN, write_lists
from tests.risk.screening.lists import COMPANY, HEADING, KARAMAZOV, KEY, LINES, LOADER, NOW, SMERDYAKOV, load, written
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db


def counts(edition: object) -> tuple[int, ...]:
    return tuple(getattr(edition, name) for name in ("number", "entries", "added", "changed", "removed"))


def test_the_first_edition_is_all_new(tmp_path: Path) -> None:
    edition = load(tmp_path, *LINES)
    assert (edition.state, counts(edition)) == (EditionState.CURRENT, (1, 23, 23, 0, 0))
    watch_list = WatchList.objects.get(key=KEY)
    assert (watch_list.edition, watch_list.confirmed_at, watch_list.kind) == (1, NOW, "SANCTIONS")
    karamazov = ListEntry.objects.get(key=f"{KEY}:1")
    assert karamazov.names == [
        ["Dmitri Fyodorovich Karamazov", "strong"],
        ["Mitya Karamazov", "strong"],
        ["The Colonel", "weak"],
    ]
    assert (karamazov.birth_dates, karamazov.countries) == ([["1974-02-17", "1974-02-17", False]], ["RU"])
    event = AuditEvent.objects.get(event_type="risk.list.taken_on")
    assert event.detail == {"edition": 1, "entries": 23, "added": 23, "changed": 0, "removed": 0}


def test_the_same_file_again_only_confirms_the_list(tmp_path: Path) -> None:
    first = load(tmp_path, *LINES)
    version = ListsVersion.objects.get().entries
    again = load(tmp_path, *LINES, now=NOW + timedelta(days=1))
    assert again == first
    assert WatchList.objects.get(key=KEY).confirmed_at == NOW + timedelta(days=1)
    assert ListsVersion.objects.get().entries == version
    assert ListEntry.objects.count() == len(LINES)


def test_every_edition_can_still_be_read(tmp_path: Path) -> None:
    load(tmp_path, *LINES)
    moved = KARAMAZOV.replace("1974-02-17", "1974-02-18")
    second = load(tmp_path, moved, SMERDYAKOV.replace("ARSON", "THEFT"), *LINES[3:], "4,person,Agrafena Svetlova,,,,,")
    assert counts(second) == (2, 23, 1, 2, 1)
    first, now = (set(ListEntry.objects.of_edition(n).values_list("key", "birth_dates__0__0")) for n in (1, 2))
    assert (f"{KEY}:1", "1974-02-17") in first
    assert (f"{KEY}:1", "1974-02-18") in now
    assert {key for key, _born in first} - {key for key, _born in now} == {f"{KEY}:3"}
    assert len(first) == len(now) == 23


def test_only_what_matters_is_screened_against(tmp_path: Path) -> None:
    load(tmp_path, *LINES)
    edition = load(
        tmp_path, KARAMAZOV.replace("1974-02-17", "1974-02-18"), SMERDYAKOV.replace("ARSON", "THEFT"), *LINES[2:]
    )
    assert edition.changed == 2
    assert RescreenRun.objects.get(edition=edition).entries == 1  # another programme meets nobody else


@pytest.mark.parametrize(("left", "why"), [((), "screening_list_empty"), (LINES[:15], "screening_list_shrunken")])
def test_an_empty_or_shrunken_list_is_kept_but_not_taken_on(tmp_path: Path, left: tuple[str, ...], why: str) -> None:
    load(tmp_path, *LINES)
    before = set(ListEntry.objects.values_list("pk", "until"))
    refused = load(tmp_path, *left, now=NOW + timedelta(days=1))
    assert (refused.state, refused.refused_because, refused.number) == (EditionState.REFUSED, why, 2)
    assert set(ListEntry.objects.values_list("pk", "until")) == before
    watch_list = WatchList.objects.get(key=KEY)
    assert (watch_list.edition, watch_list.confirmed_at) == (1, NOW)  # refused is not confirmed: the list grows old
    assert RefusedContent.objects.filter(edition=refused).exists()
    told = OutboxMessage.objects.get(topic="risk.list.refused")
    assert (told.payload["why"], told.payload["removed"]) == (why, len(LINES) - len(left))
    with nothing_changes():
        assert load(tmp_path, *left, now=NOW + timedelta(days=2)) == refused


def test_a_list_whose_other_names_are_gone_is_not_taken_on(tmp_path: Path) -> None:
    """A file of aliases that was cut off leaves every entry, and nobody is found by their other names any more."""
    people = [f"{n},person,Person Number{n},Alias{n} Othername{n},,19{10 + n}-01-01,RU," for n in range(60)]
    load(tmp_path, *people)
    without = [line.replace(f"Alias{n} Othername{n}", "") for n, line in enumerate(people)]
    refused = load(tmp_path, *without, now=NOW + timedelta(days=1))
    assert (refused.state, refused.refused_because) == (EditionState.REFUSED, "screening_list_poorer")
    assert counts(refused) == (2, 60, 0, 60, 0)
    few = [*without[:5], *people[5:]]
    assert load(tmp_path, *few, now=NOW + timedelta(days=2)).state == EditionState.CURRENT


@pytest.mark.parametrize("what", ["birth_dates", "countries"])
def test_a_list_without_what_tells_namesakes_apart_is_not_taken_on(tmp_path: Path, what: str) -> None:
    people = [f"{n},person,Person Number{n},,,19{10 + n}-01-01,RU," for n in range(60)]
    load(tmp_path, *people)
    lost = "19{n}-01-01" if what == "birth_dates" else "RU"
    poorer = [line.replace(lost.format(n=10 + n), "") for n, line in enumerate(people)]
    refused = load(tmp_path, *poorer, now=NOW + timedelta(days=1))
    assert (refused.state, refused.refused_because) == (EditionState.REFUSED, "screening_list_poorer")


def test_ofacs_list_comes_with_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "sdn.csv").write_text(
        '36,"AEROCARIBBEAN AIRLINES",-0- ,"CUBA",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \n'
    )
    with pytest.raises(ListUnreadable, match=r"missing: add\.csv, alt\.csv, sdn_comments\.csv"):
        read_published(tmp_path, format_=ListFormat.OFAC_CSV, key="ofac", label="OFAC SDN")


def test_a_tenth_may_go(tmp_path: Path) -> None:
    load(tmp_path, *LINES)
    assert load(tmp_path, *LINES[:-2]).state == EditionState.CURRENT


def test_what_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    load(tmp_path, *LINES)
    for line, words in (
        ("1,person,,,,,,", "needs a name"),
        ("1,ghost,A B,,,,,", "'ghost' is none of"),
        ("1,person,A B,,,19x4,,", "no date of birth"),
        ("1,person,A B,,,,Russia,", "no ISO 3166-1 code"),
        (f"{KARAMAZOV}\n{KARAMAZOV}", "occurs twice"),
    ):
        with nothing_changes(), pytest.raises(ListUnreadable, match=words):
            load(tmp_path, line)
    with nothing_changes(), pytest.raises(ListUnreadable, match="no column 'kind'"):
        load_list(key=KEY, path=written(tmp_path / "x.csv", heading="key,name"), actor=LOADER, now=NOW)


def test_a_file_in_another_encoding_is_refused_and_not_guessed_at(tmp_path: Path) -> None:
    """Read as Windows-1252 it would be a list of nobody: every byte is a letter there."""
    load(tmp_path, *LINES)
    chinese = "\n".join([HEADING, *LINES, "7,person,张三,,,,CN,"])
    (tmp_path / "gbk.csv").write_bytes(chinese.encode("gbk"))
    with nothing_changes(), pytest.raises(ListUnreadable, match="line 25: it is not in UTF-8"):
        load_list(key=KEY, path=tmp_path / "gbk.csv", actor=LOADER, now=NOW)


def test_entries_that_share_a_key_are_refused_in_every_format(tmp_path: Path) -> None:
    first, rest = SDN.split("\n", 1)
    folder = write_lists(tmp_path)
    (folder / "sdn.csv").write_text(f"{first}\n{first}\n{rest}")
    with pytest.raises(ListUnreadable, match="the key ofac:36 occurs twice"):
        read_published(folder, format_=ListFormat.OFAC_CSV, key="ofac_sdn", label="OFAC SDN")
    for text, words in (
        (UN.replace("CDe.002", "CDi.001"), "the key un:CDi.001 occurs twice"),
        (UN.replace("CDi.001", "").replace("6907993", ""), "no key of its own"),
    ):
        (tmp_path / "un.xml").write_text(text)
        with pytest.raises(ListUnreadable, match=words):
            read_published(tmp_path / "un.xml", format_=ListFormat.UN_XML, key="un_consolidated", label="UN")
    with nothing_changes(), pytest.raises(ListUnreadable, match="line 3: the country IR occurs twice"):
        load(tmp_path, "IR,Iran", "ir,Persia", key="regions.test", heading="country,name")


def test_a_version_that_was_rolled_back_is_not_used_again(tmp_path: Path) -> None:
    """A process that read it inside the transaction keeps what it built under that number."""
    load(tmp_path, *LINES)
    with transaction.atomic():
        load(tmp_path, *LINES, "5,person,Agrafena Svetlova,,,,,")
        rolled_back = ListsVersion.objects.values("entries", "members").get()
        transaction.set_rollback(True)
    load(tmp_path, *LINES, "6,person,Katerina Verkhovtseva,,,,,")
    now = ListsVersion.objects.values("entries", "members").get()
    assert now["entries"] > rolled_back["entries"]
    assert now["members"] > rolled_back["members"]


def test_a_list_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with nothing_changes(), pytest.raises(UnknownList):
        load_list(key="nobody", path=tmp_path, actor=LOADER, now=NOW)


def test_countries_are_for_rules_and_screen_nobody(tmp_path: Path) -> None:
    edition = load(tmp_path, "IR,Iran", "KP,North Korea", key="regions.test", heading="country,name")
    assert (edition.state, edition.entries) == (EditionState.CURRENT, 2)
    assert not RescreenRun.objects.exists()


def test_companies_and_people_stay_apart(tmp_path: Path) -> None:
    load(tmp_path, COMPANY)
    assert ListEntry.objects.get().kind == "entity"
