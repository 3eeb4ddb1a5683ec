"""What a bank starts with: the shipped rules. Nothing that is there is changed."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from approvals.models import ApprovalRequest
from bankops.core.actor import Actor
from risk.models import Rule, RuleVersion
from risk.rules.shipped import NOTE, Shipped, shipped
from risk.services.rule_states import make_active
from risk.services.rules import create_rule, locked_version


class ShippedRules(NamedTuple):
    """What was written: versions that count, and drafts that the bank has to ask for, because it is at work already."""

    active: list[RuleVersion]
    drafts: list[RuleVersion]


@transaction.atomic
def ship_rules(*, actor: Actor, now: datetime) -> ShippedRules:
    """Write the shipped rules whose keys are not there yet. Writes `risk.rule.created` and `risk.rule.activated`.

    A rule that was changed or retired stays so. They count at once as long as nobody ever asked for consent: a bank is set
    up without. From the first approval request on they are written as drafts, and the database refuses anything else
    (`rule_under_consent`).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('risk.ship_rules', 0))")
    known = set(Rule.objects.values_list("key", flat=True))
    missing = [rule for rule in shipped(settings.BANKOPS_BASE_CURRENCY) if rule.key not in known]
    drafts = [_write(rule, actor, now) for rule in missing]
    if ApprovalRequest.objects.exists():
        return ShippedRules([], drafts)
    return ShippedRules([_activate(version, actor, now) for version in drafts], [])


def _write(rule: Shipped, actor: Actor, now: datetime) -> RuleVersion:
    draft = rule.draft(settings.BANKOPS_BASE_CURRENCY)
    return create_rule(about=rule.about(), draft=draft, actor=actor, now=now)


def _activate(version: RuleVersion, actor: Actor, now: datetime) -> RuleVersion:
    return make_active(locked_version(version.pk), reason=NOTE, actor=actor, now=now)
