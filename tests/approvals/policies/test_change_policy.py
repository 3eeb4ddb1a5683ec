"""Policies change under the consent of others only, version by version, and never below two people where it matters."""

from __future__ import annotations

from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from approvals.models import Policy, PolicyVersion
from approvals.operations import ChangePolicy
from approvals.policies.chain import Chain
from approvals.policies.facts import PolicyFacts
from approvals.policies.minimum import below_two_people
from approvals.services import policies
from approvals.services.policies import active_policies, change_policy, write_version
from approvals.services.shipping import seed_policies
from bankops.core import operations
from bankops.core.actor import Actor
from bankops.core.db import TransactionRequired
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.operations import Order
from staff.models import Branch, User
from staff.roles import Role
from tests.accounts.factories import NOW
from tests.approvals.policies.documents import at_least, condition, document, stage
from tests.committed import at_once
from tests.personas import hire
from tests.unchanged import refused

NAME = "Transfers"
OPERATION = ChangePolicy()
LARGE = document(operations=["approvals.set_reference_rate"])


@pytest.fixture
def maker(under_approved_requests: None, first_reviewer: User, final_reviewer: User, administrator: User) -> User:
    """Return an administrator of a bank in which somebody can review."""
    return administrator


def change(maker: User, *, name: str = NAME, based_on: int = 0, definition: Any = LARGE) -> PolicyVersion:
    """Change a policy as the gate does when reviewers have consented."""
    with operations.carrying_out("approvals.change_policy", request_id="apr_test"):
        return change_policy(
            name=name, definition=definition, based_on=based_on, actor=maker.as_actor(), reason="Board", now=NOW
        )


def order(maker: User, reason: str = "Board") -> Order:
    return Order(actor=maker.as_actor(), now=NOW, reason=reason)


def payload(**changes: Any) -> dict[str, Any]:
    return {"name": NAME, "based_on": 0, "definition": LARGE} | changes


def said() -> list[tuple[str, int, bool]]:
    versions = PolicyVersion.objects.order_by("policy__name", "number").select_related("policy")
    return [(version.policy.name, version.number, version.state == "ACTIVE") for version in versions]


@pytest.mark.django_db
def test_a_new_policy_counts_from_its_first_version(maker: User) -> None:
    version = change(maker)
    assert (version.number, version.state, version.activated_at) == (1, "ACTIVE", NOW)
    assert (version.definition, version.note, version.approval_request_id) == (LARGE, "Board", "apr_test")
    assert (version.made_by_id, version.made_by_name) == (maker.public_id, maker.full_name)
    assert version.policy.public_id.startswith("pol_")
    (active,) = active_policies()
    assert (active.name, active.version, active.public_id) == (NAME, 1, version.policy.public_id)
    assert active.document == LARGE


@pytest.mark.django_db
def test_a_change_is_a_new_version_and_retires_the_one_before(maker: User) -> None:
    change(maker)
    version = change(maker, based_on=1, definition=LARGE | {"pair_limit": 9})
    assert said() == [(NAME, 1, False), (NAME, 2, True)]
    assert [active.version for active in active_policies()] == [2]
    first = version.policy.versions.get(number=1)
    assert (first.retired_at, first.definition) == (NOW, LARGE)


@pytest.mark.django_db
def test_a_retired_policy_counts_no_more_and_can_come_back(maker: User) -> None:
    change(maker)
    assert change(maker, based_on=1, definition=None).number == 1
    assert (said(), active_policies()) == ([(NAME, 1, False)], [])
    with refused("policy_retired"):
        change(maker, based_on=1, definition=None)
    change(maker, based_on=1)
    assert said() == [(NAME, 1, False), (NAME, 2, True)]


@pytest.mark.django_db
def test_the_audit_trail_has_both_definitions_and_the_outbox_the_news(maker: User) -> None:
    change(maker)
    after = LARGE | {"stand_ins": False}
    version = change(maker, based_on=1, definition=after)
    event = AuditEvent.objects.order_by("-id")[0]
    assert (event.event_type, event.actor_id, event.reason) == ("approvals.policy.changed", maker.public_id, "Board")
    assert (event.subject_type, event.subject_id, event.subject_label) == ("policy", version.policy.public_id, NAME)
    assert event.changes == {"definition": [LARGE, after]}
    assert event.approval_request_id == "apr_test"
    message = OutboxMessage.objects.order_by("-id")[0]
    assert (message.topic, message.subject_id) == ("approvals.policy.changed", version.policy.public_id)
    assert message.payload == {"policy": version.policy.public_id, "version": 2, "state": "ACTIVE"}


