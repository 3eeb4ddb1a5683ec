"""What the database itself refuses of lists, editions, hits and what waits to be screened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model

from bankops.core import clock, ids
from risk.models import (
    ListEdition,
    ListEntry,
    RescreenRun,
    ScreeningHit,
    WatchList,
)
from risk.services.screening import screen_customers
from tests.accounts.factories import make_customer
from tests.partners.factories import guards_asleep
from tests.risk.screening.lists import KARAMAZOV, KEY, LINES, NOW, load
from tests.unchanged import check_deferred, refused_by_database

pytestmark = pytest.mark.django_db


@pytest.fixture
def hit(tmp_path: Path) -> ScreeningHit:
    load(tmp_path, *LINES)
    customer = make_customer("Dmitri Karamazov")
    screen_customers(customer_ids=[customer.pk], now=NOW)
    return ScreeningHit.objects.get()


def copied(row: Model, **other: Any) -> Callable[[], None]:
    """Return what writes a row once more under another key, around the services."""

    def write() -> None:
        for name, value in {"pk": ids.uuid7(), **other}.items():
            setattr(row, name, value)
        row.save(force_insert=True)

    return write


def sql(statement: str, *values: Any) -> Callable[[], None]:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    return run


def test_the_checks_of_lists(hit: ScreeningHit) -> None:
    published, own = WatchList.objects.get(key=KEY), WatchList.objects.get(key="own.black")
    for words, write in (
        ("list_key_once", copied(published, edition=None)),
        ("list_key_is_a_name", copied(own, key="Own Black")),
        ("list_kind_known", copied(own, key="x", kind="PINK", colour="", format="UN_XML")),
        ("list_colour_or_format", copied(own, key="x", kind="OWN", colour="BLACK", format="UN_XML")),
        ("list_max_age_sane", copied(own, key="x", format="", max_age_days=0)),
        ("list_most_lost_sane", copied(own, key="x", max_age_days=7, most_lost_percent=101)),
    ):
        with refused_by_database(words):
            write()


def test_the_checks_of_editions_and_entries(hit: ScreeningHit) -> None:
    edition, entry = ListEdition.objects.get(), ListEntry.objects.get(key=f"{KEY}:1")
    for words, write in (
        ("edition_number_once", copied(edition, state="REPLACED")),
        ("edition_current_once", copied(edition, number=2, state="CURRENT")),
        ("edition_state_known", copied(edition, number=2, state="ELSE")),
        ("edition_refusal_says_why", copied(edition, number=2, state="REFUSED", refused_because="")),
        ("edition_born", copied(edition, number=2, state="CURRENT", refused_because="x")),
        ("entry_in_force_once", copied(entry, since=2)),
        ("entry_since_once", copied(entry, since=1, until=3)),
        ("entry_ends_after_start", copied(entry, since=4, until=4)),
    ):
        with refused_by_database(words):
            write()


def test_the_checks_of_hits(hit: ScreeningHit) -> None:
    other = make_customer("Wang Fang")
    for words, write in (
        ("hit_once", copied(hit)),
        ("hit_strength_known", copied(hit, customer_id=other.pk, strength="HUGE")),
        ("hit_score_of_thousand", copied(hit, strength="STRONG", score=1001)),
    ):
        with refused_by_database(words):
            write()
    for words, changed in (
        (
            "hit_state_known",
            {"state": "MAYBE", "decided_by": "x", "reason": "x", "decided_at": NOW, "decided_entry": "x"},
        ),
        ("hit_lapse_says_why", {"lapsed_at": NOW}),
        ("hit_moves", {}),
    ):
        if changed:
            with refused_by_database(words):
                ScreeningHit.objects.update(**changed)
    with guards_asleep():
        ScreeningHit.objects.update(state="TRUE", decided_by="x", reason="x", decided_at=NOW, decided_entry="x")
    with refused_by_database("hit_moves"):
        ScreeningHit.objects.update(state="OPEN")


def test_the_checks_of_runs_and_of_members(hit: ScreeningHit) -> None:
    run = RescreenRun.objects.get()
    with refused_by_database("rescreening_left_of_all"):
        RescreenRun.objects.filter(pk=run.pk).update(chunks_left=run.chunks + 1)
    columns = "(id, watch_list_id, value_type, written, value, value_index, reason, owner_id, added_at, added_by,"
    columns += " approval_request_id, removed_at, removed_by, removed_because)"
    with connection.cursor() as cursor:
        cursor.execute("SELECT gen_random_uuid()")
        owner = cursor.fetchone()[0]
    own = WatchList.objects.get(key="own.black").pk
    write = (
        f"INSERT INTO risk_ownlistmember {columns} VALUES (gen_random_uuid(), %s, %s, '', '', 'i', %s, %s, now(), 'x',"
    )
    write += " gen_random_uuid(), %s, '', '')"
    with guards_asleep():  # the triggers; checks and unique constraints stay awake
        for words, what, reason, removed in (
            ("member_type_known", "SHOE", "so", None),
            ("member_says_why", "DEVICE", "", None),
            ("member_removal_says_why", "DEVICE", "so", clock.now() - timedelta(days=1)),
        ):
            with refused_by_database(words):
                sql(write, own, what, reason, owner, removed)()
        with refused_by_database("member_once"):
            for _twice in range(2):
                sql(write, own, "DEVICE", "so", owner, None)()


@pytest.mark.parametrize(
    "table", ["listedition", "listentry", "ownlistmember", "screeningdue", "screeninghit", "watchlist"]
)
def test_nothing_is_emptied(hit: ScreeningHit, table: str) -> None:
    check_deferred()  # else it is refused for what is not checked yet
    with refused_by_database("append_only: TRUNCATE on risk_"):
        sql(f"TRUNCATE risk_{table} CASCADE")()


def test_a_list_only_goes_forward(tmp_path: Path) -> None:
    load(tmp_path, *LINES)
    load(tmp_path, KARAMAZOV.replace("1974", "1975"), *LINES[1:])
    with refused_by_database("list_fixed"):
        WatchList.objects.filter(key=KEY).update(edition=1)
    with refused_by_database("edition_moves"):
        ListEdition.objects.filter(number=1).update(state="REFUSED", refused_because="x")
