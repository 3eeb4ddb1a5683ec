"""Two warnings, then one incident with an owner, closed by itself or by hand; nobody is told of single events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from bankops.core.db import TransactionRequired
from bankops.core.models import AuditEvent, OutboxMessage
from notifications import breaker, locks, staff_routes
from notifications.breaker import Standing, Window
from notifications.models import BreakerState, Endpoint, EndpointHealth, EndpointState, Incident, IncidentKind, Notice
from notifications.services import close_breaker, close_incident, look_after_endpoints, take_over_incident
from notifications.services.health import keep
from notifications.services.incidents import breaker_moved, endpoint_gone
from partners.models import Partner
from staff.models import User
from tests.desk import address, code, words
from tests.notifications.factories import make_endpoint
from tests.notifications.test_housekeeping import busy_with
from tests.notifications.told import make_delivery
from tests.partners.factories import guards_asleep
from tests.personas import SignIn
from tests.unchanged import nothing_changes, refused, refused_by_database

pytestmark = pytest.mark.django_db

NOON = datetime.fromisoformat("2026-11-23T12:00:07+00:00")
MINUTE = timedelta(minutes=1)


class Line:
    """An endpoint whose breaker moves as the carrier moves it, and whose messages the relay hands to staff at once."""

    def __init__(self) -> None:
        self.endpoint = make_endpoint(added_at=NOON - timedelta(days=1))
        self.now = NOON

    @property
    def health(self) -> EndpointHealth:
        return EndpointHealth.objects.get(pk=self.endpoint.pk)

    def results(self, good: int, bad: int) -> BreakerState:
        """Let results come in, and rests be over when they are."""
        with transaction.atomic():
            locks.lock_sending(self.endpoint.pk)
            self._move(0, 0)
            self._move(good, bad)
        self.relay()
        return BreakerState(self.health.breaker)

    def open(self, times: int = 1) -> None:
        for _time in range(times):
            self.now += timedelta(minutes=31)
            self.results(0, 12)

    def relay(self) -> None:
        with transaction.atomic():
            waiting = OutboxMessage.objects.filter(dispatched_at=None, topic__in=staff_routes.topics())
            staff_routes.notices_for(waiting.order_by("pk"), now=self.now)
            waiting.update(dispatched_at=self.now)

    def _move(self, good: int, bad: int) -> None:
        health = self.health
        before = breaker.standing_of(health)
        after = breaker.after(before, Window(good, bad), good=good, bad=bad, now=self.now)
        keep(health, after)
        endpoint = Endpoint.objects.select_related("partner").get(pk=self.endpoint.pk)
        breaker_moved(endpoint=endpoint, before=before, after=after, waiting=3, now=self.now)


@pytest.fixture
def line(operator: User, administrator: User, teller: User) -> Line:
    return Line()


def told(kinds: Iterable[str] = ("resting", "opened", "closed")) -> list[tuple[str, str]]:
    """Return who was told what, in order."""
    rows = Notice.objects.order_by("pk").values_list("kind", "recipient__full_name")
    return sorted((kind.rsplit(".", 1)[1], name) for kind, name in rows if kind.rsplit(".", 1)[1] in kinds)


def recorded(noun: str) -> list[str]:
    prefix = f"notifications.{noun}."
    events = AuditEvent.objects.filter(event_type__startswith=prefix).order_by("pk")
    return [name.removeprefix(prefix) for name in events.values_list("event_type", flat=True)]


# -- Steps -----------------------------------------------------------------------------------------------------------


def test_the_first_opening_warns_those_who_could_work_it(line: Line, operator: User, administrator: User) -> None:
    assert line.results(0, 12) == BreakerState.OPEN
    assert told() == sorted([("resting", operator.full_name), ("resting", administrator.full_name)])
    notice = Notice.objects.filter(recipient=operator).get()
    assert (notice.severity, notice.link) == ("WARNING", f"/admin/notifications/endpoint/{line.endpoint.pk}/change/")
    assert notice.words["waiting"] == "3"
    assert not Incident.objects.exists()


def test_a_warning_nobody_has_read_is_not_repeated(line: Line, operator: User) -> None:
    line.open()
    line.now += MINUTE
    line.results(4, 0)
    line.open()
    assert len([name for _kind, name in told() if name == operator.full_name]) == 1

    Notice.objects.filter(recipient=operator).update(read_at=line.now)
    line.open()
    assert len([name for _kind, name in told() if name == operator.full_name]) == 2


def test_the_third_opening_in_a_row_is_one_incident_however_long_it_lasts(line: Line, operator: User) -> None:
    line.open(times=8)
    incident = Incident.objects.get()
    assert (incident.kind, incident.closed_at) == (IncidentKind.ENDPOINT_DOWN, None)
    assert incident.told == {"waiting": 3, "openings": 8, "last_failure": ""}
    urgent = Notice.objects.filter(recipient=operator, severity="URGENT")
    assert [notice.kind for notice in urgent] == ["notifications.incident.opened"]
    assert recorded("incident") == ["opened"]


def test_every_move_is_on_record_and_announced_to_nobody_outside(line: Line) -> None:
    line.open(times=2)
    line.now += timedelta(minutes=5)
    line.results(4, 0)
    moves = ["breaker_opened", "breaker_half_opened", "breaker_opened", "breaker_half_opened", "breaker_closed"]
    assert recorded("endpoint") == moves
    messages = OutboxMessage.objects.filter(subject_id=line.endpoint.public_id)
    assert {(message.audience, message.payload["host"]) for message in messages} == {("", "hooks.example.com")}


def test_results_that_move_nothing_leave_nothing(line: Line) -> None:
    line.results(3, 1)
    assert (recorded("endpoint"), told()) == ([], [])


def test_telling_belongs_to_the_transaction_of_the_results(line: Line) -> None:
    with pytest.raises(TransactionRequired):
        breaker_moved(
            endpoint=line.endpoint, before=Standing(), after=Standing(BreakerState.OPEN, NOON), waiting=0, now=NOON
        )


# -- How an incident ends --------------------------------------------------------------------------------------------


def test_an_incident_closes_itself_when_probes_arrive(line: Line, operator: User) -> None:
    line.open(times=3)
    line.now += timedelta(minutes=31)
    assert line.results(4, 0) == BreakerState.CLOSED
    incident = Incident.objects.get()
    assert (incident.closed_at, bool(incident.closed_because)) == (line.now, True)
    assert ("closed", operator.full_name) in told()
    line.open(times=3)
    assert Incident.objects.count() == 2, "another outage, another incident"


def test_whoever_takes_it_over_hears_how_it_ends_and_the_others_do_not(
    line: Line, operator: User, administrator: User
) -> None:
    line.open(times=3)
    take_over_incident(incident_id=Incident.objects.get().pk, person=operator, now=line.now)
    line.now += timedelta(minutes=31)
    line.results(4, 0)
    assert told(["closed"]) == [("closed", operator.full_name)]
    assert recorded("incident") == ["opened", "taken_over", "closed"]


def test_an_incident_can_be_taken_over_from_somebody(line: Line, operator: User, administrator: User) -> None:
    line.open(times=3)
    key = Incident.objects.get().pk
    take_over_incident(incident_id=key, person=operator, now=line.now)
    line.relay()
    assert told(["taken_over"]) == [], "it was nobody's before"
    assert take_over_incident(incident_id=key, person=administrator, now=line.now).owner == administrator
    line.relay()
    assert told(["taken_over"]) == [("taken_over", operator.full_name)]
    notice = Notice.objects.get(kind="notifications.incident.taken_over")
    assert (notice.link, notice.severity) == (address(Incident.objects.get()), "INFO")
    changes = AuditEvent.objects.filter(event_type="notifications.incident.taken_over").order_by("pk").last()
    assert changes is not None
    assert changes.changes == {"owner": [operator.full_name, administrator.full_name]}
    with refused("incident_yours_already"):
        take_over_incident(incident_id=key, person=administrator, now=line.now)


def test_an_incident_is_closed_by_hand_with_a_reason_and_tells_whoever_looked_after_it(
    line: Line, operator: User, administrator: User
) -> None:
    line.open(times=3)
    incident = take_over_incident(incident_id=Incident.objects.get().pk, person=operator, now=line.now)
    with refused("reason_required"):
        close_incident(incident_id=incident.pk, actor=administrator.as_actor(), reason=" ", now=line.now)
    close_incident(incident_id=incident.pk, actor=administrator.as_actor(), reason="They move house.", now=line.now)
    line.relay()
    assert Incident.objects.get().closed_because == "They move house."
    assert told(["closed"]) == [("closed", operator.full_name)]
    with refused("incident_closed"):
        close_incident(incident_id=incident.pk, actor=administrator.as_actor(), reason="Again", now=line.now)
    with refused("incident_closed"):
        take_over_incident(incident_id=incident.pk, person=administrator, now=line.now)


def test_whoever_closes_it_is_not_told_that_they_did(line: Line, operator: User, administrator: User) -> None:
    line.open(times=3)
    key = Incident.objects.get().pk
    close_incident(incident_id=key, actor=operator.as_actor(), reason="Known.", now=line.now)
    line.relay()
    assert told(["closed"]) == [("closed", administrator.full_name)]


def test_an_owner_does_not_close_an_incident_in_silence(line: Line, operator: User, administrator: User) -> None:
    line.open(times=3)
    incident = take_over_incident(incident_id=Incident.objects.get().pk, person=operator, now=line.now)
    close_incident(incident_id=incident.pk, actor=operator.as_actor(), reason="Nothing to see.", now=line.now)
    line.relay()
    assert told(["closed"]) == [("closed", administrator.full_name)]


def test_an_endpoint_that_is_gone_is_an_incident_of_its_own(line: Line, operator: User) -> None:
    line.open(times=3)
    with transaction.atomic():
        incident = endpoint_gone(endpoint=line.endpoint, now=line.now)
        again = endpoint_gone(endpoint=line.endpoint, now=line.now)
    line.relay()
    assert incident == again
    assert (incident.kind, incident.closed_at) == (IncidentKind.ENDPOINT_GONE, None)
    assert Incident.objects.filter(closed_at=None).count() == 1
    assert ("opened", operator.full_name) in told(["opened"])


# -- The database ----------------------------------------------------------------------------------------------------


def test_one_incident_is_open_for_an_endpoint_and_kind(line: Line) -> None:
    line.open(times=3)
    with refused_by_database("incident_open_once"):
        Incident.objects.create(endpoint=line.endpoint, kind=IncidentKind.ENDPOINT_DOWN, opened_at=line.now)


@pytest.mark.parametrize("fields", [{"closed_at": NOON}, {"closed_because": "x"}], ids=str)
def test_a_closed_incident_says_why(line: Line, fields: dict[str, object]) -> None:
    with refused_by_database("incident_closed_says_why"):
        Incident.objects.create(endpoint=line.endpoint, kind=IncidentKind.ENDPOINT_DOWN, opened_at=NOON, **fields)


def test_an_incident_is_of_a_kind_there_is(line: Line) -> None:
    with refused_by_database("incident_kind_known"):
        Incident.objects.create(endpoint=line.endpoint, kind="GOSSIP", opened_at=line.now)


# -- By hand ---------------------------------------------------------------------------------------------------------


def test_a_breaker_is_closed_by_hand_with_a_reason(line: Line, operator: User) -> None:
    line.open(times=3)
    with refused("reason_required"):
        close_breaker(endpoint_id=line.endpoint.pk, actor=operator.as_actor(), reason="", now=line.now)
    health = close_breaker(
        endpoint_id=line.endpoint.pk, actor=operator.as_actor(), reason="They restarted it.", now=line.now
    )
    assert (health.breaker, health.probe_at, health.opened_in_a_row) == (BreakerState.CLOSED, None, 3)
    event = AuditEvent.objects.filter(event_type="notifications.endpoint.breaker_closed").get()
    assert (event.actor_id, event.reason) == (operator.public_id, "They restarted it.")
    assert event.changes == {"breaker": ["OPEN", "CLOSED"]}
    assert Incident.objects.get().closed_at is None, "nothing is proven yet"
    with refused("breaker_not_open"):
        close_breaker(endpoint_id=line.endpoint.pk, actor=operator.as_actor(), reason="Again", now=line.now)


def test_failing_again_it_rests_for_longer_and_is_the_same_incident(line: Line, operator: User) -> None:
    line.open(times=3)
    close_breaker(endpoint_id=line.endpoint.pk, actor=operator.as_actor(), reason="Try.", now=line.now)
    line.now += MINUTE
    line.results(0, 12)
    assert line.health.probe_at == line.now + 10 * MINUTE
    assert Incident.objects.get().told["openings"] == 4


# -- The sweep -------------------------------------------------------------------------------------------------------


def test_after_half_an_hour_of_silence_there_is_an_incident(line: Line) -> None:
    """Retries come so rarely that the third opening would take hours."""
    make_delivery(line.endpoint, now=NOON)
    line.results(0, 12)
    assert look_after_endpoints(now=NOON + 29 * MINUTE) == 0
    assert [look_after_endpoints(now=NOON + 30 * MINUTE), look_after_endpoints(now=NOON + 31 * MINUTE)] == [1, 0]
    assert Incident.objects.get().told["waiting"] == 1


@pytest.mark.parametrize("why", ["nothing waits", "paused", "suspended", "something arrived"])
def test_no_incident_where_nothing_is_held_up(line: Line, why: str) -> None:
    delivery = make_delivery(line.endpoint, now=NOON)
    line.results(0, 12)
    with guards_asleep():
        if why == "nothing waits":
            type(delivery).objects.update(state="DEAD", why="too_old", next_attempt_at=None, finished_at=NOON)
        elif why == "paused":
            Endpoint.objects.update(state=EndpointState.PAUSED)
        elif why == "suspended":
            Partner.objects.update(state="SUSPENDED")
        else:
            EndpointHealth.objects.update(last_success_at=NOON + 20 * MINUTE)
    assert look_after_endpoints(now=NOON + 40 * MINUTE) == 0


def test_an_incident_ends_an_hour_after_it_was_closed_by_hand_and_took_events(line: Line, operator: User) -> None:
    line.open(times=3)
    closed = line.now
    close_breaker(endpoint_id=line.endpoint.pk, actor=operator.as_actor(), reason="They restarted it.", now=closed)
    assert look_after_endpoints(now=closed + 61 * MINUTE) == 0, "it took nothing"
    EndpointHealth.objects.update(last_success_at=closed + 50 * MINUTE)
    assert look_after_endpoints(now=closed + 59 * MINUTE) == 0
    assert look_after_endpoints(now=closed + 61 * MINUTE) == 1
    assert Incident.objects.get().closed_at == closed + 61 * MINUTE


def test_an_endpoint_that_somebody_has_for_too_long_is_looked_after_by_the_next_sweep(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [make_endpoint(), make_endpoint()]
    for endpoint in (line.endpoint, *others):
        make_delivery(endpoint, now=NOON)
    EndpointHealth.objects.update(breaker=BreakerState.OPEN, breaker_since=NOON, probe_at=NOON)
    with busy_with(line.endpoint, monkeypatch):
        assert look_after_endpoints(now=NOON + 30 * MINUTE) == 2
    assert look_after_endpoints(now=NOON + 31 * MINUTE) == 1
    assert Incident.objects.order_by("pk").values_list("endpoint", flat=True).last() == line.endpoint.pk


# -- Routes ----------------------------------------------------------------------------------------------------------


def test_a_message_tells_nobody_twice(line: Line) -> None:
    line.open()
    before = told()
    OutboxMessage.objects.update(dispatched_at=None)
    Notice.objects.update(read_at=line.now)
    line.relay()
    assert told() == before


def test_a_route_that_fails_keeps_the_others_from_nothing(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The relay's transaction goes on: what partners are to be told is in it."""
    routes = dict(staff_routes._routes)
    broken = routes["notifications.endpoint.breaker_opened"]

    def fails(_told: staff_routes.Told) -> list[object]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        return []

    monkeypatch.setitem(
        staff_routes._routes,
        "notifications.endpoint.breaker_opened",
        staff_routes.Route(broken.kind, fails, broken.words, broken.link),  # type: ignore[arg-type]
    )
    line.open(times=3)
    assert {kind for kind, _name in told()} == {"opened"}


