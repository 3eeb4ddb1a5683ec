"""Policies: what they say of a submission, and how the bank changes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from functools import lru_cache
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from approvals import errors, events, notice_kinds
from approvals.models import Policy, PolicyVersion
from approvals.models.policy import PolicyVersionState
from approvals.policies import minimum
from approvals.policies.definition import Definition, parse
from approvals.policies.evaluation import ActivePolicy, Unreadable, Verdict, evaluate_all
from approvals.policies.facts import PolicyFacts
from approvals.policies.undecidable import undecidable
from approvals.services.rates import Worth, worths
from bankops.core import audit, context, ids, operations, outbox
from bankops.core.actor import Actor
from bankops.core.db import prepared, transaction_required
from bankops.core.errors import InvalidId
from bankops.core.models import AuditEvent
from bankops.core.operations import Facts, Operation, Order
from bankops.core.texts import require_reason
from notifications.services import notices
from staff.roles import Role, matrix
from staff.selectors import active_holders, role_names_of, roles_of_active

_ACTIVE = """
    SELECT p.name, v.number, v.policy_id, v.definition
      FROM approvals_policyversion v JOIN approvals_policy p ON p.id = v.policy_id
     WHERE v.state = %(active)s ORDER BY p.name
"""

# -- What they say ----------------------------------------------------------------------------------------------------


def evaluate_for(operation: Operation, payload: Mapping[str, Any], order: Order) -> tuple[PolicyFacts, Verdict]:
    """Return the facts of a submission and what the active policies ask of it; raise the alert for unreadable ones.

    :param payload: as `operation.clean` returned it.
    """
    worth = worths(order.now)
    facts = _facts_of(operation, payload, order, worth)
    parts = (_facts_of_part(key, part, worth, facts) for key, part in operation.parts(payload))
    verdict = evaluate_all(active_policies(), chain([facts], parts))
    if verdict.unreadable:
        report_unreadable(faults=verdict.unreadable, now=order.now)
    return facts, verdict


def facts_of(operation: Operation, payload: Mapping[str, Any], order: Order) -> PolicyFacts:
    """Return what policies look at: the operation's own facts, the maker's roles now, and the bank's hour."""
    return _facts_of(operation, payload, order, worths(order.now))


def _facts_of(operation: Operation, payload: Mapping[str, Any], order: Order, worth: Worth) -> PolicyFacts:
    facts = operation.facts(payload)
    return PolicyFacts(
        operation=operation.key,
        amount=facts.amount,
        base_amount=facts.amount and worth(facts.amount),
        branch=facts.branch,
        maker_roles=_roles_of(order.actor),
        channel=order.channel,
        risk_band=facts.risk_band,
        hour=timezone.localtime(order.now, timezone.get_default_timezone()).hour,
    )


def _facts_of_part(key: str, part: Facts, worth: Worth, whole: PolicyFacts) -> PolicyFacts:
    # By position, and no `replace`: a batch has a thousand parts.
    base = part.amount and worth(part.amount)
    return PolicyFacts(
        key, part.amount, base, part.branch, whole.maker_roles, whole.channel, part.risk_band, whole.hour
    )


def active_policies() -> list[ActivePolicy]:
    """Return the policies that count now, by name, in one query.

    Their text is asked for each time, so that a change counts at once in every process; it is read once in each.
    """
    return [_active(*row) for row in prepared(_ACTIVE, {"active": PolicyVersionState.ACTIVE.value})]


@lru_cache(maxsize=512)
def _active(name: str, number: int, policy_id: UUID, definition: str) -> ActivePolicy:
    return ActivePolicy(name, number, ids.encode(Policy.ID_PREFIX, policy_id), json.loads(definition))


def _roles_of(actor: Actor) -> frozenset[str]:
    if actor.kind != "staff":
        return frozenset()
    try:
        return role_names_of(ids.decode("usr", actor.id))
    except InvalidId:
        return frozenset()