@pytest.mark.django_db
def test_without_consent_nothing_changes(maker: User) -> None:
    with refused("consent_required"):
        change_policy(name=NAME, definition=LARGE, based_on=0, actor=maker.as_actor(), reason="Board", now=NOW)
    with refused("consent_required"), operations.carrying_out("approvals.set_reference_rate"):
        change_policy(name=NAME, definition=LARGE, based_on=0, actor=maker.as_actor(), reason="Board", now=NOW)


@pytest.mark.django_db
def test_a_change_is_made_for_the_version_its_maker_saw(maker: User) -> None:
    change(maker)
    with refused("policy_moved"):
        change(maker, based_on=0, definition=LARGE | {"pair_limit": 9})
    with refused("policy_moved"):
        change(maker, based_on=2, definition=LARGE | {"pair_limit": 9})
    with refused("policy_unchanged"):
        change(maker, based_on=1)
    with refused("policy_not_found"):
        change(maker, name="No such policy", definition=None)
    with refused("policy_unreadable"):
        change(maker, based_on=1, definition=LARGE | {"pair_limit": 0})


@pytest.mark.django_db
def test_a_reason_is_recorded_or_nothing_is_changed(maker: User) -> None:
    with refused("reason_required"), operations.carrying_out("approvals.change_policy"):
        change_policy(name=NAME, definition=LARGE, based_on=0, actor=maker.as_actor(), reason=" ", now=NOW)
    with refused("reason_required"):
        OPERATION.refuse(payload(), order(maker, ""))


@pytest.mark.django_db
@pytest.mark.parametrize("stages", [[stage("finance")], [stage("final_reviewer", 2)]])
def test_a_stage_for_which_too_few_hold_the_role_is_refused(maker: User, stages: list[Any]) -> None:
    for wish in (LARGE | {"operations": ["tests.pay"], "stages": stages},):
        with refused("nobody_holds_role"):
            change(maker, definition=wish)
        with refused("nobody_holds_role"):
            OPERATION.refuse(payload(definition=wish), order(maker))


@pytest.mark.django_db
def test_somebody_disabled_does_not_hold_a_role(maker: User, final_reviewer: User) -> None:
    final_reviewer.is_active = False
    final_reviewer.save(update_fields=["is_active"])
    with refused("nobody_holds_role"):
        change(maker)


@pytest.mark.django_db
@pytest.mark.parametrize("operation", ["approvals.change_policy", "staff.grant_role", "staff.revoke_role", "*"])
def test_two_people_must_always_agree_to_rights_and_rules(maker: User, operation: str) -> None:
    one_person = document(operations=[operation], stages=[stage("first_reviewer")])
    sometimes = document(operations=[operation], blocks=[[condition("hour", "one_of", [3])]])
    for wish in (one_person, sometimes):
        with refused("policy_below_minimum"):
            change(maker, definition=wish)
        with refused("policy_below_minimum"):
            OPERATION.refuse(payload(definition=wish), order(maker))


@pytest.mark.django_db
def test_the_policy_that_keeps_two_people_cannot_be_retired_while_another_asks_for_less(maker: User) -> None:
    change(maker, name="Rights", definition=document(operations=["staff.grant_role"]))
    at_night = document(operations=["staff.grant_role"], blocks=[[condition("hour", "one_of", [3])]])
    change(maker, name="Rights at night", definition=at_night)
    with refused("policy_below_minimum"):
        change(maker, name="Rights", based_on=1, definition=None)
    change(maker, name="Rights at night", based_on=1, definition=None)
    change(maker, name="Rights", based_on=1, definition=None)  # the strict default covers them again
    assert active_policies() == []


@pytest.mark.django_db
def test_no_change_may_leave_the_rules_to_nobody(maker: User, branch: Branch) -> None:
    """The attack: a second policy about the rules, whose stage one person short can never be filled."""
    change(maker, name="Rules", definition=document(operations=["approvals.change_policy"]))
    both = hire("T3001", "Fan Min", Role.FINANCE, branch)
    both.groups.add(Group.objects.get(name="first_reviewer"))
    wish = document(
        operations=["approvals.change_policy"],
        stages=[stage("finance"), stage("final_reviewer", 1)],
        excluded={"administrator": ["first_reviewer"]},
    )
    change(maker, definition=wish)  # the other's first review stands, so first reviewers are not excluded after all
    assert below_two_people(active_policies()) == []
    both.is_active = False
    both.save(update_fields=["is_active"])
    hire("T3002", "Fan Hua", Role.FINAL_REVIEWER, branch)
    also_finance = User.objects.get(employee_number="T3002")
    also_finance.groups.add(Group.objects.get(name="finance"))
    with refused("nobody_could_decide"):
        change(maker, based_on=1, definition=wish | {"stages": [stage("finance"), stage("final_reviewer", 2)]})
    with refused("nobody_could_decide"):
        OPERATION.refuse(
            payload(based_on=1, definition=wish | {"stages": [stage("finance"), stage("final_reviewer", 2)]}),
            order(maker),
        )


