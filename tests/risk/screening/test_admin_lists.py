"""The pages of lists and hits: who sees them, what they say, and how often they ask the database."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals.models import ApprovalRequest
from bankops.core import clock
from bankops.core.models import AuditEvent
from risk.models import HitState, ListEdition, OwnListMember, ScreeningHit, WatchList
from risk.services.hits import seen_as
from risk.services.screening import rescreen_next, screen_due
from staff.models import User
from tests.accounts.factories import make_customer
from tests.desk import ROLES, address, words
from tests.personas import SignIn, head_office
from tests.risk.screening.consent import WHY, put_on
from tests.risk.screening.lists import KARAMAZOV, KEY, LINES, load

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bank", "shipped_policies")]

HITS, LISTS = "/admin/risk/screeninghit/", "/admin/risk/watchlist/"
SEEING = {"risk_analyst", "first_reviewer", "final_reviewer", "auditor"}


@pytest.fixture
def desk(risk_analyst: User, signed_in_client: SignIn) -> Client:
    return signed_in_client(risk_analyst)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    load(tmp_path, *LINES, now=clock.now())
    return tmp_path


def met(born: date, name: str = "Dmitri Karamazov") -> ScreeningHit:
    customer = make_customer(name, branch=head_office(), birth_date=born)
    screened()
    return ScreeningHit.objects.select_related("entry", "customer").get(customer=customer)


def screened() -> None:
    while rescreen_next(now=clock.now()) or screen_due(now=clock.now()):
        pass


@pytest.mark.parametrize("role", ROLES)
def test_who_talks_to_customers_sees_nothing_of_it(
    role: str, request: pytest.FixtureRequest, signed_in_client: SignIn, listed: Path
) -> None:
    hit = met(date(1974, 2, 17))
    client = signed_in_client(request.getfixturevalue(role))
    expected = 200 if role in SEEING else 403
    for page in (HITS, LISTS, address(hit), address(hit.watch_list), "/admin/risk/listedition/"):
        assert client.get(page).status_code == expected, page
    own_page = client.get(address(hit.customer))
    if own_page.status_code == 200:
        assert ("Dmitri Fyodorovich Karamazov" in words(own_page)) == (role in SEEING)


def test_a_hits_page_shows_both_sides_and_no_date_of_birth(desk: Client, listed: Path) -> None:
    hit = met(date(2004, 5, 5))
    page = words(desk.get(address(hit)))
    for said in (
        "Dmitri Karamazov",
        "Dmitri Fyodorovich Karamazov",
        "“The Colonel”",
        "1974-02-17",
        "possible",
        "born more than",
    ):
        assert said in page, said
    assert "2004-05-05" not in page


def test_a_page_tells_when_the_entry_is_no_longer_what_was_met(desk: Client, listed: Path) -> None:
    hit, words_of_it = met(date(2004, 5, 5)), "A later edition changed this entry, or has it no more."
    load(listed, KARAMAZOV.replace("ARSON", "THEFT"), *LINES[1:], now=clock.now())
    assert words_of_it not in words(desk.get(address(hit)))  # another programme changes nobody's hits
    load(listed, KARAMAZOV.replace("1974", "1975"), *LINES[1:], now=clock.now())
    assert words_of_it in words(desk.get(address(hit)))


def test_a_hit_is_decided_through_its_door(desk: Client, listed: Path) -> None:
    hit = met(date(2004, 5, 5))
    form = {"state": "FALSE", "seen": seen_as(hit), "reason": "another passport", "idempotency_key": "k"}
    assert desk.post(f"{address(hit).removesuffix('change/')}decide_hit/", form).status_code == 302
    hit.refresh_from_db()
    assert (hit.state, hit.reason) == (HitState.FALSE, "another passport")


def test_the_door_does_not_offer_to_clear_a_strong_hit_alone(desk: Client, listed: Path) -> None:
    hit = met(date(1974, 2, 17))
    base = address(hit).removesuffix("change/")
    assert desk.post(f"{base}decide_hit/", {"state": "FALSE", "seen": seen_as(hit), "reason": "no"}).status_code == 422
    assert desk.post(f"{base}clear_strong_hit/", {"reason": "no", "idempotency_key": "k"}).status_code == 302
    assert ApprovalRequest.objects.get().operation == "risk.clear_strong_hit"
    hit.refresh_from_db()
    assert hit.state == HitState.OPEN


def test_the_queue_shows_the_strongest_first_and_decided_ones_last(desk: Client, listed: Path) -> None:
    possible = met(date(2004, 5, 5))
    strong = met(date(1974, 2, 17), "Dmitrij Karamazov")
    page = words(desk.get(HITS))
    assert page.index(strong.public_id) < page.index(possible.public_id)
    page = words(desk.get(f"{HITS}?queue=decided"))
    assert strong.public_id not in page


def test_a_list_that_is_missing_or_old_stands_on_top_of_the_page(desk: Client, listed: Path) -> None:
    WatchList.objects.filter(key=KEY).update(confirmed_at=clock.now() - timedelta(days=30))
    page = words(desk.get(LISTS))
    assert "Nobody is screened as clear until it is loaded." in page
    assert "too old" in page


def test_an_edition_shows_what_it_changed(desk: Client, listed: Path) -> None:
    moved = KARAMAZOV.replace("1974-02-17", "1975-02-17")
    edition = load(listed, moved, *LINES[2:], "7,person,Agrafena Svetlova,,,,,", now=clock.now())
    page = address(edition)
    assert "Agrafena Svetlova" in words(desk.get(page))
    changed = words(desk.get(f"{page}?changes=changed"))
    assert "1974-02-17" in changed
    assert "1975-02-17" in changed
    assert "Pavel Fyodorovich Smerdyakov" in words(desk.get(f"{page}?changes=removed"))


def test_a_refused_edition_shows_what_would_go_and_its_door(desk: Client, listed: Path) -> None:
    edition = load(listed, *LINES[:12], now=clock.now())
    page = desk.get(f"{address(edition)}?changes=removed")
    assert "screening_list_shrunken" in words(page)
    assert "Nobody Otherwise19 Person19" in words(page)
    door = f"{address(edition).removesuffix('change/')}accept_list_edition/"
    assert desk.post(door, {"reason": WHY, "idempotency_key": "k"}).status_code == 302
    assert ApprovalRequest.objects.get().operation == "risk.accept_list_edition"
    assert ListEdition.objects.get(pk=edition.pk).state == "REFUSED"


def test_a_member_is_masked_and_shown_with_a_reason(desk: Client, risk_analyst: User) -> None:
    put_on(risk_analyst, "own.black", "NAME", "Foma Fomich Opiskin")
    member = OwnListMember.objects.get()
    for page in (address(member), "/admin/risk/ownlistmember/", address(member.watch_list)):
        assert "Opiskin" not in words(desk.get(page)), page
    door = f"{address(member).removesuffix('change/')}reveal_list_member/"
    shown = desk.post(door, {"reason": "a customer asks", "idempotency_key": "k"})
    assert "Foma Fomich Opiskin" in words(shown)
    assert "no-store" in shown["Cache-Control"]
    assert AuditEvent.objects.get(event_type="risk.list.member_revealed").reason == "a customer asks"


def test_somebody_is_put_on_a_list_through_its_door(desk: Client) -> None:
    black = WatchList.objects.get(key="own.black")
    form = {"what": "COUNTRY", "value": "kp", "until": "", "reason": WHY, "idempotency_key": "k"}
    assert desk.post(f"{address(black).removesuffix('change/')}add_to_list/", form).status_code == 302
    assert ApprovalRequest.objects.get().operation == "risk.add_to_list"


@pytest.mark.parametrize("page", [HITS, LISTS, "/admin/risk/listedition/", "/admin/risk/rescreenrun/"])
def test_a_list_asks_as_often_for_many_rows_as_for_few(desk: Client, listed: Path, page: str) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert desk.get(page).status_code == 200
        return len(queries)

    def grow(count: int, first: int) -> None:
        branch = head_office()
        for _number in range(count):
            make_customer("Dmitri Karamazov", branch=branch, birth_date=date(1974, 2, 17))
        for number in range(count):
            load(listed, *LINES, f"{first + number},person,Somebody New{first + number},,,,,", now=clock.now())
        screened()

    grow(2, 100)
    desk.get(page)
    few = asked()
    grow(6, 200)
    assert asked() == few