@transaction.atomic
def report_unreadable(*, faults: Sequence[Unreadable], now: datetime) -> None:
    """Raise the alert for active policies that cannot be read, once for each version and day of the bank.

    Writes `approvals.policy.unreadable` and announces it.
    """
    local = timezone.localtime(now, timezone.get_default_timezone())
    day_began = timezone.make_aware(datetime.combine(local.date(), time.min), local.tzinfo)
    for fault in faults:
        policy = fault.policy
        detail = {"version": policy.version, "problem": fault.problem}
        _one_at_a_time(f"approvals.unreadable:{policy.public_id}")
        if AuditEvent.objects.filter(
            subject_type="policy",
            subject_id=policy.public_id,
            event_type=events.POLICY_UNREADABLE.name,
            occurred_at__gte=day_began,
            detail__version=policy.version,
        ).exists():
            continue
        subject = events.about_policy(policy.public_id, policy.name)
        audit.record(events.POLICY_UNREADABLE, actor=Actor.system("approvals"), subject=subject, now=now, detail=detail)
        payload = {"policy": policy.public_id, "name": policy.name, **detail}
        outbox.announce(events.POLICY_UNREADABLE.name, subject_id=policy.public_id, payload=payload, now=now)
        _tell_administrators(policy, now)


def _tell_administrators(policy: ActivePolicy, now: datetime) -> None:
    notices.tell(
        active_holders(Role.ADMINISTRATOR).values_list("pk", flat=True),
        notice_kinds.POLICY_UNREADABLE,
        words={"policy": policy.name},
        link=reverse("admin:approvals_policy_change", args=[ids.decode(Policy.ID_PREFIX, policy.public_id)]),
        source=f"{policy.public_id}@{now:%Y%m%dT%H%M%S%f}",
        now=now,
    )


# -- How they change --------------------------------------------------------------------------------------------------


@operations.only_through_gate("approvals.change_policy")
@transaction.atomic
def change_policy(
    *,
    name: str,
    definition: Mapping[str, Any] | None,
    based_on: int,
    actor: Actor,
    reason: str,
    now: datetime,
) -> PolicyVersion:
    """Create a policy, give it a new version, or retire it; return the version written or retired.

    Writes `approvals.policy.changed` with the definition before and after, and announces it. Changes of policies wait
    for each other (`lock_policies`).

    :param definition: the new one, or None to retire the policy.
    :param based_on: the policy's latest version that the maker saw; 0 when there was no such policy.
    :raises ReasonRequired: when `reason` is blank.
    :raises PolicyMoved: when the policy has another latest version by now.
    :raises PolicyNotFound, PolicyRetired: when there is nothing to retire.
    :raises PolicyUnchanged: when it says the same already.
    :raises PolicyUnreadable, NobodyHoldsRole, PolicyBelowMinimum, NobodyCouldDecide: as `check_change`.
    """
    reason = require_reason(reason)
    lock_policies()
    check_change(name=name, definition=definition, based_on=based_on)
    return write_version(name=name, definition=definition, actor=actor, reason=reason, now=now)


def check_change(*, name: str, definition: Mapping[str, Any] | None, based_on: int) -> None:
    """Refuse a change that could not be made now; see `change_policy`.

    :raises PolicyUnreadable: when the definition cannot be read.
    :raises NobodyHoldsRole: when fewer active people than one of its stages needs hold the stage's role.
    :raises PolicyBelowMinimum: when one person could then do what two must always agree to.
    :raises NobodyCouldDecide: when too few different people could then agree to a right or to the rules themselves.
    :raises PolicyMoved, PolicyNotFound, PolicyRetired, PolicyUnchanged: as `change_policy`.
    """
    latest = latest_version(name)
    _check_moment(name, definition, based_on, latest)
    if definition is not None:
        _check_somebody_can_decide(parse(definition))
    after = policies_after(name=name, definition=definition, based_on=based_on)
    if below := minimum.below_two_people(after):
        raise errors.PolicyBelowMinimum(operations=", ".join(below))
    if stuck := _made_undecidable(after, definition):
        raise errors.NobodyCouldDecide(operations=", ".join(stuck))


