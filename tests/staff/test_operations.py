"""What is done to people with consent: cleaned, described, refused before anybody reviews, carried out once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bankops.core import operations
from bankops.core.actor import Actor
from bankops.core.db import TransactionRequired
from bankops.core.models import AuditEvent
from staff import services
from staff.models import Branch, OneTimeCodeDevice, User
from staff.roles import Role
from tests.consent import OpenGate
from tests.personas import give_phone, hire
from tests.unchanged import refused

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEYS = ["staff.disable_user", "staff.enable_user", "staff.grant_role", "staff.reset_second_factor", "staff.revoke_role"]

# What each does to a teller who is at work; `staff.enable_user` to one who is not.
WISHES: dict[str, dict[str, str]] = {key: {} for key in KEYS} | {
    "staff.grant_role": {"role": "operator"},
    "staff.revoke_role": {"role": "teller"},
}


@pytest.fixture
def order(administrator: User) -> operations.Order:
    return operations.Order(actor=administrator.as_actor(), now=NOON, reason="As agreed")


def describe(key: str, user: User, **more: str) -> operations.Description:
    operation = operations.get(key)
    return operation.describe(operation.clean({"user": user.public_id, **more}))


def preconditions(key: str, user: User, **more: str) -> dict[str, Any]:
    operation = operations.get(key)
    return operation.preconditions(operation.clean({"user": user.public_id, **more}))


def put_to(key: str, user: User) -> User:
    """Bring somebody into the state in which the operation makes sense."""
    if key == "staff.enable_user":
        user.is_active = False
        user.save(update_fields=["is_active"])
    return user


# -- Registered, and nothing past the gate ---------------------------------------------------------------------------------


def test_they_are_known_by_the_name_of_the_right_the_service_and_the_door() -> None:
    registered = operations.registered()
    assert [key for key in registered if key.startswith("staff.")] == KEYS
    assert [registered[key].permission for key in KEYS] == KEYS
    assert all(hasattr(services, key.partition(".")[2]) for key in KEYS)


CALLS: dict[str, Callable[..., Any]] = {
    "grant_role": lambda **terms: services.grant_role(role=Role.OPERATOR, **terms),
    "revoke_role": lambda **terms: services.revoke_role(role=Role.TELLER, **terms),
    "disable_user": services.disable_user,
    "enable_user": services.enable_user,
    "reset_second_factor": services.reset_second_factor,
}


@pytest.mark.parametrize("name", CALLS)
def test_a_service_called_past_the_gate_is_refused(teller: User, administrator: User, name: str) -> None:
    put_to(f"staff.{name}", teller)
    terms = {"actor": administrator.as_actor(), "reason": "Quickly", "now": NOON}
    with refused("consent_required"):
        CALLS[name](user=teller, **terms)
    with operations.carrying_out("tests.something_else"), refused("consent_required"):
        CALLS[name](user=teller, **terms)
    with refused("consent_required"):
        CALLS[name](user=teller, **{**terms, "actor": Actor.system("a-task")})


# -- Payload ---------------------------------------------------------------------------------------------------------------


def test_the_same_wish_is_the_same_payload(teller: User) -> None:
    grant = operations.get("staff.grant_role")
    clean = {"user": teller.public_id, "role": "operator"}
    spelled = {"role": Role.OPERATOR, "user": f" {teller.public_id.upper()} ", "smuggled": "x"}
    assert grant.clean(clean) == grant.clean(spelled) == clean
    assert type(grant.clean(spelled)["role"]) is str
    assert operations.get("staff.disable_user").clean(spelled) == {"user": teller.public_id}


@pytest.mark.django_db
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    ("user", "code"),
    [
        (None, "invalid_id"),
        ("", "invalid_id"),
        (7, "invalid_id"),
        (["usr_1"], "invalid_id"),
        ("acc_00000000000000000000000000", "invalid_id"),
        ("usr_00000000000000000000000000", "user_not_found"),
    ],
)
def test_a_payload_that_names_nobody_is_refused(key: str, user: Any, code: str) -> None:
    with refused(code):
        operations.get(key).clean({"user": user, "role": "teller"})
    with refused("invalid_id"):
        operations.get(key).clean({"role": "teller"})


@pytest.mark.parametrize("role", [None, "", "owner", "TELLER", 1, ["teller"]])
@pytest.mark.parametrize("key", ["staff.grant_role", "staff.revoke_role"])
def test_a_role_that_does_not_exist_is_refused(teller: User, key: str, role: Any) -> None:
    with refused("unknown_role"):
        operations.get(key).clean({"user": teller.public_id, "role": role})


# -- What reviewers read -----------------------------------------------------------------------------------------------------


def test_reviewers_read_what_somebody_will_hold(teller: User) -> None:
    text = describe("staff.grant_role", teller, role="operator")
    assert text.summary == "T1001 Tang Ling is given the role Operator."
    assert dict(text.changes) == {"Roles": ("Teller", "Teller, Operator")}
    assert text.warnings == []


def test_reviewers_read_what_is_left(first_reviewer: User, branch: Branch) -> None:
    hire("T1031", "Second", Role.FIRST_REVIEWER, branch)
    text = describe("staff.revoke_role", first_reviewer, role="first_reviewer")
    assert text.summary == "T1003 Fang Rui loses the role First reviewer."
    assert dict(text.changes) == {"Roles": ("First reviewer", "none")}
    assert text.warnings == ["Only 1 active people hold the role First reviewer then: reviews may have to wait."]
    hire("T1032", "Third", Role.FIRST_REVIEWER, branch)
    assert describe("staff.revoke_role", first_reviewer, role="first_reviewer").warnings == []


def test_reviewers_read_who_is_shut_out(teller: User, final_reviewer: User) -> None:
    text = describe("staff.disable_user", teller)
    assert text.summary == "T1001 Tang Ling can no longer sign in, and every session of theirs ends."
    assert (dict(text.changes), text.warnings) == ({"Sign-in": ("enabled", "disabled")}, [])
    assert describe("staff.disable_user", final_reviewer).warnings == [
        "Only 0 active people hold the role Final reviewer then: reviews may have to wait."
    ]


def test_reviewers_read_who_comes_back_as_what(first_reviewer: User) -> None:
    text = describe("staff.enable_user", put_to("staff.enable_user", first_reviewer))
    assert text.summary == "T1003 Fang Rui can sign in again, with the roles: First reviewer."
    assert (dict(text.changes), text.warnings) == ({"Sign-in": ("disabled", "enabled")}, [])


def test_reviewers_are_warned_of_whoever_could_act_as_somebody_without_a_phone(roles: None, branch: Branch) -> None:
    newcomer = hire("T2000", "Xin Ren", None, branch, phone=False)
    for key in ("staff.grant_role", "staff.enable_user"):
        (warning,) = describe(key, newcomer, role="final_reviewer").warnings
        assert warning.startswith("T2000 Xin Ren has set up no phone")
    (warning,) = describe("staff.reset_second_factor", newcomer).warnings
    assert warning.startswith("Be sure that T2000 Xin Ren asked for it")
    put_to("staff.enable_user", newcomer)
    assert "disabled at present" in describe("staff.grant_role", newcomer, role="teller").warnings[0]


def test_the_page_of_the_person_shows_it_and_the_branch_decides_the_policy(teller: User) -> None:
    for key in KEYS:
        operation = operations.get(key)
        payload = operation.clean({"user": teller.public_id, **WISHES[key]})
        (subject,) = operation.concerns(payload)
        assert (subject.type, subject.id, subject.label) == ("user", teller.public_id, "T1001")
        assert (operation.facts(payload).branch, operation.facts(payload).amount) == ("001", None)
    teller.branch = None
    teller.save(update_fields=["branch"])
    grant = operations.get("staff.grant_role")
    assert grant.facts({"user": teller.public_id, "role": "operator"}).branch == ""


# -- Refused before anybody reviews --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_nobody_asks_for_a_change_of_their_own_rights(open_gate: OpenGate, administrator: User, key: str) -> None:
    order = operations.Order(actor=administrator.as_actor(), now=NOON, reason="Mine")
    with refused("cannot_change_own_rights"):
        operations.submit(key, {"user": administrator.public_id, "role": "teller"}, order)
    assert open_gate.orders == []


@pytest.mark.parametrize("key", KEYS)
def test_a_reason_is_needed_before_anybody_reviews(
    open_gate: OpenGate, administrator: User, teller: User, key: str
) -> None:
    order = operations.Order(actor=administrator.as_actor(), now=NOON, reason=" \n")
    with refused("reason_required"):
        operations.submit(key, {"user": teller.public_id, "role": "teller"}, order)
    assert open_gate.orders == []


@pytest.mark.parametrize(
    ("key", "payload", "code"),
    [
        ("staff.grant_role", {"role": "teller"}, "role_already_held"),
        ("staff.grant_role", {"role": "auditor"}, "roles_must_stay_apart"),
        ("staff.revoke_role", {"role": "operator"}, "role_not_held"),
        ("staff.enable_user", {}, "not_disabled"),
    ],
)
def test_what_is_sure_to_fail_is_refused_at_once(
    order: operations.Order, teller: User, key: str, payload: dict[str, str], code: str
) -> None:
    operation = operations.get(key)
    with refused(code):
        operation.refuse(operation.clean({"user": teller.public_id, **payload}), order)


def test_nobody_asks_to_disable_or_to_reset_what_is_not_there(
    open_gate: OpenGate, order: operations.Order, roles: None, branch: Branch
) -> None:
    newcomer = put_to("staff.enable_user", hire("T2000", "Xin Ren", None, branch, phone=False))
    with refused("already_disabled"):
        operations.submit("staff.disable_user", {"user": newcomer.public_id}, order)
    with refused("no_second_factor"):
        operations.submit("staff.reset_second_factor", {"user": newcomer.public_id}, order)
    assert open_gate.orders == []


@pytest.mark.parametrize("key", ["staff.revoke_role", "staff.disable_user"])
def test_nobody_asks_for_the_last_administrator_to_go(open_gate: OpenGate, administrator: User, key: str) -> None:
    order = operations.Order(actor=Actor.system("test"), now=NOON, reason="Gone")
    with refused("last_administrator"):
        operations.submit(key, {"user": administrator.public_id, "role": "administrator"}, order)


# -- Stale, and what does not make it so ---------------------------------------------------------------------------------------


def test_nobody_evades_it_by_what_they_can_do_alone(teller: User) -> None:
    before = {key: preconditions(key, teller, **WISHES[key]) for key in KEYS}
    services.change_own_password(user=teller, present="a test of four words", new="a wholly new password", now=NOON)
    services.make_recovery_codes(user=teller, now=NOON)
    assert {key: preconditions(key, teller, **WISHES[key]) for key in KEYS} == before


@pytest.mark.parametrize("key", KEYS)
def test_it_is_overtaken_when_the_sign_in_was_disabled_or_enabled_meanwhile(teller: User, key: str) -> None:
    before = preconditions(key, teller, **WISHES[key])
    put_to("staff.enable_user", teller)
    assert preconditions(key, teller, **WISHES[key]) != before


@pytest.mark.usefixtures("consented")
def test_it_is_overtaken_when_roles_changed_unless_the_person_leaves_anyway(teller: User, administrator: User) -> None:
    before = {key: preconditions(key, teller, **WISHES[key]) for key in KEYS}
    terms: Any = {"actor": administrator.as_actor(), "reason": "As agreed", "now": NOON}
    services.grant_role(user=teller, role=Role.FINANCE, **terms)
    after = {key: preconditions(key, teller, **WISHES[key]) for key in KEYS}
    assert [key for key in KEYS if before[key] == after[key]] == ["staff.disable_user"]


@pytest.mark.usefixtures("consented")
def test_a_reset_takes_only_the_phone_it_was_asked_for(teller: User, administrator: User) -> None:
    before = preconditions("staff.reset_second_factor", teller)
    terms: Any = {"actor": administrator.as_actor(), "reason": "Lost", "now": NOON}
    services.reset_second_factor(user=teller, **terms)
    without = preconditions("staff.reset_second_factor", teller)
    give_phone(teller, NOON)
    assert before != without != preconditions("staff.reset_second_factor", teller) != before


# -- Carried out -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_what_was_consented_to_is_done_by_its_maker_for_their_reason(
    open_gate: OpenGate, order: operations.Order, teller: User, key: str
) -> None:
    outcome = operations.submit(key, {"user": put_to(key, teller).public_id, **WISHES[key]}, order)
    assert outcome.done
    event = AuditEvent.objects.get()
    assert (event.actor_id, event.subject_id, event.reason) == (order.actor.id, teller.public_id, "As agreed")
    assert (event.occurred_at, event.approval_request_id) == (NOON, "apr_of_a_test")
    subject = operations.get(key).subject_of(outcome.result)
    assert subject
    assert subject.id == teller.public_id


def test_each_has_its_effect(open_gate: OpenGate, order: operations.Order, teller: User) -> None:
    def done(key: str) -> User:
        operations.submit(key, {"user": teller.public_id, **WISHES[key]}, order)
        return User.objects.get(pk=teller.pk)

    held = done("staff.grant_role").groups.values_list("name", flat=True)
    assert set(held) == {"teller", "operator"}
    assert [group.name for group in done("staff.revoke_role").groups.all()] == ["operator"]
    assert not done("staff.disable_user").is_active
    assert done("staff.enable_user").is_active
    done("staff.reset_second_factor")
    assert not OneTimeCodeDevice.objects.filter(user=teller).exists()


@pytest.mark.parametrize("key", KEYS)
def test_locks_are_taken_in_the_order_of_the_house(teller: User, key: str) -> None:
    operation = operations.get(key)
    payload = operation.clean({"user": teller.public_id, **WISHES[key]})
    with pytest.raises(TransactionRequired):
        operation.lock(payload)
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        operation.lock(payload)
    locked = [
        query["sql"].split(" FROM ")[1].split()[0].strip('"') for query in queries if "FOR UPDATE" in query["sql"]
    ]
    house = ["auth_group", "staff_user", "staff_onetimecodedevice"]
    assert "staff_user" in locked
    assert locked == [table for table in house if table in locked]
    assert ("auth_group" in locked) is (key in {"staff.revoke_role", "staff.disable_user"})
    assert ("staff_onetimecodedevice" in locked) is (key == "staff.reset_second_factor")