# -- At the desk -----------------------------------------------------------------------------------------------------

INCIDENTS = "/admin/notifications/incident/"


def test_an_incident_is_taken_over_and_closed_at_the_desk(line: Line, operator: User, signed_in_client: SignIn) -> None:
    line.open(times=3)
    incident = Incident.objects.get()
    desk = signed_in_client(operator)
    shown = words(desk.get(INCIDENTS))
    assert "a webhook endpoint does not take events" in shown
    assert line.endpoint.partner.name in shown

    answer = desk.post(address(incident, "take_over_incident"), follow=True)
    assert f"You look after incident {incident.public_id}." in words(answer)
    assert Incident.objects.get().owner == operator

    with nothing_changes():
        assert code(desk.post(address(incident, "close_incident"), {"reason": " "})) == ""
    answer = desk.post(address(incident, "close_incident"), {"reason": "They told us why."}, follow=True)
    assert "They told us why." in words(answer)
    assert "Incident opened" in words(answer)
    page = desk.get(address(incident)).content.decode()
    assert "take_over_incident" not in page
    assert "close_incident" not in page


def test_the_list_can_be_narrowed_to_what_is_open(line: Line, operator: User, signed_in_client: SignIn) -> None:
    line.open(times=3)
    desk = signed_in_client(operator)
    assert line.endpoint.url in words(desk.get(f"{INCIDENTS}?standing=open"))
    assert line.endpoint.url not in words(desk.get(f"{INCIDENTS}?standing=closed"))


def test_a_long_list_of_incidents_asks_as_often_as_a_short_one(
    line: Line, operator: User, signed_in_client: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    line.open(times=3)
    for number in range(30):
        Incident.objects.create(
            endpoint=line.endpoint,
            kind=IncidentKind.ENDPOINT_DOWN,
            opened_at=NOON + number * MINUTE,
            owner=operator,
            closed_at=NOON,
            closed_because="over",
        )
    desk = signed_in_client(operator)
    desk.get(INCIDENTS)
    with django_assert_max_num_queries(16):
        assert desk.get(INCIDENTS).status_code == 200
