"""The only writer of rules and their drafts. Drafts count for nothing, so writing one needs a right and nobody's consent."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from bankops.core import audit
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from bankops.core.texts import check_fits, require_reason
from risk import errors, events, locks
from risk.models import Rule, RuleVersion, VersionState
from risk.rules.terms import About, Draft, checked_about, checked_draft

CONTENT = ("condition", "weight", "outcome", "explains", "note")
"""The columns of a version that say something."""


@transaction.atomic
def create_rule(*, about: About, draft: Draft, actor: Actor, now: datetime) -> RuleVersion:
    """Write a rule with its first draft, and return the draft. Writes `risk.rule.created`.

    :raises RuleKeyTaken: when there is a rule of this key.
    :raises RuleError, RuleTermInvalid, TextTooLong, UnstorableText: as `checked_about` and `checked_draft`.
    """
    about, draft = checked_about(about), checked_draft(draft)
    if Rule.objects.filter(key=about.key).exists():
        raise errors.RuleKeyTaken(key=about.key)
    rule = Rule.objects.create(created_at=now, **_told(about))
    return write_draft(rule, draft, event=events.RULE_CREATED, actor=actor, now=now)


@transaction.atomic
def draft_version(*, rule_id: UUID, draft: Draft, actor: Actor, now: datetime) -> RuleVersion:
    """Begin a new version of a rule, and return it. Writes `risk.rule.drafted`.

    :raises RuleNotFound: when there is no such rule.
    :raises RuleDraftExists: when it has a draft.
    :raises RuleError, RuleTermInvalid, UnstorableText: as `checked_draft`.
    """
    draft = checked_draft(draft)
    locks.rule_for_update(rule_id)
    rule = Rule.objects.filter(pk=rule_id).first()
    if rule is None:
        raise errors.RuleNotFound(rule=rule_id)
    if begun := rule.versions.filter(state=VersionState.DRAFT).first():
        raise errors.RuleDraftExists(rule=rule.key, version=begun.number)
    return write_draft(rule, draft, event=events.RULE_DRAFTED, actor=actor, now=now)


@transaction.atomic
def edit_draft(*, version_id: UUID, edition: int, draft: Draft, actor: Actor, now: datetime) -> RuleVersion:
    """Save what a draft says now, and return it. Writes `risk.rule.edited` with what changed; nothing when nothing did.

    :param edition: of the draft that the writer saw.
    :raises RuleVersionNotFound: when there is no such version.
    :raises RuleNotInState: when it is no draft any more.
    :raises RuleDraftMoved: when somebody saved it since.
    :raises RuleError, RuleTermInvalid, UnstorableText: as `checked_draft`.
    """
    draft = checked_draft(draft)
    version = locked_version(version_id)
    require_state(version, VersionState.DRAFT)
    require_edition(version, edition)
    changes = {
        name: (getattr(version, name), new) for name, new in _told(draft).items() if getattr(version, name) != new
    }
    if not changes:
        return version
    for name, (_before, after) in changes.items():
        setattr(version, name, after)
    version.edition += 1
    version.edited_at, version.author_id, version.author_name = now, actor.id, actor.name
    version.save(update_fields=[*changes, "edition", "edited_at", "author_id", "author_name"])
    _record(events.RULE_DRAFT_EDITED, version, actor, now, changes=changes)
    return version


@transaction.atomic
def discard_version(*, version_id: UUID, reason: str, actor: Actor, now: datetime) -> RuleVersion:
    """Retire a draft, or a version in shadow: nothing that counts. Writes `risk.rule.discarded`.

    :raises ReasonRequired: when `reason` is blank.
    :raises RuleVersionNotFound: when there is no such version.
    :raises RuleNotInState: when it is active or retired.
    """
    reason = require_reason(reason)
    version = locked_version(version_id)
    require_state(version, VersionState.DRAFT, VersionState.SHADOW)
    before = version.state
    retire(version, now)
    _record(events.RULE_DISCARDED, version, actor, now, reason=reason, changes={"state": (before, version.state)})
    return version


@transaction.atomic
def hand_over_rule(*, rule_id: UUID, owner: str, reason: str, actor: Actor, now: datetime) -> Rule:
    """Say who answers for a rule from now on. Writes `risk.rule.handed_over`.

    :raises ReasonRequired: when `reason` is blank.
    :raises RuleNotFound: when there is no such rule.
    :raises RuleTermInvalid: when nobody is named.
    :raises TextTooLong, UnstorableText: when the name cannot be kept.
    """
    reason, owner = require_reason(reason), owner.strip()
    locks.rule_for_update(rule_id)
    rule = Rule.objects.filter(pk=rule_id).first()
    if rule is None:
        raise errors.RuleNotFound(rule=rule_id)
    if not owner:
        raise errors.RuleTermInvalid(field=Rule._meta.get_field("owner").verbose_name, value="", hint="")
    check_fits(Rule, owner=owner)
    before, rule.owner = rule.owner, owner
    rule.save(update_fields=["owner"])
    changes = {"owner": (before, owner)}
    audit.record(
        events.RULE_HANDED_OVER, actor=actor, subject=events.about_rule(rule), now=now, reason=reason, changes=changes
    )
    return rule


# -- For the other services of this app ---------------------------------------------------------------------------------


@transaction_required
def write_draft(rule: Rule, draft: Draft, *, event: audit.EventType, actor: Actor, now: datetime) -> RuleVersion:
    """Write the next version of a locked rule, or the first of a new one; `draft` was checked."""
    latest = rule.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = RuleVersion.objects.create(
        rule=rule,
        number=latest + 1,
        created_at=now,
        edited_at=now,
        author_id=actor.id,
        author_name=actor.name,
        **_told(draft),
    )
    _record(event, version, actor, now, detail=_told(draft))
    return version


@transaction_required
def locked_version(version_id: UUID) -> RuleVersion:
    """Lock the rule of a version and return the version with it, as they are now.

    :raises RuleVersionNotFound: when there is no such version.
    """
    found = RuleVersion.objects.filter(pk=version_id)
    rule_id = found.values_list("rule_id", flat=True).first()
    if rule_id is None:
        raise errors.RuleVersionNotFound(rule="–", version=version_id)
    locks.rule_for_update(rule_id)
    return found.select_related("rule").get()


def require_state(version: RuleVersion, *states: VersionState) -> None:
    """:raises RuleNotInState: when a version is in none of these states."""
    if version.state not in states:
        wanted = ", ".join(str(state.label) for state in states)
        raise errors.RuleNotInState(version=version.number, state=version.get_state_display(), wanted=wanted)


def require_edition(version: RuleVersion, edition: int) -> None:
    """:raises RuleDraftMoved: when a version was saved since somebody saw it."""
    if version.edition != edition:
        raise errors.RuleDraftMoved(version=version.number, author=version.author_name)


@transaction_required
def retire(version: RuleVersion, now: datetime) -> None:
    """End a version of a locked rule."""
    version.state, version.retired_at = VersionState.RETIRED, now
    version.save(update_fields=["state", "retired_at"])


def _record(
    event: audit.EventType,
    version: RuleVersion,
    actor: Actor,
    now: datetime,
    *,
    detail: dict[str, Any] | None = None,
    **more: Any,
) -> None:
    told = {"version": version.number, "edition": version.edition, **(detail or {})}
    audit.record(event, actor=actor, subject=events.about_rule(version.rule), now=now, detail=told, **more)


def _told(terms: About | Draft) -> dict[str, Any]:
    return {name: str(value) if type(value) is not int else value for name, value in _items(terms)}


def _items(terms: About | Draft) -> list[tuple[str, Any]]:
    return [(name, getattr(terms, name)) for name in terms.__slots__]
