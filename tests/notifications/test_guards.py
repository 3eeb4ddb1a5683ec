"""What the database refuses, whoever asks: each guard of notifications, around the services."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from bankops.core import clock, ids
from notifications.models import (
    Attempt,
    Delivery,
    Endpoint,
    EndpointHealth,
    EndpointMinute,
    EndpointSecret,
    Incident,
    Notice,
    NoticePreference,
    ReplayJob,
)
from notifications.services import send_test_event
from staff.models import User
from tests.notifications.factories import make_endpoint, make_endpoint_secret
from tests.notifications.told import make_delivery, tell
from tests.partners.factories import make_partner
from tests.unchanged import refused_by_database

pytestmark = pytest.mark.django_db

Change = dict[str, Any]


def _named(value: str | Change) -> str:
    """Name a case without the moments and keys in it, which are others in every process."""
    return value if isinstance(value, str) else "+".join(value)


# -- Endpoints ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("endpoint_state_known", {"state": "ASLEEP"}),
        ("endpoint_in_flight_bounded", {"max_in_flight": 0}),
        ("endpoint_in_flight_bounded", {"max_in_flight": 17}),
        ("endpoint_timeout_bounded", {"timeout_seconds": 31}),
        ("endpoint_pickup_says_who", {"pickup_until": clock.now()}),
    ],
    ids=_named,
)
def test_an_endpoint_is_what_it_can_be(guard: str, change: Change) -> None:
    with refused_by_database(guard):
        make_endpoint(**change)


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("endpoint_terms_sound", {"waits": []}),
        ("endpoint_terms_sound", {"waits": [1] * 13}),
        ("endpoint_terms_sound", {"waits": [0]}),
        ("endpoint_terms_sound", {"waits": [86_401]}),
        ("endpoint_terms_sound", {"waits": [1.5]}),
        ("endpoint_terms_sound", {"waits": ["60"]}),
        ("endpoint_terms_sound", {"waits": {"first": 60}}),
        ("endpoint_terms_sound", {"event_types": [1]}),
        ("endpoint_terms_sound", {"event_types": "all"}),
        ("endpoint_fixed", {"added_at": clock.now() - timedelta(days=3)}),
        ("endpoint_under_consent", {"url": "https://thief.example/"}),
        ("endpoint_under_consent", {"description": "Payroll, agreed with Guan Li"}),
        ("endpoint_under_consent", {"pickup_overlap": timedelta(days=900)}),
        ("endpoint_under_consent", {"event_types": ["no.such.event"]}),
        ("endpoint_under_consent", {"waits": [1]}),
        ("endpoint_under_consent", {"max_in_flight": 5}),
        ("endpoint_under_consent", {"timeout_seconds": 5}),
        ("endpoint_under_consent", {"terms_request_id": uuid4()}),
        ("endpoint_under_consent", {"approval_request_id": uuid4()}),
        ("endpoint_moves", {"state": "AWAITING_PICKUP"}),
    ],
    ids=_named,
)
def test_an_endpoint_is_as_two_people_agreed(guard: str, change: Change) -> None:
    endpoint = make_endpoint()
    with refused_by_database(guard):
        Endpoint.objects.filter(pk=endpoint.pk).update(**change)


def test_nobody_names_themselves_to_pick_up(operator: User) -> None:
    endpoint = make_endpoint()
    later = clock.now() + timedelta(hours=1)
    with refused_by_database("endpoint_under_consent"):
        Endpoint.objects.filter(pk=endpoint.pk).update(pickup_by=operator, pickup_until=later)


def test_a_pick_up_is_not_put_off(operator: User) -> None:
    later = clock.now() + timedelta(hours=1)
    endpoint = make_endpoint(pickup_by=operator, pickup_until=later)
    with refused_by_database("endpoint_under_consent"):
        Endpoint.objects.filter(pk=endpoint.pk).update(pickup_until=later + timedelta(hours=1))


def test_an_endpoint_stays_its_partners() -> None:
    endpoint, other = make_endpoint(), make_partner()
    with refused_by_database("endpoint_fixed"):
        Endpoint.objects.filter(pk=endpoint.pk).update(partner=other)


def test_an_endpoint_comes_of_consent() -> None:
    partner, agreed = make_partner(), uuid4()
    told: Change = {"url": "https://h.example/", "approval_request_id": agreed, "terms_request_id": agreed}
    with refused_by_database("endpoint_under_consent"):
        Endpoint.objects.create(partner=partner, added_at=clock.now(), **told)
    with refused_by_database("endpoint_begins_waiting"):
        Endpoint.objects.create(partner=partner, added_at=clock.now(), state="ENABLED", **told)


@pytest.mark.parametrize("state", ["AWAITING_PICKUP", "DISABLED"])
def test_pausing_is_for_what_is_sent_to(state: str) -> None:
    endpoint = make_endpoint(state=state)
    with refused_by_database("endpoint_moves"):
        Endpoint.objects.filter(pk=endpoint.pk).update(state="PAUSED")


@pytest.mark.parametrize("state", ["AWAITING_PICKUP", "PAUSED", "DISABLED"])
def test_nothing_is_sent_without_a_secret(state: str) -> None:
    endpoint = make_endpoint(state=state)
    EndpointSecret.objects.update(valid_until=clock.now() - timedelta(hours=1))
    with refused_by_database("endpoint_has_secret"):
        Endpoint.objects.filter(pk=endpoint.pk).update(state="ENABLED")
    make_endpoint_secret(endpoint)
    Endpoint.objects.filter(pk=endpoint.pk).update(state="ENABLED")


def test_an_endpoint_has_one_health() -> None:
    endpoint = make_endpoint()
    with refused_by_database("breaker_state_known"):
        EndpointHealth.objects.filter(pk=endpoint.pk).update(breaker="AJAR")
    with refused_by_database("lease_says_until_when"):
        EndpointHealth.objects.filter(pk=endpoint.pk).update(lease_until=clock.now())
    minute = {"endpoint": endpoint, "minute": clock.now().replace(second=0, microsecond=0)}
    EndpointMinute.objects.create(**minute)
    with refused_by_database("endpoint_minute_once"):
        EndpointMinute.objects.create(**minute)


# -- Secrets -----------------------------------------------------------------------------------------------------------


def _secret(endpoint: Endpoint, user: User, **change: Any) -> EndpointSecret:
    told = {
        "id": ids.uuid7(),
        "secret": "whsec_x",
        "hint": "0000",
        "valid_from": clock.now(),
        "picked_up_by": user,
        "approval_request_id": endpoint.approval_request_id,
    }
    return EndpointSecret.objects.create(endpoint=endpoint, **{**told, **change})


def _waiting(user: User) -> Endpoint:
    """Return an endpoint with one live secret, and a second one to be picked up."""
    return make_endpoint(pickup_by=user, pickup_until=clock.now() + timedelta(hours=1))


def test_a_secret_comes_of_consent(administrator: User, operator: User) -> None:
    with refused_by_database("endpoint_secret_agreed_to"):
        _secret(make_endpoint(), administrator)
    waiting = _waiting(administrator)
    wrong: list[Change] = [
        {"picked_up_by": operator},
        {"approval_request_id": uuid4()},
        {"valid_from": clock.now() + timedelta(hours=2)},
    ]
    for change in wrong:
        with refused_by_database("endpoint_secret_agreed_to"):
            _secret(waiting, administrator, **change)
    _secret(waiting, administrator, valid_until=clock.now())
    with refused_by_database("endpoint_secret_once_per_consent"):
        _secret(waiting, administrator)


def test_two_secrets_live(administrator: User) -> None:
    endpoint = _waiting(administrator)
    make_endpoint_secret(endpoint)
    with refused_by_database("endpoint_secret_two_live"):
        _secret(endpoint, administrator)


@pytest.mark.parametrize(
    "change",
    [
        {"hint": "ffff"},
        {"valid_from": clock.now() - timedelta(days=9)},
        {"valid_until": clock.now() + timedelta(days=3)},
        {"valid_until": None},
    ],
    ids=["hint", "sooner", "longer", "for ever"],
)
def test_a_secret_only_ends(change: Change) -> None:
    endpoint = make_endpoint()
    make_endpoint_secret(endpoint, valid_until=clock.now() + timedelta(days=1))
    with refused_by_database("endpoint_secret_only_ends"):
        endpoint.secrets.exclude(valid_until=None).update(**change)


# -- Deliveries and attempts ---------------------------------------------------------------------------------------------


def test_an_event_goes_to_nobody_but_its_audience() -> None:
    message = tell(make_partner(), now=clock.now())
    endpoint = make_endpoint()
    with refused_by_database("delivery_of_its_event"):
        _deliver(endpoint, message)
    own = tell(endpoint.partner, now=clock.now())
    for lie in ({"event_id": uuid4()}, {"topic": "other.thing"}, {"subject_id": "tr_x"}, {"announced_at": clock.now()}):
        with refused_by_database("delivery_of_its_event"):
            _deliver(endpoint, own, **lie)
    _deliver(endpoint, own)
    with refused_by_database("delivery_once"):
        _deliver(endpoint, own)


def _deliver(endpoint: Endpoint, message: Any, **lie: Any) -> Delivery:
    told = {name: getattr(message, name) for name in ("event_id", "topic", "subject_id", "announced_at")}
    told |= {"created_at": clock.now(), "next_attempt_at": clock.now(), "sequence": 1}
    return Delivery.objects.create(endpoint=endpoint, message=message, **{**told, **lie})


def test_the_database_writes_an_id_as_we_do() -> None:
    with connection.cursor() as cursor:
        for value in (ids.uuid7(), uuid4()):
            cursor.execute("SELECT notifications_public_id('ptn', %s)", [value])
            assert cursor.fetchone()[0] == ids.encode("ptn", value)


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("delivery_fixed", {"event_id": uuid4()}),
        ("delivery_fixed", {"topic": "other.thing"}),
        ("delivery_fixed", {"sequence": 9}),
        ("delivery_fixed", {"attempts": 2}),
        ("delivery_fixed", {"created_at": clock.now() + timedelta(days=1)}),
        ("delivery_state_says_what_next", {"state": "DELIVERED"}),
        ("delivery_state_says_what_next", {"next_attempt_at": None}),
        ("delivery_state_says_what_next", {"state": "DEAD", "next_attempt_at": None, "finished_at": clock.now()}),
    ],
    ids=_named,
)
def test_a_delivery_is_of_its_event(guard: str, change: Change) -> None:
    delivery = make_delivery(make_endpoint(), now=clock.now(), attempts=3)
    with refused_by_database(guard):
        Delivery.objects.filter(pk=delivery.pk).update(**change)


def _attempted() -> Attempt:
    delivery = make_delivery(make_endpoint(), now=clock.now())
    return Attempt.objects.create(
        delivery=delivery,
        endpoint=delivery.endpoint,
        number=1,
        started_at=clock.now(),
        duration_ms=5,
        outcome="REFUSED",
        status=500,
        answer="Oh no",
        request_headers={"webhook-id": "evt_x"},
    )


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "DELIVERED"},
        {"status": 200},
        {"answer": "All is well"},
        {"answer": "", "request_headers": {}},
        {"dropped_at": clock.now()},
        {"dropped_at": clock.now(), "answer": "", "request_headers": {}, "outcome": "DELIVERED"},
    ],
    ids=_named,
)
def test_an_attempt_is_not_rewritten(change: Change) -> None:
    attempt = _attempted()
    with refused_by_database("attempt_only_drops"):
        Attempt.objects.filter(pk=attempt.pk).update(**change)


def test_what_was_said_is_dropped_once() -> None:
    attempt = Attempt.objects.filter(pk=_attempted().pk)
    dropped: Change = {"answer": "", "request_headers": {}, "answer_headers": {}}
    attempt.update(**dropped, dropped_at=clock.now())
    with refused_by_database("attempt_only_drops"):
        attempt.update(**dropped, dropped_at=clock.now() + timedelta(days=1))
    with refused_by_database("attempt_outcome_known"):
        Attempt.objects.create(
            delivery=attempt.get().delivery,
            endpoint=attempt.get().endpoint,
            number=2,
            started_at=clock.now(),
            duration_ms=1,
            outcome="LUCK",
        )


# -- Incidents, replays, notices -----------------------------------------------------------------------------------------


def _incident(**told: Any) -> Any:
    endpoint = make_endpoint()
    incident = Incident.objects.create(endpoint=endpoint, kind="ENDPOINT_DOWN", opened_at=clock.now(), **told)
    return Incident.objects.filter(pk=incident.pk)


def test_an_incident_is_closed_once_with_a_reason() -> None:
    incident = _incident()
    with refused_by_database("incident_kind_known"):
        Incident.objects.create(endpoint=incident.get().endpoint, kind="FIRE", opened_at=clock.now())
    with refused_by_database("incident_open_once"):
        Incident.objects.create(endpoint=incident.get().endpoint, kind="ENDPOINT_DOWN", opened_at=clock.now())
    with refused_by_database("incident_fixed"):
        incident.update(kind="ENDPOINT_GONE")
    with refused_by_database("incident_closed_says_why"):
        incident.update(closed_at=clock.now())
    incident.update(closed_at=clock.now(), closed_because="It answers again.")
    with refused_by_database("incident_fixed"):
        incident.update(closed_at=None, closed_because="")


def _replay() -> Any:
    now = clock.now()
    told = {"kind": "DEAD", "since": now, "until": now, "total": 5, "looked_at": 2, "created_at": now}
    job = ReplayJob.objects.create(endpoint=make_endpoint(), asked_by="usr_x", asked_by_name="Li Wei", **told)
    return ReplayJob.objects.filter(pk=job.pk)


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("replay_fixed", {"total": 1}),
        ("replay_fixed", {"looked_at": 1}),
        ("replay_fixed", {"kind": "ALL"}),
        ("replay_fixed", {"asked_by": "usr_y"}),
        ("replay_finished_says_when|replay_state_known", {"state": "LOST"}),
        ("replay_finished_says_when", {"state": "DONE"}),
    ],
    ids=_named,
)
def test_a_replay_only_goes_forward(guard: str, change: Change) -> None:
    replay = _replay()
    with refused_by_database(guard):
        replay.update(**change)


def test_one_replay_at_a_time_and_each_ends_once() -> None:
    replay = _replay()
    job = replay.get()
    told: Change = {name: getattr(job, name) for name in ("endpoint", "kind", "since", "until", "total", "created_at")}
    with refused_by_database("replay_one_at_a_time"):
        ReplayJob.objects.create(asked_by="usr_x", asked_by_name="Li Wei", **told)
    replay.update(state="DONE", finished_at=clock.now())
    with refused_by_database("replay_fixed"):
        replay.update(state="RUNNING", finished_at=None)


def test_a_notice_is_read_and_mailed_and_stays_as_it_is(operator: User) -> None:
    told: Change = {"recipient": operator, "kind": "tests.thing", "severity": "INFO", "source": "evt_x"}
    notice = Notice.objects.create(created_at=clock.now(), **told)
    with refused_by_database("notice_once"):
        Notice.objects.create(created_at=clock.now(), **told)
    with refused_by_database("notice_severity_known"):
        Notice.objects.create(created_at=clock.now(), **{**told, "severity": "FATAL", "source": "evt_y"})
    with refused_by_database("notice_fixed"):
        Notice.objects.filter(pk=notice.pk).update(words={"who": "somebody else"})
    Notice.objects.filter(pk=notice.pk).update(read_at=clock.now(), mailed_at=clock.now())
    with refused_by_database("quiet_hours_begin_and_end"):
        NoticePreference.objects.create(user=operator, quiet_from="22:00")


# -- Nothing is lost -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [EndpointHealth, EndpointSecret, Attempt, Delivery, Incident, ReplayJob, Endpoint])
def test_nothing_is_deleted(model: Any) -> None:
    _attempted()
    _incident()
    _replay()
    with refused_by_database("webhook_records_are_kept"):
        model.objects.all()._raw_delete("default")


@pytest.mark.parametrize("table", ["notifications_delivery", "notifications_attempt"])
def test_nothing_is_emptied(table: str) -> None:
    with refused_by_database("append_only"), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")


def test_what_is_in_order_passes_the_guards(operator: User) -> None:
    """The other side of the coin: with the guards awake, a test event is written, sent, and sent again."""
    delivery = send_test_event(endpoint_id=make_endpoint().pk, actor=operator.as_actor(), now=clock.now())
    rows, now = Delivery.objects.filter(pk=delivery.pk), clock.now()
    rows.update(state="DELIVERED", attempts=1, tries=1, next_attempt_at=None, finished_at=now)
    rows.update(state="PENDING", tries=0, next_attempt_at=now, finished_at=None, replayed_at=now)
    rows.update(state="DEAD", why="tries_exhausted", attempts=2, next_attempt_at=None, finished_at=now)
    rows.update(state="DELIVERED", why="", attempts=3)
    assert rows.get().attempts == 3
