"""What a bank starts with: the shipped rules, and what a later release made of them. What the bank wrote itself stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from approvals.models import ApprovalRequest
from bankops.core.actor import Actor
from bankops.core.db import transaction_required
from risk import events
from risk.models import Rule, RuleVersion, VersionState
from risk.rules.shipped import NOTE, Shipped, shipped
from risk.rules.terms import Draft, checked_draft
from risk.services.rule_states import make_active
from risk.services.rules import create_rule, discard_version, locked_version, write_draft


class ShippedRules(NamedTuple):
    """What was written: versions that count, and drafts that the bank has to ask for, because it is at work already.

    Attributes:
        renewed: how many of both are new versions of rules that were shipped before.

    """

    active: list[RuleVersion]
    drafts: list[RuleVersion]
    renewed: int


@transaction.atomic
def ship_rules(*, actor: Actor, now: datetime) -> ShippedRules:
    """Write the shipped rules whose keys are not there yet, and new versions of those that are shipped otherwise by now.

    A rule that the bank has written to, or retired, stays as it is. What is written counts at once as long as nobody ever asked
    for consent: a bank is set up without. From the first approval request on it is written as drafts, and the database refuses
    anything else (`rule_under_consent`). Writes `risk.rule.created`, `….drafted`, `….discarded` and `….activated`.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('risk.ship_rules', 0))")
    rules = shipped(settings.BANKOPS_BASE_CURRENCY)
    known = set(Rule.objects.values_list("key", flat=True))
    new = [_write(rule, actor, now) for rule in rules if rule.key not in known]
    renewed = list(_renewed([rule for rule in rules if rule.key in known], actor, now))
    drafts = [*new, *renewed]
    if ApprovalRequest.objects.exists():
        return ShippedRules([], drafts, len(renewed))
    return ShippedRules([_activate(version, actor, now) for version in drafts], [], len(renewed))


def _write(rule: Shipped, actor: Actor, now: datetime) -> RuleVersion:
    draft = rule.draft(settings.BANKOPS_BASE_CURRENCY)
    return create_rule(about=rule.about(), draft=draft, actor=actor, now=now)


@transaction_required
def _renewed(rules: Iterable[Shipped], actor: Actor, now: datetime) -> Iterator[RuleVersion]:
    """Write, and yield, new versions of rules that are as an earlier release shipped them. A draft that it left is discarded."""
    for rule in rules:
        draft = checked_draft(rule.draft(settings.BANKOPS_BASE_CURRENCY))
        last = _last_as_shipped(rule.key)
        if last is None or _says(last) == (draft.condition, draft.weight, str(draft.outcome), draft.explains):
            continue
        if last.state == VersionState.DRAFT:
            discard_version(version_id=last.pk, reason=NOTE, actor=actor, now=now)
        yield _write_next(last, draft, actor, now)


def _last_as_shipped(key: str) -> RuleVersion | None:
    """Return the last version of a rule to which nobody but a release has written; None of any other, and of a retired one."""
    versions = list(RuleVersion.objects.filter(rule__key=key).order_by("number"))
    if any(version.note != NOTE or version.edition != 1 for version in versions):
        return None
    return versions[-1] if versions[-1].state != VersionState.RETIRED else None


def _says(version: RuleVersion) -> tuple[str, int, str, str]:
    return version.condition, version.weight, str(version.outcome), version.explains


def _write_next(last: RuleVersion, draft: Draft, actor: Actor, now: datetime) -> RuleVersion:
    rule = locked_version(last.pk).rule
    return write_draft(rule, draft, event=events.RULE_DRAFTED, actor=actor, now=now)


def _activate(version: RuleVersion, actor: Actor, now: datetime) -> RuleVersion:
    return make_active(locked_version(version.pk), reason=NOTE, actor=actor, now=now)