@pytest.mark.django_db
def test_the_rules_can_still_be_changed_after_the_attack(maker: User, branch: Branch) -> None:
    """Two of finance decide, and then those whom the attack excluded: they stand at stages of another policy."""
    change(maker, name="Rules", definition=document(operations=["approvals.change_policy"]))
    for number in (1, 2):
        hire(f"T300{number}", f"Fan {number}", Role.FINANCE, branch)
    attack = document(
        operations=["approvals.change_policy"],
        stages=[stage("finance", 2)],
        excluded={"administrator": ["first_reviewer", "final_reviewer"]},
    )
    change(maker, name="Attack", definition=attack)
    request = operations.submit(OPERATION.key, payload(), order(maker)).request
    chain = Chain.from_json(request.versions.get().chain)
    assert [stage.role for stage in chain.stages] == ["first_reviewer", "finance", "final_reviewer"]
    assert chain.excluded_roles == frozenset()


@pytest.mark.django_db
def test_what_nobody_could_decide_before_keeps_no_other_change_back(maker: User, first_reviewer: User) -> None:
    first_reviewer.is_active = False
    first_reviewer.save(update_fields=["is_active"])
    elsewhere = document(operations=["transactions.transfer"], stages=[stage("final_reviewer")])
    assert change(maker, definition=elsewhere).number == 1
    with refused("nobody_could_decide"):
        change(maker, name="Rules", definition=LARGE | {"stages": [stage("final_reviewer")] * 2})


def two_that_do_not_fit(maker: User) -> list[Any]:
    """Retire the policy that keeps two people for rights, and make another that asks for them sometimes, at once."""
    change(maker, name="Rights", definition=document(operations=["staff.grant_role"]))
    at_night = document(operations=["staff.grant_role"], blocks=[[condition("hour", "one_of", [3])]])
    return at_once(
        lambda: change(maker, name="Rights", based_on=1, definition=None),
        lambda: change(maker, name="Rights at night", definition=at_night),
    )


def test_changes_wait_for_each_other(committed_db: None, maker: User) -> None:
    """Each alone is right; both would leave rights to one person, but for three in the morning."""
    codes = [getattr(result, "code", "") for result in two_that_do_not_fit(maker)]
    assert sorted(codes) == ["", "policy_below_minimum"]
    assert below_two_people(active_policies()) == []