def policies_after(*, name: str, definition: Mapping[str, Any] | None, based_on: int) -> list[ActivePolicy]:
    """Return the policies that would count after a change: for its check, and to replay it before it is submitted."""
    others = [policy for policy in active_policies() if policy.name != name]
    return others if definition is None else [*others, ActivePolicy(name, based_on + 1, "", definition)]


def _check_somebody_can_decide(definition: Definition) -> None:
    for stage in definition.stages:
        held = active_holders(stage.role).count()
        if held < stage.quorum:
            raise errors.NobodyHoldsRole(role=Role(stage.role).label, held=held, needed=stage.quorum)


def _made_undecidable(after: Sequence[ActivePolicy], definition: Mapping[str, Any] | None) -> list[str]:
    """Return what nobody could decide after a change, unless it was so before and the change is about something else."""
    people = roles_of_active()
    makers = {key: matrix()[operations.get(key).permission] for key in operations.always_two_people()}
    stuck = undecidable(after, makers=makers, people=people)
    if not stuck:
        return []
    before = undecidable(active_policies(), makers=makers, people=people)
    return [key for key in stuck if key not in before or (definition is not None and parse(definition).covers(key))]


def latest_version(name: str) -> PolicyVersion | None:
    """Return a policy's latest version, active or retired, or None when there is no such policy."""
    return PolicyVersion.objects.filter(policy__name=name).select_related("policy").order_by("-number").first()


def _check_moment(name: str, definition: Mapping[str, Any] | None, based_on: int, latest: PolicyVersion | None) -> None:
    current = latest.number if latest else 0
    if latest is None and definition is None:
        raise errors.PolicyNotFound(name=name)
    if current != based_on:
        raise errors.PolicyMoved(name=name, current=current, based_on=based_on)
    if latest is None:
        return
    active = latest.state == PolicyVersionState.ACTIVE
    if definition is None and not active:
        raise errors.PolicyRetired(name=name)
    if active and definition == latest.definition:
        raise errors.PolicyUnchanged(name=name)


@transaction_required
def lock_policies() -> None:
    """Let changes of policies wait for each other: two at once could each be right and together leave nobody to agree."""
    _one_at_a_time("approvals.policies")


def _one_at_a_time(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


@transaction_required
def write_version(
    *, name: str, definition: Mapping[str, Any] | None, actor: Actor, reason: str, now: datetime
) -> PolicyVersion:
    """Write what `change_policy` decided, or what is shipped, in the caller's transaction, which holds `lock_policies`."""
    latest = latest_version(name)
    before = _retire(latest, now) if latest and latest.state == PolicyVersionState.ACTIVE else None
    if definition is None:
        assert latest is not None
        version = latest
    else:
        version = PolicyVersion.objects.create(
            policy=latest.policy if latest else Policy.objects.create(name=name, created_at=now),
            number=latest.number + 1 if latest else 1,
            definition=dict(definition),
            note=reason,
            activated_at=now,
            made_by_id=actor.id,
            made_by_name=actor.name,
            approval_request_id=context.approval_request_id(),
        )
    _tell(version, before, definition, actor=actor, reason=reason, now=now)
    return version


def _retire(version: PolicyVersion, now: datetime) -> Mapping[str, Any]:
    """Retire an active version and return what it said."""
    version.state, version.retired_at = PolicyVersionState.RETIRED, now
    version.save(update_fields=["state", "retired_at"])
    said: Mapping[str, Any] = version.definition
    return said


def _tell(
    version: PolicyVersion,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    *,
    actor: Actor,
    reason: str,
    now: datetime,
) -> None:
    policy = version.policy
    audit.record(
        events.POLICY_CHANGED,
        actor=actor,
        subject=events.about_policy(policy.public_id, policy.name),
        now=now,
        reason=reason,
        changes={"definition": (before, after)},
        detail={"version": version.number, "state": str(version.state)},
    )
    payload = {"policy": policy.public_id, "version": version.number, "state": str(version.state)}
    outbox.announce(events.POLICY_CHANGED.name, subject_id=policy.public_id, payload=payload, now=now)
