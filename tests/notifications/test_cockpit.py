"""The cockpit: how endpoints fare, what was sent and answered, and the doors by which it is sent again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.admin.display import moment
from notifications import cockpit
from notifications.admin import badges, replays
from notifications.admin.chart import chart_of
from notifications.backlogs import Backlog
from notifications.cockpit import Bar, Figures
from notifications.models import (
    BreakerState,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointHealth,
    EndpointMinute,
    EndpointState,
    Outcome,
    ReplayJob,
    ReplayKind,
)
from notifications.services import ask_for_replay, work_off_replay
from staff.models import User
from tests.accounts.factories import cny, make_account
from tests.desk import ROLES, address, words
from tests.desk import code as code_on
from tests.notifications.factories import make_endpoint
from tests.notifications.told import make_attempt, make_delivery, tell
from tests.partners.factories import guards_asleep, make_partner
from tests.personas import SignIn
from tests.transactions.factories import deposit
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db

HEALTH, DELIVERIES, ATTEMPTS, REPLAYS = (
    f"/admin/notifications/{model}/" for model in ("endpointhealth", "delivery", "attempt", "replayjob")
)
NOW = clock.now().replace(second=30, microsecond=0)
DUE = NOW - timedelta(hours=1)
WHY = {"reason": "their server was down"}


@pytest.fixture
def desk(operator: User, signed_in_client: SignIn) -> Client:
    return signed_in_client(operator)


def minute(endpoint: Endpoint, *, ago: timedelta, **counts: int) -> EndpointMinute:
    at = (NOW - ago).replace(second=0)
    return EndpointMinute.objects.create(endpoint=endpoint, minute=at, **counts)


def in_trouble() -> Endpoint:
    """Return an endpoint that took 3 of 4 events in the last hour; one waits for it, one is dead, its breaker is open."""
    endpoint = make_endpoint(make_partner(name="Acme"), url="https://hooks.example.com/acme")
    for ago in (timedelta(minutes=2), timedelta(minutes=50), timedelta(hours=2)):
        minute(endpoint, ago=ago, delivered=3, failed=1, total_ms=400, slowest_ms=250)
    EndpointHealth.objects.filter(pk=endpoint.pk).update(
        breaker=BreakerState.OPEN,
        breaker_since=NOW - timedelta(minutes=3),
        opened_in_a_row=2,
        probe_at=NOW + timedelta(minutes=2),
        last_failure_at=NOW - timedelta(minutes=2),
        last_failure="answered with 503",
    )
    make_delivery(endpoint, now=NOW - timedelta(minutes=90))
    make_delivery(endpoint, now=NOW, state=DeliveryState.DEAD)
    return endpoint


# -- Figures ----------------------------------------------------------------------------------------------------------


def test_the_last_hour_is_added_up_and_nothing_before_it() -> None:
    endpoint = in_trouble()
    assert cockpit.last_hour([endpoint.pk], now=NOW) == {endpoint.pk: Figures(6, 2, mean_ms=100, slowest_ms=250)}
    assert cockpit.last_hour([make_endpoint().pk], now=NOW) == {}
    assert [Figures(299, 1).success_percent, Figures(1, 0).success_percent, Figures().success_percent] == [
        99,
        100,
        None,
    ]


@pytest.mark.parametrize(
    ("state", "breaker", "minutes"),
    [
        ("ENABLED", {}, 5),
        ("ENABLED", {"not_before": 30}, 30),
        ("ENABLED", {"breaker": "OPEN", "probe_at": 10}, 10),
        ("ENABLED", {"breaker": "HALF_OPEN", "probe_at": 10}, 5),
        ("PAUSED", {}, None),
        ("DISABLED", {}, None),
    ],
)
def test_when_something_is_sent_next(state: str, breaker: dict[str, Any], minutes: int | None) -> None:
    at = {key: NOW + timedelta(minutes=breaker[key]) for key in ("not_before", "probe_at") if key in breaker}
    health = EndpointHealth(endpoint=Endpoint(state=state), breaker=breaker.get("breaker", "CLOSED"), **at)
    expected = None if minutes is None else NOW + timedelta(minutes=minutes)
    assert cockpit.next_attempt(health, Backlog(1, due_at=NOW + timedelta(minutes=5))) == expected
    assert cockpit.next_attempt(health, Backlog()) is None


def test_a_day_has_a_bar_for_every_ten_minutes() -> None:
    endpoint = make_endpoint()
    for ago in (timedelta(), timedelta(minutes=25), timedelta(hours=25)):
        minute(endpoint, ago=ago, delivered=4, failed=2)
    bars = cockpit.last_day(endpoint.pk, now=NOW)
    assert len(bars) == 144
    assert (sum(bar.delivered for bar in bars), sum(bar.failed for bar in bars)) == (8, 4)
    assert (bars[-1].delivered, bars[-1].failed) == (4, 2)
    assert bars[-1].begins_at <= NOW < bars[-1].begins_at + timedelta(minutes=10)


def test_the_chart_stacks_what_failed_on_what_was_delivered() -> None:
    quiet = Bar(NOW)
    chart = chart_of([quiet, Bar(NOW, delivered=30, failed=10), Bar(NOW, delivered=20)])
    assert (chart["highest"], chart["delivered"], chart["failed"], chart["width"]) == (40, 50, 10, 15)
    high, low = chart["bars"]
    assert (high.x, high.delivered_y, high.delivered_height, high.failed_y, high.failed_height) == (5, 30, 90, 0, 30)
    assert (low.x, low.delivered_y, low.delivered_height, low.failed_height) == (10, 60, 60, 0)
    assert "30 delivered, 10 failed" in high.words
    assert chart_of([quiet])["bars"] == []


def test_a_body_is_made_anew_as_it_was_sent() -> None:
    delivery = make_delivery(make_endpoint(), now=NOW, sequence=7)
    body = cockpit.body_sent(delivery)
    assert body.startswith(f'{{"id":"{delivery.public_event_id}","object":"event"')
    assert '"sequence":7' in body


@pytest.mark.parametrize(
    ("ago", "shown"),
    [
        (timedelta(seconds=7), "0 min 7 s"),
        (timedelta(minutes=61), "1 h 1 min"),
        (timedelta(hours=25), "1 day 1 h"),
        (timedelta(days=3), "3 days 0 h"),
        (timedelta(seconds=-5), "0 min 0 s"),
    ],
)
def test_an_age_is_told_in_its_two_largest_units(ago: timedelta, shown: str) -> None:
    assert badges.age(NOW - ago, NOW) == shown


# -- Pages ------------------------------------------------------------------------------------------------------------


def test_the_list_says_how_every_endpoint_fares(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    in_trouble()
    page = words(desk.get(HEALTH))
    for shown in (
        "https://hooks.example.com/acme",
        "Acme",
        "open",
        "75 % 6 of 8",
        "100 ms slowest 250 ms",
        "1 h 30 min",
    ):
        assert shown in page
    assert "answered with 503" in page
    assert "https://hooks.example.com/acme" in words(desk.get(f"{HEALTH}?breaker__exact=OPEN&q=acm"))
    assert "https://hooks.example.com/acme" not in words(desk.get(f"{HEALTH}?breaker__exact=CLOSED"))


def test_an_endpoints_page_shows_figures_chart_and_attempts(desk: Client) -> None:
    endpoint = in_trouble()
    make_attempt(Delivery.objects.filter(state=DeliveryState.DEAD).get(), now=NOW, error="reset by peer")
    page = desk.get(address(endpoint))
    assert "<svg" in page.content.decode()
    assert "<script>" not in page.content.decode().partition("health-heading")[2].partition("timeline-heading")[0]
    for shown in ("Arrived, last hour", "openings in a row: 2", "Newest attempts", "reset by peer", "Dead letters"):
        assert shown in words(page)


def test_a_delivery_shows_what_was_sent_and_what_came_back(desk: Client) -> None:
    delivery = make_delivery(make_endpoint(), now=NOW, state=DeliveryState.DEAD)
    attempt = make_attempt(delivery, now=NOW, answer="<b>no</b>")
    for record in (delivery, attempt):
        page = words(desk.get(address(record)))
        for shown in (delivery.public_event_id, '"type":"tests.thing.happened"', "webhook-signature: v1,…", "HTTP 500"):
            assert shown in page
        assert "<b>no</b>" in page, "shown as text"
    assert "Every try failed" in words(desk.get(address(delivery)))


@pytest.mark.usefixtures("consented")
def test_a_body_and_what_was_answered_are_shown_to_whoever_may_open_what_it_is_about(
    desk: Client, administrator: User, signed_in_client: SignIn
) -> None:
    account = make_account()
    payment = deposit(account, cny("10.00"))
    endpoint = make_endpoint()
    told = tell(endpoint.partner, now=NOW, subject=payment.public_id)
    delivery = make_delivery(endpoint, now=NOW, message=told, state=DeliveryState.DEAD)
    echo: dict[str, Any] = {"answer": "took CNY 10.00", "answer_headers": {"X-Amount": "ten"}}
    records = (delivery, make_attempt(delivery, now=NOW, **echo))
    keeper = signed_in_client(administrator)

    def shown(client: Client) -> list[list[bool]]:
        pages = [words(client.get(address(record))) for record in records]
        return [[told in page for page in pages] for told in ('"type":"tests.thing.happened"', "took CNY", "X-Amount")]

    assert shown(desk) == [[True, True]] * 3
    assert shown(keeper) == [[False, False]] * 3, "an administrator has no business with payments"
    Account.objects.filter(pk=account.pk).update(is_confidential=True)
    assert shown(desk) == [[False, False]] * 3
    for record in records:
        page = words(desk.get(address(record)))
        assert "What was answered may repeat what the event says" in page
        assert "HTTP 500" in page, "whether it arrived is known to all"
    assert "It says something about a record that you may not see." in words(desk.get(address(delivery)))


def test_what_was_dropped_is_said_to_be(desk: Client) -> None:
    delivery = make_delivery(make_endpoint(), now=NOW, state=DeliveryState.DELIVERED)
    make_attempt(delivery, now=NOW, outcome=Outcome.DELIVERED, request_headers={}, answer_headers={}, dropped_at=NOW)
    assert "kept for a time only" in words(desk.get(address(delivery)))


@pytest.mark.filterwarnings("error::RuntimeWarning")  # of moments without a zone
def test_lists_are_narrowed_in_the_address(desk: Client) -> None:
    endpoint, other = make_endpoint(), make_endpoint()
    dead = make_delivery(endpoint, now=NOW - timedelta(days=3), state=DeliveryState.DEAD)
    waiting = make_delivery(endpoint, now=NOW)
    elsewhere = make_delivery(other, now=NOW)
    everything = {dead, waiting, elsewhere}
    since = (NOW - timedelta(days=1)).strftime("%Y-%m-%d")
    for query, found in {
        "": everything,
        f"endpoint__id__exact={endpoint.pk}": {dead, waiting},
        f"endpoint__id__exact={endpoint.pk}&state__exact=DEAD": {dead},
        "topic=notifications.endpoint.test": set(),
        f"announced_at_from_0={since}&announced_at_from_1=00:00": {waiting, elsewhere},
        f"q={dead.public_event_id}": {dead},
        "q=evt_nonsense": set(),
    }.items():
        page = desk.get(f"{DELIVERIES}?{query}").content.decode()
        assert {delivery for delivery in everything if delivery.public_event_id in page} == found, query


@pytest.mark.parametrize(
    ("hindrance", "at", "why"),
    [
        ("breaker", NOW + timedelta(minutes=2), "its breaker is open"),
        ("quiet", NOW + timedelta(minutes=7), "it asked for quiet"),
        ("paused", None, "the endpoint is paused"),
        ("", DUE, ""),
    ],
    ids=["breaker", "quiet", "paused", "nothing"],
)
def test_of_a_delivery_it_is_shown_when_it_is_really_sent_next(
    desk: Client, hindrance: str, at: datetime | None, why: str
) -> None:
    """It has been due for an hour; what keeps it from being sent says until when."""
    endpoint = in_trouble()
    Delivery.objects.filter(state=DeliveryState.PENDING).update(next_attempt_at=DUE)
    if hindrance != "breaker":
        quiet = NOW + timedelta(minutes=7) if hindrance == "quiet" else None
        EndpointHealth.objects.update(breaker=BreakerState.CLOSED, probe_at=None, not_before=quiet)
    if hindrance == "paused":
        with guards_asleep():
            Endpoint.objects.update(state=EndpointState.PAUSED)
    waiting = endpoint.deliveries.get(state=DeliveryState.PENDING)
    for page in (f"{DELIVERIES}?state__exact=PENDING", address(waiting)):
        told = desk.get(page).content.decode()
        assert str(moment(at)) in told
        assert (str(moment(DUE)) in told) == (at == DUE)
        assert not why or why in told


def test_a_list_counts_what_can_be_counted_and_an_address_stays_as_it_is_written(desk: Client) -> None:
    endpoint = in_trouble()
    assert "1 health record of a webhook endpoint" in words(desk.get(HEALTH))
    page = desk.get(address(endpoint)).content.decode()
    assert "https://hooks.example.com/acme" in page
    assert "Https://" not in page


def test_lists_and_pages_ask_no_more_for_more_rows(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    endpoint = in_trouble()
    made = [_failing(endpoint) for _time in range(12)]
    for page in (HEALTH, DELIVERIES, ATTEMPTS, REPLAYS, *map(address, made[0])):
        with django_assert_max_num_queries(18):
            assert desk.get(page).status_code == 200
    with django_assert_max_num_queries(30):
        assert desk.get(address(endpoint)).status_code == 200


def _failing(other: Endpoint) -> tuple[Delivery, ReplayJob]:
    """Make an endpoint with everything that its row shows, and one more attempt at the other."""
    delivery = make_delivery(make_endpoint(), now=NOW, state=DeliveryState.DEAD)
    make_attempt(delivery, now=NOW)
    make_attempt(make_delivery(other, now=NOW), now=NOW)
    minute(delivery.endpoint, ago=timedelta(), delivered=1)
    return delivery, _asked_for(delivery.endpoint)


def _asked_for(endpoint: Endpoint) -> ReplayJob:
    return ask_for_replay(
        endpoint_id=endpoint.pk, kind=ReplayKind.DEAD, since=NOW, actor=Actor.system("tests"), reason="", now=NOW
    )


# -- Doors ------------------------------------------------------------------------------------------------------------


def test_one_delivery_is_sent_again_from_its_page(desk: Client) -> None:
    delivery = make_delivery(make_endpoint(), now=NOW, state=DeliveryState.DEAD)
    assert "Send again" in words(desk.get(address(delivery)))
    page = desk.post(address(delivery, "replay"), WHY, follow=True)
    assert "The event is sent again." in words(page)
    assert "their server was down" in words(page), "in its timeline"
    assert Delivery.objects.get().state == DeliveryState.PENDING
    with nothing_changes():
        again = desk.post(address(delivery, "replay"), WHY)
    assert (again.status_code, code_on(again)) == (409, "delivery_still_pending")


def test_without_a_reason_nothing_is_sent_again(desk: Client) -> None:
    delivery = make_delivery(make_endpoint(), now=NOW, state=DeliveryState.DEAD)
    with nothing_changes():
        assert desk.post(address(delivery, "replay"), {"reason": " "}).status_code == 422


@pytest.mark.parametrize(("door", "kind"), [("replay_failed", "DEAD"), ("send_everything", "ALL")])
def test_a_replay_is_asked_for_and_watched(desk: Client, door: str, kind: str) -> None:
    endpoint = make_endpoint()
    make_delivery(endpoint, now=clock.now(), state=DeliveryState.DEAD)
    page = desk.post(address(endpoint, door), {**WHY, **_recent()}, follow=True)
    job = ReplayJob.objects.get()
    assert (job.kind, job.total, job.reason) == (kind, 1, WHY["reason"])
    assert "Looked at 0 of 1 events" in words(page)
    assert _asks_next(page) == f"{REPLAYS}{job.pk}/progress/?asked=1"
    part = desk.get(f"{REPLAYS}{job.pk}/progress/?asked=1")
    assert _asks_next(part) == f"{REPLAYS}{job.pk}/progress/?asked=2"
    assert "no-store" in part["Cache-Control"]
    assert "<html" not in part.content.decode()
    if kind == "DEAD":
        work_off_replay(job_id=job.pk, now=clock.now())
        over = desk.get(f"{REPLAYS}{job.pk}/progress/?asked=2")
        assert "Looked at 1 of 1 events; 1 are sent again." in words(over)
        assert _asks_next(over) == ""


def test_a_page_left_open_does_not_ask_for_ever(desk: Client) -> None:
    endpoint = make_endpoint()
    desk.post(address(endpoint, "replay_failed"), {**WHY, **_recent()})
    address_of_part = f"{REPLAYS}{ReplayJob.objects.get().pk}/progress/"
    last = desk.get(f"{address_of_part}?asked={replays.ASKED_MOST}")
    assert _asks_next(last) == ""
    assert "Load the page again" in words(last)
    assert _asks_next(desk.get(f"{address_of_part}?asked=9999999999"))
    assert _asks_next(desk.get(f"{address_of_part}?asked=-1"))


@pytest.mark.parametrize(
    ("since", "code"),
    [("2999-01-01T00:00", "replay_since_in_future"), ("2001-01-01T00:00", "replay_since_too_old"), ("soon", "")],
)
def test_a_moment_that_makes_no_sense_comes_back(desk: Client, since: str, code: str) -> None:
    endpoint = make_endpoint()
    with nothing_changes():
        answer = desk.post(address(endpoint, "replay_failed"), {**WHY, "since": since})
    assert (answer.status_code, code_on(answer)) == (422, code)


def test_the_breaker_is_closed_by_hand(desk: Client) -> None:
    endpoint = in_trouble()
    assert "Close breaker" in words(desk.get(address(endpoint)))
    page = desk.post(address(endpoint, "close_breaker"), WHY, follow=True)
    assert "The breaker is closed." in words(page)
    assert EndpointHealth.objects.get(pk=endpoint.pk).breaker == BreakerState.CLOSED
    assert "Close breaker" not in words(desk.get(address(endpoint)))
    with nothing_changes():
        assert desk.post(address(endpoint, "close_breaker"), WHY).status_code == 409


def test_nothing_is_offered_for_a_disabled_endpoint(desk: Client) -> None:
    endpoint = make_endpoint()
    delivery = make_delivery(endpoint, now=NOW, state=DeliveryState.DEAD)
    with guards_asleep():
        Endpoint.objects.filter(pk=endpoint.pk).update(state=EndpointState.DISABLED)
    assert "Send what failed again" not in words(desk.get(address(endpoint)))
    assert "Send again" not in words(desk.get(address(delivery)))


# -- Who gets where -----------------------------------------------------------------------------------------------------

READERS = {"operator", "risk_analyst", "customer_service", "administrator", "auditor"}
DOORS = {"replay": {"operator"}, "replay_failed": {"operator"}, "send_everything": {"operator"}}
BREAKER = {"close_breaker": {"operator", "administrator"}}


@pytest.mark.parametrize("role", ROLES)
def test_who_reads_the_cockpit(role: str, request: pytest.FixtureRequest, signed_in_client: SignIn) -> None:
    endpoint = in_trouble()
    delivery = Delivery.objects.filter(state=DeliveryState.DEAD).get()
    attempt = make_attempt(delivery, now=NOW)
    job = _asked_for(endpoint)
    client = signed_in_client(request.getfixturevalue(role))
    pages = [HEALTH, DELIVERIES, ATTEMPTS, REPLAYS, *map(address, (delivery, attempt, job))]
    seen = {page for page in [*pages, f"{REPLAYS}{job.pk}/progress/"] if client.get(page).status_code == 200}
    assert seen == ({*pages, f"{REPLAYS}{job.pk}/progress/"} if role in READERS else set())
    assert ("How it fares" in words(client.get(address(endpoint)))) == (role in READERS)


@pytest.mark.parametrize("role", ROLES)
def test_who_gets_through_which_door(role: str, request: pytest.FixtureRequest, signed_in_client: SignIn) -> None:
    """By page, by button, and by a form that nobody opened the page for."""
    endpoint = in_trouble()
    delivery = Delivery.objects.filter(state=DeliveryState.DEAD).get()
    client = signed_in_client(request.getfixturevalue(role))
    for door, holders in {**DOORS, **BREAKER}.items():
        record = delivery if door == "replay" else endpoint
        offered = address(record, door) in client.get(address(record)).content.decode()
        assert offered == (role in holders), door
        assert (client.get(address(record, door)).status_code == 200) == (role in holders), door
        if role not in holders:
            with nothing_changes():
                assert client.post(address(record, door), {**WHY, **_recent()}).status_code in (302, 403), door


def _recent() -> dict[str, str]:
    return {"since": (clock.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")}


def _asks_next(page: Any) -> str:
    found = re.search(r'hx-get="([^"]+)"', page.content.decode())
    return found[1] if found else ""