def test_without_the_lock_they_would_not(committed_db: None, maker: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: what the lock is for."""
    both_checked, write = Barrier(2), policies.write_version

    def write_when_both_are_checked(**fields: Any) -> PolicyVersion:
        if fields["name"] == "Rights at night" or fields["definition"] is None:
            both_checked.wait(timeout=60)
        return write(**fields)

    monkeypatch.setattr(policies, "lock_policies", lambda: None)
    monkeypatch.setattr(policies, "write_version", write_when_both_are_checked)
    assert [getattr(result, "code", "") for result in two_that_do_not_fit(maker)] == ["", ""]
    assert below_two_people(active_policies()) == ["staff.grant_role"]


def test_two_first_versions_at_once_are_one(committed_db: None, maker: User) -> None:
    results = at_once(*[lambda: change(maker)] * 4)
    assert sorted(getattr(result, "code", "") for result in results) == ["", *["policy_moved"] * 3]
    assert said() == [(NAME, 1, True)]
    assert Policy.objects.count() == 1


@pytest.mark.django_db
def test_versions_are_written_in_a_transaction_only(maker: User) -> None:
    with pytest.raises(TransactionRequired):
        write_version(name=NAME, definition=LARGE, actor=maker.as_actor(), reason="Board", now=NOW)


# -- The operation ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_payload_is_made_canonical() -> None:
    wish = LARGE | {"blocks": [[at_least("50000 CNY")]], "excluded": {"teller": ["teller"], "operator": ["operator"]}}
    cleaned = OPERATION.clean(payload(name=f"  {NAME} ", definition=wish, junk="x"))
    assert cleaned == OPERATION.clean(cleaned)
    assert sorted(cleaned) == ["based_on", "definition", "name"]
    assert (cleaned["name"], cleaned["definition"]["blocks"][0][0]["value"]) == (NAME, "50000.00 CNY")
    assert OPERATION.clean(payload(definition=None))["definition"] is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"name": " "}, "policy_name_required"),
        ({"name": None}, "policy_name_required"),
        ({"name": "a\x00b"}, "policy_name_required"),
        ({"name": "x" * 101}, "text_too_long"),
        ({"based_on": -1}, "policy_unreadable"),
        ({"based_on": "1"}, "policy_unreadable"),
        ({"definition": {}}, "policy_unreadable"),
        ({"definition": document(operations=["transactions.tranfser"])}, "policy_unreadable"),
    ],
)
def test_what_is_not_acceptable_never_becomes_a_request(wish: dict[str, Any], code: str) -> None:
    with refused(code):
        OPERATION.clean(payload(**wish))


@pytest.mark.django_db
def test_reviewers_read_what_changes_and_what_they_must_not_miss(maker: User) -> None:
    new = OPERATION.describe(payload())
    assert new.summary == f"The new approval policy “{NAME}” begins to count."
    assert new.changes["Stage 1"] == ("", "1 person: First reviewer, each with a one-time code, 2 assigned")
    change(maker)
    wish = LARGE | {"stages": [stage("first_reviewer")]}
    described = OPERATION.describe(payload(based_on=1, definition=wish))
    assert described.summary == f"The approval policy “{NAME}” is replaced by version 2."
    assert described.changes == {"Stage 2": ("1 person: Final reviewer, each with a one-time code, 2 assigned", "")}
    assert "Fewer people have to agree than before: 1 instead of 2." in described.warnings
    retired = OPERATION.describe(payload(based_on=1, definition=None))
    assert retired.summary == f"The approval policy “{NAME}” is retired."
    assert retired.changes["Expires after"] == ("1 day", "")


@pytest.mark.django_db
def test_the_preconditions_move_with_the_policy_and_only_with_it(maker: User) -> None:
    before = OPERATION.preconditions(payload())
    change(maker, name="Another")
    assert OPERATION.preconditions(payload()) == before == {"version": 0, "state": ""}
    change(maker)
    assert OPERATION.preconditions(payload()) == {"version": 1, "state": "ACTIVE"}
    change(maker, based_on=1, definition=None)
    assert OPERATION.preconditions(payload()) == {"version": 1, "state": "RETIRED"}


@pytest.mark.django_db
def test_it_is_carried_out_in_the_makers_name_and_shown_on_the_policy(maker: User) -> None:
    assert OPERATION.concerns(payload()) == ()
    with operations.carrying_out(OPERATION.key), transaction.atomic():
        OPERATION.lock(payload())
        version = OPERATION.execute(payload(), order(maker))
    subject = OPERATION.subject_of(version)
    assert subject is not None
    assert (subject.type, subject.id, subject.label) == ("policy", version.policy.public_id, NAME)
    assert OPERATION.concerns(payload()) == [subject]
    assert (version.made_by_id, OPERATION.permission) == (maker.public_id, "approvals.change_policy")


@pytest.mark.django_db
def test_a_broken_policy_can_be_replaced(maker: User) -> None:
    """Whatever wrote it: the bank is not locked out of its own rules."""
    with transaction.atomic():
        write_version(name=NAME, definition={"broken": 1}, actor=maker.as_actor(), reason="SQL", now=NOW)
    assert OPERATION.describe(payload(based_on=1)).changes["Applies"] == ("", "always")
    assert change(maker, based_on=1).number == 2
    with transaction.atomic():
        write_version(name="Other", definition={"broken": 1}, actor=maker.as_actor(), reason="SQL", now=NOW)
    assert change(maker, name="Other", based_on=1, definition=None).retired_at == NOW


@pytest.mark.django_db
def test_the_gate_parks_a_change_of_the_rules_whatever_they_say(
    administrator: User, first_reviewer: User, final_reviewer: User
) -> None:
    seed_policies(actor=Actor.system("test"), now=NOW)
    before = said()
    outcome = operations.submit(OPERATION.key, payload(), order(administrator))
    assert (outcome.done, outcome.result, said()) == (False, None, before)
    request = outcome.request
    assert (request.state, request.stage, request.stage_count, request.stage_role) == (
        "PENDING",
        1,
        2,
        "first_reviewer",
    )
    version = request.versions.get()
    assert version.payload == OPERATION.clean(payload())
    assert [fired["policy_name"] for fired in version.fired] == ["Approval rules"]
    assert Chain.from_json(version.chain).people == 2
    assert PolicyFacts.from_json(version.facts).maker_roles == {"administrator"}
