"""A partner looks after its endpoints: how they fare, what was sent there, having it sent again, trying one out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bankops.core import clock
from bankops.core.models import AuditEvent
from notifications.models import (
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointHealth,
    EndpointState,
    Outcome,
    ReplayJob,
    ReplayState,
)
from notifications.services.replays import REACH, work_off_replay
from tests.api.callers import System, code_of, said
from tests.notifications.factories import make_endpoint, make_endpoint_secret
from tests.notifications.told import make_attempt, make_delivery, tell
from tests.partners.factories import guards_asleep
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def system() -> System:
    return System(rate_per_second=1000, rate_burst=10_000)


@pytest.fixture
def endpoint(system: System) -> Endpoint:
    return make_endpoint(system.partner, secret="whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=")


def at(endpoint: Endpoint, rest: str = "") -> str:
    return f"webhook-endpoints/{endpoint.public_id}{rest}"


def to(delivery: Delivery, rest: str = "") -> str:
    return f"deliveries/{delivery.public_id}{rest}"


def dead(endpoint: Endpoint, now: datetime | None = None, **fields: Any) -> Delivery:
    return make_delivery(endpoint, now=now or clock.now(), state=DeliveryState.DEAD, **fields)


# -- Endpoints -----------------------------------------------------------------------------------------------------------


def test_an_endpoint_is_shown_with_how_it_fares(system: System, endpoint: Endpoint) -> None:
    now = clock.now()
    older = make_delivery(endpoint, now=now - 2 * HOUR)
    make_delivery(endpoint, now=now)
    dead(endpoint)
    probe_at = now + timedelta(minutes=2)
    EndpointHealth.objects.filter(pk=endpoint.pk).update(
        breaker="OPEN", breaker_since=now, probe_at=probe_at, not_before=now + HOUR, last_failure="HTTP 500"
    )
    told = said(system.get(at(endpoint)))
    assert (told["status"], told["url"], told["event_types"]) == ("enabled", endpoint.url, [])
    assert (told["breaker"]["status"], told["breaker"]["text"]) == ("open", "open: nothing is sent")
    assert datetime.fromisoformat(told["breaker"]["probe_at"]) == probe_at
    assert datetime.fromisoformat(told["quiet_until"]) == now + HOUR
    assert told["last_failure"] == "HTTP 500"
    assert told["backlog"]["pending"] == 2
    assert datetime.fromisoformat(told["backlog"]["oldest"]) == older.announced_at


def test_no_answer_holds_a_secret_only_what_the_living_ones_end_in(system: System, endpoint: Endpoint) -> None:
    now = clock.now()
    newer = make_endpoint_secret(endpoint, valid_from=now)
    make_endpoint_secret(endpoint, valid_from=now - 3 * HOUR, valid_until=now - HOUR)
    answer = system.get(at(endpoint))
    assert [each["hint"] for each in said(answer)["secrets"]] == [newer.hint, "ZXQ="]
    assert b"whsec_" not in answer.content
    assert b"c2VjcmV0" not in answer.content
    assert b"whsec_" not in system.get("webhook-endpoints").content


def test_why_the_bank_paused_it_is_the_banks_own_business(system: System, endpoint: Endpoint) -> None:
    with guards_asleep():
        Endpoint.objects.filter(pk=endpoint.pk).update(state=EndpointState.PAUSED, state_reason="suspected of fraud")
    answer = system.get(at(endpoint))
    assert said(answer)["status"] == "paused"
    assert b"fraud" not in answer.content


def test_endpoints_are_listed_page_by_page_in_as_many_queries(
    system: System, django_assert_max_num_queries: Any
) -> None:
    made = [make_endpoint(system.partner, url=f"https://hooks.example.com/{number}") for number in range(5)]
    make_endpoint()  # another partner's
    newest_first = [one.public_id for one in reversed(made)]
    first = said(system.get("webhook-endpoints", {"limit": 3}))
    rest = said(system.get("webhook-endpoints", {"limit": 3, "cursor": first["next_cursor"]}))
    assert [one["id"] for one in first["data"] + rest["data"]] == newest_first
    assert (first["has_more"], rest["has_more"], rest["next_cursor"]) == (True, False, None)
    with django_assert_max_num_queries(10):
        said(system.get("webhook-endpoints"))


# -- Deliveries ----------------------------------------------------------------------------------------------------------


def ids_of(system: System, endpoint: Endpoint, **wanted: str) -> list[str]:
    return [one["id"] for one in said(system.get(at(endpoint, "/deliveries"), wanted))["data"]]


def test_what_was_sent_is_found_by_state_type_and_time(system: System, endpoint: Endpoint) -> None:
    now = clock.now()
    early = dead(endpoint, now - 3 * HOUR)
    other = tell(system.partner, now=now - HOUR, topic="tests.thing.lost")
    arrived = make_delivery(endpoint, now=now, message=other, state=DeliveryState.DELIVERED)
    waiting = make_delivery(endpoint, now=now)
    dead(make_endpoint(system.partner))
    assert ids_of(system, endpoint) == [each.public_id for each in (waiting, arrived, early)]
    assert ids_of(system, endpoint, status="dead") == [early.public_id]
    assert ids_of(system, endpoint, status="pending") == [waiting.public_id]
    assert ids_of(system, endpoint, type="tests.thing.lost") == [arrived.public_id]
    since = (now - 2 * HOUR).isoformat()
    assert ids_of(system, endpoint, since=since) == [waiting.public_id, arrived.public_id]
    assert ids_of(system, endpoint, since=since, status="delivered") == [arrived.public_id]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"status": "lost"}, "field_invalid"),
        ({"status": "DEAD"}, "field_invalid"),
        ({"type": "' OR 1=1"}, "field_invalid"),
        ({"since": "yesterday"}, "field_invalid"),
        ({"cursor": "x"}, "invalid_cursor"),
        ({"endpoint": "wep_1"}, "unknown_filter"),
    ],
)
def test_what_makes_no_sense_is_refused(system: System, endpoint: Endpoint, wanted: dict[str, str], code: str) -> None:
    assert code_of(system.get(at(endpoint, "/deliveries"), wanted)) == code


def test_a_cursor_belongs_to_its_endpoint_and_its_filters(system: System, endpoint: Endpoint) -> None:
    for _ in range(3):
        dead(endpoint)
    page = said(system.get(at(endpoint, "/deliveries"), {"limit": 2}))
    other = make_endpoint(system.partner)
    elsewhere = system.get(at(other, "/deliveries"), {"cursor": page["next_cursor"]})
    assert code_of(elsewhere) == "invalid_cursor"
    filtered = system.get(at(endpoint, "/deliveries"), {"cursor": page["next_cursor"], "status": "dead"})
    assert code_of(filtered) == "invalid_cursor"
    rest = said(system.get(at(endpoint, "/deliveries"), {"limit": 2, "cursor": page["next_cursor"]}))
    assert len({one["id"] for one in page["data"] + rest["data"]}) == 3


def test_a_delivery_leads_to_its_event_and_its_attempts(system: System, endpoint: Endpoint) -> None:
    delivery = dead(endpoint)
    for number in (1, 2, 3):
        make_attempt(delivery, now=clock.now(), number=number)
    make_attempt(delivery, now=clock.now(), number=4, outcome=Outcome.TIMED_OUT, status=None, answer="", error="late")
    told = said(system.get(to(delivery)))
    assert (told["status"], told["why"], told["event"]) == ("dead", "tries_exhausted", delivery.public_event_id)
    page = said(system.get(told["links"]["attempts"], {"limit": 2}))
    assert [(one["number"], one["outcome"]) for one in page["data"]] == [(4, "timed_out"), (3, "refused")]
    assert (page["data"][0]["status"], page["data"][0]["error"]) == (None, "late")
    assert (page["data"][1]["status"], page["data"][1]["answer"]) == (500, "out of order")
    assert page["data"][1]["request_headers"]["webhook-signature"] == "v1,…"
    rest = said(system.get(told["links"]["attempts"], {"limit": 2, "cursor": page["next_cursor"]}))
    assert [one["number"] for one in rest["data"]] == [2, 1]


# -- Sent again ----------------------------------------------------------------------------------------------------------


def test_one_delivery_is_sent_again_under_the_same_event(system: System, endpoint: Endpoint) -> None:
    delivery = dead(endpoint)
    body = {"reason": "Our disk was full"}
    answer = system.post(to(delivery, "/replay"), body, key="k-1")
    told = said(answer, 202)
    assert (told["status"], told["why"], told["event"]) == ("pending", None, delivery.public_event_id)
    assert answer["Location"] == f"/api/v1/deliveries/{delivery.public_id}"
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries, delivery.attempts) == (DeliveryState.PENDING, 0, 9)
    trail = AuditEvent.objects.get(event_type="notifications.delivery.replayed")
    assert (trail.actor_id, trail.reason) == (system.credential.public_id, body["reason"])
    with nothing_changes():
        again = system.post(to(delivery, "/replay"), body, key="k-1")
        assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (202, answer.content, "true")
        refused = system.post(to(delivery, "/replay"), body)
        assert (refused.status_code, code_of(refused)) == (409, "delivery_still_pending")


def test_what_failed_is_sent_again_since_a_moment(system: System, endpoint: Endpoint) -> None:
    now = clock.now()
    before, failed = dead(endpoint, now - 3 * HOUR), dead(endpoint, now - HOUR)
    wish = {"kind": "failed", "since": (now - 2 * HOUR).isoformat()}
    answer = system.post(at(endpoint, "/replays"), wish)
    told = said(answer, 202)
    assert (told["status"], told["kind"], told["total"], told["sent_again"]) == ("queued", "failed", 1, 0)
    assert said(system.get(answer["Location"])) == told
    with nothing_changes():
        refused = system.post(at(endpoint, "/replays"), wish)
        assert (refused.status_code, code_of(refused)) == (409, "replay_running")
    work_off_replay(job_id=ReplayJob.objects.get().pk, now=clock.now())
    done = said(system.get(answer["Location"]))
    assert (done["status"], done["looked_at"], done["sent_again"]) == ("done", 1, 1)
    states = dict(Delivery.objects.values_list("pk", "state"))
    assert (states[before.pk], states[failed.pk]) == ("DEAD", "PENDING")


@pytest.mark.parametrize(("ago", "code"), [(-HOUR, "replay_since_in_future"), (REACH + HOUR, "replay_since_too_old")])
def test_a_replay_reaches_back_a_while_and_not_ahead(
    system: System, endpoint: Endpoint, ago: timedelta, code: str
) -> None:
    with nothing_changes():
        answer = system.post(at(endpoint, "/replays"), {"kind": "all", "since": (clock.now() - ago).isoformat()})
    assert (answer.status_code, code_of(answer), answer.json()["param"]) == (422, code, "since")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({}, "field_required"),
        ({"kind": "some", "since": "2026-11-01T00:00:00Z"}, "field_invalid"),
        ({"kind": "all", "since": "2026-11-01"}, "field_invalid"),
        ({"kind": "all", "since": "2026-11-01T00:00:00Z", "endpoint": "wep_1"}, "unknown_field"),
        ({"kind": "all", "since": "2026-11-01T00:00:00Z", "reason": "x" * 501}, "text_too_long"),
    ],
)
def test_a_wish_that_is_none_is_refused(system: System, endpoint: Endpoint, wish: dict[str, str], code: str) -> None:
    with nothing_changes():
        assert code_of(system.post(at(endpoint, "/replays"), wish)) == code


def test_what_the_bank_asked_for_is_seen_too_without_who_asked(system: System, endpoint: Endpoint) -> None:
    now = clock.now()
    job = ReplayJob.objects.create(
        endpoint=endpoint,
        kind="ALL",
        since=now,
        until=now,
        total=0,
        state=ReplayState.RUNNING,
        created_at=now,
        asked_by="usr_1",
        asked_by_name="Zhou Min",
        reason="asked on the phone",
    )
    answer = system.get(f"replays/{job.public_id}")
    assert said(answer)["status"] == "running"
    assert not [word for word in ("usr_1", "Zhou", "phone") if word.encode() in answer.content]


# -- A test event --------------------------------------------------------------------------------------------------------


def test_a_test_event_goes_to_one_endpoint(system: System, endpoint: Endpoint) -> None:
    make_endpoint(system.partner)
    answer = system.post(at(endpoint, "/test-events"), {})
    told = said(answer, 202)
    assert (told["type"], told["endpoint"]) == ("notifications.endpoint.test", endpoint.public_id)
    assert (told["status"], told["subject"]) == ("pending", endpoint.public_id)
    assert Delivery.objects.get().endpoint_id == endpoint.pk
    assert said(system.get(answer["Location"]))["id"] == told["id"]


def test_an_endpoint_is_tried_out_so_often_an_hour(system: System, endpoint: Endpoint, settings: Any) -> None:
    settings.BANKOPS_WEBHOOK_TEST_EVENTS_PER_HOUR = 1
    said(system.post(at(endpoint, "/test-events"), {}), 202)
    with nothing_changes():
        answer = system.post(at(endpoint, "/test-events"), {})
    assert (answer.status_code, code_of(answer)) == (429, "too_many_test_events")
    assert 3_500 < int(answer["Retry-After"]) <= 3_600


def test_an_endpoint_is_replayed_so_often_a_day(system: System, endpoint: Endpoint, settings: Any) -> None:
    settings.BANKOPS_WEBHOOK_REPLAYS_PER_DAY = 1
    wish = {"kind": "failed", "since": (clock.now() - HOUR).isoformat()}
    said(system.post(at(endpoint, "/replays"), wish), 202)
    work_off_replay(job_id=ReplayJob.objects.get().pk, now=clock.now())
    with nothing_changes():
        answer = system.post(at(endpoint, "/replays"), wish)
    assert (answer.status_code, code_of(answer)) == (429, "too_many_replays")
    assert 86_000 < int(answer["Retry-After"]) <= 86_400


@pytest.mark.parametrize("state", [EndpointState.PAUSED, EndpointState.DISABLED, EndpointState.AWAITING_PICKUP])
def test_only_an_enabled_endpoint_is_tried_out(system: System, endpoint: Endpoint, state: EndpointState) -> None:
    with guards_asleep():
        Endpoint.objects.filter(pk=endpoint.pk).update(state=state)
    with nothing_changes():
        answer = system.post(at(endpoint, "/test-events"), {})
    assert (answer.status_code, code_of(answer)) == (409, "endpoint_not_enabled")


def test_nothing_is_sent_again_to_one_that_is_disabled(system: System, endpoint: Endpoint) -> None:
    delivery = dead(endpoint)
    with guards_asleep():
        Endpoint.objects.filter(pk=endpoint.pk).update(state=EndpointState.DISABLED)
    since = (clock.now() - HOUR).isoformat()
    with nothing_changes():
        for answer in (
            system.post(to(delivery, "/replay"), {}),
            system.post(at(endpoint, "/replays"), {"kind": "failed", "since": since}),
        ):
            assert (answer.status_code, code_of(answer)) == (409, "endpoint_disabled")


# -- Another partner's ---------------------------------------------------------------------------------------------------


def test_another_partner_finds_nothing_of_it(system: System, endpoint: Endpoint) -> None:
    delivery, other = dead(endpoint), System()
    assert said(other.get("webhook-endpoints"))["data"] == []
    with nothing_changes():
        for answer in (
            other.get(at(endpoint)),
            other.get(at(endpoint, "/deliveries")),
            other.get(to(delivery)),
            other.get(to(delivery, "/attempts")),
            other.post(to(delivery, "/replay"), {}),
            other.post(at(endpoint, "/test-events"), {}),
            other.post(at(endpoint, "/replays"), {"kind": "all", "since": "2026-11-20T00:00:00Z"}),
        ):
            assert (answer.status_code, code_of(answer)) == (404, "not_found")


@pytest.mark.parametrize("path", ["webhook-endpoints/wep_1", "webhook-endpoints/x/deliveries", "deliveries/wep_0"])
def test_an_id_that_names_nothing_is_not_found(system: System, path: str) -> None:
    assert code_of(system.get(path)) == "not_found"
