"""An endpoint from the first order to its end, every step through the real gate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bankops.core import clock, operations
from bankops.core.actor import Actor
from bankops.core.errors import BankOpsError
from bankops.core.models import AuditEvent, OutboxMessage
from notifications import dead_letters
from notifications.models import DEFAULT_WAITS, Delivery, Endpoint, EndpointHealth, EndpointSecret
from notifications.services import disable_gone_endpoint, housekeeping, pick_up_endpoint_secret, send_test_event
from partners.models import Partner
from staff.errors import CodeRefused, TooManyWrongCodes
from staff.models import User
from tests.approvals.factories import Bank, approve_all, fresh_code
from tests.notifications.endpoint_orders import HOOK, added, agreed, picked_up, submit
from tests.notifications.factories import make_endpoint, make_endpoint_secret
from tests.partners.factories import make_partner
from tests.unchanged import nothing_changes, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bank", "shipped")]


@pytest.fixture
def admin(bank: Bank) -> User:
    return bank.administrator


def waiting_delivery(endpoint: Endpoint) -> Delivery:
    """Return a delivery that waits to be sent."""
    return send_test_event(endpoint_id=endpoint.pk, actor=Actor.system("tests"), now=clock.now())


# -- The whole way -----------------------------------------------------------------------------------------------------


def test_from_the_order_to_a_secret_that_signs(operator: User, admin: User) -> None:
    partner = make_partner()
    endpoint = added(operator, partner, admin, description="Shop", event_types=["notifications.endpoint.test"])
    assert (endpoint.state, endpoint.url, endpoint.description) == ("AWAITING_PICKUP", HOOK, "Shop")
    assert (endpoint.waits, endpoint.max_in_flight, endpoint.timeout_seconds) == ([*DEFAULT_WAITS], 4, 15)
    assert endpoint.event_types == ["notifications.endpoint.test"]
    assert EndpointHealth.objects.get(endpoint=endpoint).breaker == "CLOSED"
    secret = picked_up(endpoint, admin)
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.pickup_by) == ("ENABLED", None)
    kept = EndpointSecret.objects.get()
    assert (kept.secret.reveal(), kept.hint, kept.valid_until) == (secret, secret[-4:], None)
    assert secret.startswith("whsec_")


def test_the_trail_tells_it_and_no_secret(operator: User, admin: User) -> None:
    endpoint = added(operator, make_partner(), admin)
    secret = picked_up(endpoint, admin)
    submit(operator, "pause_endpoint", endpoint=endpoint.public_id)
    agreed(operator, "resume_endpoint", endpoint=endpoint.public_id)
    submit(operator, "disable_endpoint", endpoint=endpoint.public_id)
    trail = AuditEvent.objects.filter(subject_id=endpoint.public_id).order_by("id")
    said = [event.event_type.rpartition(".")[2] for event in trail]
    assert said == ["added", "secret_picked_up", "paused", "resumed", "disabled"]
    assert not any(secret in str(event.detail) + str(event.changes) for event in AuditEvent.objects.all())
    assert endpoint.history.count() == 5


def test_whoever_asks_gets_the_secret_where_nobody_is_named(admin: User, operator: User) -> None:
    partner = make_partner()
    with refused("may_not_pick_up"):  # an operator works with what is told, and signs none of it
        submit(operator, "add_endpoint", partner=partner.public_id, url=HOOK)
    with nothing_changes(), pytest.raises(BankOpsError):  # nor does an administrator choose an address
        submit(admin, "add_endpoint", partner=partner.public_id, url=HOOK)


# -- The secret, once ----------------------------------------------------------------------------------------------------


def test_a_secret_is_shown_once(operator: User, admin: User) -> None:
    endpoint = added(operator, make_partner(), admin)
    picked_up(endpoint, admin)
    with refused("secret_not_waiting"):
        picked_up(endpoint, admin, "000000")


def test_nobody_else_can_pick_it_up(bank: Bank, operator: User, admin: User) -> None:
    endpoint = added(operator, make_partner(), admin)
    for other in (operator, bank.final[0]):
        with refused("endpoint_secret_not_yours"):
            picked_up(endpoint, other, "000000")


def test_a_wrong_code_shows_nothing(operator: User, admin: User) -> None:
    endpoint = added(operator, make_partner(), admin)
    wrong = "000000" if fresh_code(admin) != "000000" else "000001"
    with pytest.raises((CodeRefused, TooManyWrongCodes)):
        picked_up(endpoint, admin, wrong)
    assert not EndpointSecret.objects.exists()


def test_what_was_not_picked_up_in_time_is_asked_for_again(operator: User, admin: User) -> None:
    endpoint = added(operator, make_partner(), admin)
    late = clock.now() + timedelta(hours=73)
    with refused("secret_not_waiting"):
        pick_up_endpoint_secret(endpoint_id=endpoint.pk, user=admin, code="000000", now=late)
    agreed(admin, "rotate_endpoint_secret", endpoint=endpoint.public_id)
    picked_up(endpoint, admin)
    endpoint.refresh_from_db()
    assert endpoint.state == "ENABLED"


def test_old_and_new_secret_overlap(operator: User, admin: User) -> None:
    endpoint = added(operator, make_partner(), admin)
    old = picked_up(endpoint, admin)
    agreed(admin, "rotate_endpoint_secret", endpoint=endpoint.public_id, overlap_hours=24)
    assert EndpointSecret.objects.get().valid_until is None  # until the new one is picked up
    picked_up(endpoint, admin)
    ends = EndpointSecret.objects.get(hint=old[-4:]).valid_until
    assert ends is not None
    assert timedelta(hours=23) < ends - clock.now() <= timedelta(hours=24)


def test_a_third_secret_waits(admin: User) -> None:
    endpoint = make_endpoint()
    make_endpoint_secret(endpoint)
    agreed(admin, "rotate_endpoint_secret", endpoint=endpoint.public_id, overlap_hours=48)
    with refused("endpoint_secrets_still_live"):
        picked_up(endpoint, admin, "000000")


def test_without_overlap_both_old_ones_end_at_once(admin: User) -> None:
    endpoint = make_endpoint()
    make_endpoint_secret(endpoint)
    agreed(admin, "rotate_endpoint_secret", endpoint=endpoint.public_id, overlap_hours=0)
    new = picked_up(endpoint, admin)
    assert [kept.hint for kept in EndpointSecret.objects.filter(valid_until=None)] == [new[-4:]]


@pytest.mark.parametrize("hours", [-1, 169, 1.5, "24", True])
def test_an_overlap_is_whole_hours_of_a_week(admin: User, hours: Any) -> None:
    endpoint = make_endpoint()
    with refused("overlap_out_of_range"):
        submit(admin, "rotate_endpoint_secret", endpoint=endpoint.public_id, overlap_hours=hours)


# -- Changes ---------------------------------------------------------------------------------------------------------------


def test_what_is_left_out_of_a_change_stays(operator: User) -> None:
    endpoint = make_endpoint(url=HOOK, description="Shop", waits=[5, 60])
    agreed(operator, "change_endpoint", endpoint=endpoint.public_id, url=f"{HOOK}/new", max_in_flight=8)
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.description) == (f"{HOOK}/new", "Shop")
    assert (endpoint.waits, endpoint.max_in_flight) == ([5, 60], 8)
    trail = AuditEvent.objects.get(event_type="notifications.endpoint.changed")
    assert trail.changes == {"url": [HOOK, f"{HOOK}/new"], "max_in_flight": [4, 8]}


def test_a_changed_address_is_a_warning_to_reviewers(operator: User) -> None:
    endpoint = make_endpoint(url=HOOK)
    request = submit(operator, "change_endpoint", endpoint=endpoint.public_id, url=f"{HOOK}/new").request
    described = request.versions.get().description
    assert ["Address", HOOK, f"{HOOK}/new"] in [[label.capitalize(), *pair] for label, *pair in described["changes"]]
    assert len(described["warnings"]) == 1


def test_a_change_to_what_changed_meanwhile_is_stale(operator: User) -> None:
    endpoint = make_endpoint(url=HOOK)
    first = submit(operator, "change_endpoint", endpoint=endpoint.public_id, max_in_flight=8).request
    agreed(operator, "change_endpoint", endpoint=endpoint.public_id, timeout_seconds=5)
    assert approve_all(first).state == "STALE"
    endpoint.refresh_from_db()
    assert (endpoint.max_in_flight, endpoint.timeout_seconds) == (4, 5)


# -- Whether events are sent -----------------------------------------------------------------------------------------------


def test_pausing_works_at_once_and_resuming_is_reviewed(operator: User) -> None:
    endpoint = make_endpoint()
    delivery = waiting_delivery(endpoint)
    assert submit(operator, "pause_endpoint", endpoint=endpoint.public_id).result.state == "PAUSED"
    delivery.refresh_from_db()
    assert delivery.state == "PENDING"
    agreed(operator, "resume_endpoint", endpoint=endpoint.public_id)
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.state_reason) == ("ENABLED", "a contract was signed")


def test_disabling_gives_up_what_waits(operator: User) -> None:
    endpoint, other = make_endpoint(), make_endpoint()
    lost, kept = waiting_delivery(endpoint), waiting_delivery(other)
    assert submit(operator, "disable_endpoint", endpoint=endpoint.public_id).result.state == "DISABLED"
    lost.refresh_from_db()
    kept.refresh_from_db()
    assert (lost.state, lost.why, lost.next_attempt_at) == ("DEAD", "endpoint_disabled", None)
    assert kept.state == "PENDING"
    detail = AuditEvent.objects.get(event_type="notifications.endpoint.disabled").detail
    assert detail == {"given_up": 1, "why": "endpoint_disabled"}
    with refused("endpoint_disabled"):
        submit(operator, "disable_endpoint", endpoint=endpoint.public_id)


@pytest.mark.parametrize("why", ["endpoint_disabled", "endpoint_gone"])
def test_of_much_that_waits_a_part_is_given_up_at_once_and_the_rest_by_the_sweep_for_the_same_reason(
    operator: User, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    monkeypatch.setattr(dead_letters, "PIECE", 2)
    endpoint = make_endpoint()
    for _time in range(5):
        waiting_delivery(endpoint)
    if why == "endpoint_gone":
        disable_gone_endpoint(endpoint_id=endpoint.pk, now=clock.now())
    else:
        submit(operator, "disable_endpoint", endpoint=endpoint.public_id)
    dead = endpoint.deliveries.filter(state="DEAD", why=why)
    assert dead.count() == 2
    assert AuditEvent.objects.get(event_type="notifications.endpoint.disabled").detail["given_up"] == 5
    assert housekeeping.give_up_for_disabled(now=clock.now()) == 3
    assert dead.count() == 5


def test_an_endpoint_gets_so_many_test_events_an_hour(settings: Any) -> None:
    settings.BANKOPS_WEBHOOK_TEST_EVENTS_PER_HOUR = 3
    endpoint, other, began = make_endpoint(), make_endpoint(), clock.now()

    def send(to: Endpoint, minutes: int) -> Delivery:
        by = Actor.system("tests")
        return send_test_event(endpoint_id=to.pk, actor=by, now=began + timedelta(minutes=minutes))

    for minutes in (0, 20, 40):
        send(endpoint, minutes)
    with refused("too_many_test_events") as caught:
        send(endpoint, 59)
    assert (caught.value.context, caught.value.retry_after) == ({"limit": 3, "seconds": 60}, 60)  # type: ignore[attr-defined]
    send(other, 59)
    send(endpoint, 60)
    with refused("too_many_test_events"):
        send(endpoint, 79)


def test_what_is_gone_is_disabled_without_asking(operator: User) -> None:
    endpoint = make_endpoint()
    delivery = waiting_delivery(endpoint)
    disable_gone_endpoint(endpoint_id=endpoint.pk, now=clock.now())
    endpoint.refresh_from_db()
    delivery.refresh_from_db()
    assert (endpoint.state, endpoint.state_reason) == ("DISABLED", "It answered 410 Gone.")
    assert (delivery.state, delivery.why) == ("DEAD", "endpoint_gone")
    with refused("endpoint_disabled"):
        disable_gone_endpoint(endpoint_id=endpoint.pk, now=clock.now())


def test_without_a_secret_nothing_is_sent(operator: User, admin: User) -> None:
    endpoint = added(operator, make_partner(), admin)
    with refused("endpoint_not_enabled"):
        submit(operator, "pause_endpoint", endpoint=endpoint.public_id)
    with refused("endpoint_at_work"):
        submit(operator, "resume_endpoint", endpoint=endpoint.public_id)
    submit(operator, "disable_endpoint", endpoint=endpoint.public_id)
    with refused("endpoint_without_secret"):
        submit(operator, "resume_endpoint", endpoint=endpoint.public_id)
    picked_up(endpoint, admin)
    endpoint.refresh_from_db()
    assert endpoint.state == "DISABLED"  # a secret alone lets nothing be sent
    agreed(operator, "resume_endpoint", endpoint=endpoint.public_id)


@pytest.mark.parametrize("key", ["change_endpoint", "resume_endpoint"])
def test_a_partner_suspended_meanwhile_is_told_nothing_new(operator: User, key: str) -> None:
    endpoint = make_endpoint(url=HOOK, state="PAUSED")
    change = {"max_in_flight": 1} if key == "change_endpoint" else {}
    request = submit(operator, key, endpoint=endpoint.public_id, **change).request
    Partner.objects.filter(pk=endpoint.partner_id).update(state="SUSPENDED")
    assert approve_all(request).state == "STALE"


# -- Trying it out ---------------------------------------------------------------------------------------------------------


def test_a_test_event_goes_to_this_endpoint_alone(operator: User) -> None:
    endpoint = make_endpoint(event_types=["transactions.transfer.posted"])
    make_endpoint(endpoint.partner, url=f"{HOOK}/other")
    first = send_test_event(endpoint_id=endpoint.pk, actor=operator.as_actor(), now=clock.now())
    second = send_test_event(endpoint_id=endpoint.pk, actor=operator.as_actor(), now=clock.now())
    message = OutboxMessage.objects.get(pk=first.message_id)
    assert message.dispatched_at is not None
    assert (message.topic, message.audience) == ("notifications.endpoint.test", endpoint.partner.public_id)
    assert (first.subject_id, first.event_id, first.state) == (endpoint.public_id, message.event_id, "PENDING")
    assert (first.sequence, second.sequence) == (1, 2)
    assert Delivery.objects.count() == 2
    assert AuditEvent.objects.filter(event_type="notifications.endpoint.test_sent").count() == 2


@pytest.mark.parametrize("state", ["AWAITING_PICKUP", "PAUSED", "DISABLED"])
def test_only_an_enabled_endpoint_is_tried_out(operator: User, state: str) -> None:
    endpoint = make_endpoint(state=state)
    with refused("endpoint_not_enabled"):
        send_test_event(endpoint_id=endpoint.pk, actor=operator.as_actor(), now=clock.now())


# -- What is refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": ""}, "webhook_address_invalid"),
        ({"url": "ftp://127.0.0.1/"}, "webhook_address_invalid"),
        ({"url": "https://who:ever@127.0.0.1/"}, "webhook_address_invalid"),
        ({"url": "https://169.254.169.254/"}, "webhook_address_refused"),
        ({"url": "https://10.0.0.1/"}, "webhook_address_refused"),
        ({"url": f"https://127.0.0.1/{'a' * 500}"}, "text_too_long"),
        ({"description": "a\x00"}, "unstorable_text"),
        ({"event_types": ["no.such.event"]}, "unknown_event_type"),
        ({"event_types": "transactions"}, "unknown_event_type"),
        ({"waits": []}, "waits_out_of_range"),
        ({"waits": [60] * 13}, "waits_out_of_range"),
        ({"waits": [0]}, "waits_out_of_range"),
        ({"waits": [86_401]}, "waits_out_of_range"),
        ({"waits": [1.5]}, "waits_out_of_range"),
        ({"waits": [True]}, "waits_out_of_range"),
        ({"waits": "60"}, "waits_out_of_range"),
        ({"max_in_flight": 0}, "in_flight_out_of_range"),
        ({"max_in_flight": 17}, "in_flight_out_of_range"),
        ({"timeout_seconds": 31}, "timeout_out_of_range"),
        ({"timeout_seconds": "5"}, "timeout_out_of_range"),
    ],
    ids=lambda value: str(value)[:40],
)
@pytest.mark.parametrize("key", ["add_endpoint", "change_endpoint"])
def test_terms_that_cannot_be_kept(admin: User, operator: User, key: str, change: dict[str, Any], code: str) -> None:
    endpoint = make_endpoint(url=HOOK)
    about: dict[str, Any] = {"partner": make_partner().public_id, "secret_for": admin.public_id, "url": HOOK}
    with refused(code):
        submit(operator, key, **({"endpoint": endpoint.public_id} if key == "change_endpoint" else about) | change)


def test_an_address_is_used_once_while_it_is_in_use(operator: User, admin: User) -> None:
    endpoint = make_endpoint(url=HOOK)
    wish = {"partner": endpoint.partner.public_id, "secret_for": admin.public_id, "url": HOOK}
    with refused("endpoint_address_taken"):
        submit(operator, "add_endpoint", **wish)
    other = make_endpoint(endpoint.partner, url=f"{HOOK}/other")
    with refused("endpoint_address_taken"):
        submit(operator, "change_endpoint", endpoint=other.public_id, url=HOOK)
    submit(operator, "disable_endpoint", endpoint=endpoint.public_id)
    agreed(operator, "add_endpoint", **wish)
    with refused("endpoint_address_taken"):
        submit(operator, "resume_endpoint", endpoint=endpoint.public_id)


def test_a_partner_has_so_many_and_no_more(operator: User, admin: User) -> None:
    partner = make_partner()
    for number in range(20):
        make_endpoint(partner, url=f"{HOOK}/{number}")
    with refused("too_many_endpoints"):
        submit(operator, "add_endpoint", partner=partner.public_id, secret_for=admin.public_id, url=HOOK)


def test_two_equal_wishes_become_one_endpoint(operator: User, admin: User) -> None:
    wish = {"partner": make_partner().public_id, "secret_for": admin.public_id, "url": HOOK}
    late = submit(operator, "add_endpoint", **wish, description="the same again").request
    agreed(operator, "add_endpoint", **wish)
    assert approve_all(late).state == "STALE"
    assert Endpoint.objects.count() == 1


@pytest.mark.parametrize(
    ("key", "payload", "code"),
    [
        ("pause_endpoint", {"endpoint": "wep_" + "0" * 26}, "unknown_endpoint"),
        ("pause_endpoint", {"endpoint": "ptn_" + "0" * 26}, "invalid_id"),
        ("add_endpoint", {"partner": "ptn_" + "0" * 26, "url": HOOK}, "unknown_partner"),
        ("change_endpoint", {}, "invalid_id"),
    ],
)
def test_what_is_not_there_is_not_found(operator: User, key: str, payload: dict[str, Any], code: str) -> None:
    with refused(code):
        submit(operator, key, **payload)


def test_nothing_would_change(operator: User) -> None:
    endpoint = make_endpoint(url=HOOK)
    with refused("endpoint_unchanged"):
        submit(operator, "change_endpoint", endpoint=endpoint.public_id, url=HOOK)


def test_a_reason_is_wanted(operator: User) -> None:
    endpoint = make_endpoint(url=HOOK)
    order = operations.Order(actor=operator.as_actor(), now=clock.now())
    with refused("reason_required"):
        operations.submit("notifications.disable_endpoint", {"endpoint": endpoint.public_id}, order)


@pytest.mark.parametrize("key", ["add_endpoint", "rotate_endpoint_secret"])
def test_only_staff_get_secrets(open_gate: object, key: str) -> None:
    endpoint = make_endpoint(url=HOOK)
    payload = {"partner": make_partner().public_id, "url": HOOK, "endpoint": endpoint.public_id}
    order = operations.Order(actor=Actor.system("night"), now=clock.now(), reason="why not")
    with refused("staff_only"):
        operations.submit(f"notifications.{key}", payload, order)
