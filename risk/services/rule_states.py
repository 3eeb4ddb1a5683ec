"""Moving a version of a rule on to where it counts, and a rule to where it counts no more. By consent only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from bankops.core import audit, context, operations
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from bankops.core.texts import require_reason
from risk import errors, events, locks
from risk.language.rule import compile_rule
from risk.models import Rule, RuleVersion, VersionState
from risk.rules.vocabulary import vocabulary
from risk.services.rules import CONTENT, locked_version, require_edition, require_state, retire

_COUNTING = (VersionState.ACTIVE, VersionState.SHADOW)


@operations.only_through_gate("risk.start_shadow")
@transaction.atomic
def start_shadow(*, version_id: UUID, edition: int, reason: str, actor: Actor, now: datetime) -> RuleVersion:
    """Let a draft run beside the live rules, where nothing comes of what it says. Writes `risk.rule.shadowed`.

    A version of the rule that was in shadow before is retired.

    :param edition: of the draft that was agreed to.
    :raises ReasonRequired: when `reason` is blank.
    :raises RuleVersionNotFound, RuleNotInState, RuleDraftMoved, RuleError: as `refuse_start`.
    """
    reason = require_reason(reason)
    version = locked_version(version_id)
    refuse_start(version, edition)
    replaced = _replace(version, VersionState.SHADOW, now)
    version.shadow_since = now
    version.save(update_fields=["state", "shadow_since", "approval_request_id"])
    _record(events.RULE_SHADOWED, version, replaced, reason=reason, actor=actor, now=now)
    return version


@operations.only_through_gate("risk.activate_rule")
@transaction.atomic
def activate_rule(*, version_id: UUID, edition: int, reason: str, actor: Actor, now: datetime) -> RuleVersion:
    """Let a version count from now on, in place of the one that does. Writes `risk.rule.activated`.

    :param edition: of the version that was agreed to.
    :raises ReasonRequired: when `reason` is blank.
    :raises RuleVersionNotFound, RuleNotInState, RuleDraftMoved, RuleUnchanged, RuleError: as `refuse_activation`.
    """
    reason = require_reason(reason)
    version = locked_version(version_id)
    refuse_activation(version, edition)
    return make_active(version, reason=reason, actor=actor, now=now)


@operations.only_through_gate("risk.retire_rule")
@transaction.atomic
def retire_rule(*, rule_id: UUID, reason: str, actor: Actor, now: datetime) -> Rule:
    """Let a rule count no more, nor run in shadow. Writes `risk.rule.retired`. Its draft stays.

    :raises ReasonRequired: when `reason` is blank.
    :raises RuleNotFound: when there is no such rule.
    :raises RuleNotActive: when none of its versions counts or runs.
    """
    reason = require_reason(reason)
    locks.rule_for_update(rule_id)
    rule = Rule.objects.filter(pk=rule_id).first()
    if rule is None:
        raise errors.RuleNotFound(rule=rule_id)
    counting = counting_versions(rule)
    for version in counting:
        version.approval_request_id = context.approval_request_id()
        version.state, version.retired_at = VersionState.RETIRED, now
        version.save(update_fields=["state", "retired_at", "approval_request_id"])
    detail = {"versions": [version.number for version in counting]}
    subject = events.about_rule(rule)
    audit.record(events.RULE_RETIRED, actor=actor, subject=subject, now=now, reason=reason, detail=detail)
    return rule


def counting_versions(rule: Rule) -> list[RuleVersion]:
    """Return the versions that count or run in shadow.

    :raises RuleNotActive: when there is none.
    """
    found = list(rule.versions.filter(state__in=_COUNTING).order_by("number"))
    if not found:
        raise errors.RuleNotActive(rule=rule.key)
    return found


def refuse_start(version: RuleVersion, edition: int) -> None:
    """:raises RuleNotInState, RuleDraftMoved, RuleError: when this edition cannot go into shadow."""
    require_state(version, VersionState.DRAFT)
    require_edition(version, edition)
    compile_rule(version.condition, vocabulary())


def refuse_activation(version: RuleVersion, edition: int) -> None:
    """:raises RuleNotInState, RuleDraftMoved, RuleUnchanged, RuleError: when this edition cannot begin to count."""
    require_state(version, VersionState.DRAFT, VersionState.SHADOW)
    require_edition(version, edition)
    compile_rule(version.condition, vocabulary())
    active = version.rule.versions.filter(state=VersionState.ACTIVE).first()
    if active and all(getattr(active, name) == getattr(version, name) for name in CONTENT if name != "note"):
        raise errors.RuleUnchanged(version=version.number)


@transaction_required
def make_active(version: RuleVersion, *, reason: str, actor: Actor, now: datetime) -> RuleVersion:
    """Let a version of a locked rule count, in the caller's transaction; for activation and for what is shipped."""
    replaced = _replace(version, VersionState.ACTIVE, now)
    version.active_since = now
    version.save(update_fields=["state", "active_since", "approval_request_id"])
    _record(events.RULE_ACTIVATED, version, replaced, reason=reason, actor=actor, now=now)
    return version


def _replace(version: RuleVersion, state: VersionState, now: datetime) -> RuleVersion | None:
    """Move a version to a state in memory, and retire the one that was in it; return that one."""
    replaced = version.rule.versions.filter(state=state).first()
    if replaced:
        retire(replaced, now)
    version.state = state
    version.approval_request_id = context.approval_request_id()
    return replaced


def _record(
    event: audit.EventType,
    version: RuleVersion,
    replaced: RuleVersion | None,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    changes = {name: (replaced and getattr(replaced, name), getattr(version, name)) for name in ("number", *CONTENT)}
    subject = events.about_rule(version.rule)
    detail = {"version": version.number, "edition": version.edition}
    audit.record(event, actor=actor, subject=subject, now=now, reason=reason, changes=changes, detail=detail)
