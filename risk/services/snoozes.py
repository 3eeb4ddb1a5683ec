"""The only writer of snoozes: one rule, one customer, for a while, for a reason."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Customer
from bankops.core import audit, context, operations
from bankops.core.actor import Actor
from bankops.core.db import busy_is_an_answer
from bankops.core.texts import require_reason
from risk import errors, events, locks
from risk.models import Family, Rule, RuleSnooze, VersionState
from risk.models.rules import SNOOZE_MAX
from risk.outcomes import Outcome


@operations.only_through_gate("risk.snooze_rule")
@transaction.atomic
def snooze_rule(
    *, rule_id: UUID, customer_id: UUID, last_day: date, reason: str, actor: Actor, now: datetime
) -> RuleSnooze:
    """Pass a rule over for one customer until a day has ended. Writes `risk.rule.snoozed`.

    :param last_day: of the bank; the rule counts again when it is over.
    :raises ReasonRequired: when `reason` is blank.
    :raises RuleNotFound, CustomerNotFound: when there is none.
    :raises RuleNotSnoozed: for a rule that refuses, or that looks into the bank's own lists.
    :raises SnoozeEndInvalid: when that day is over, or more than 90 days away.
    """
    reason, until = require_reason(reason), end_of(last_day, now)
    locks.rule_for_update(rule_id)
    rule = Rule.objects.filter(pk=rule_id).first()
    customer = Customer.objects.filter(pk=customer_id).first()
    if rule is None:
        raise errors.RuleNotFound(rule=rule_id)
    if customer is None:
        raise errors.CustomerNotFound
    refuse_rule(rule)
    snooze = RuleSnooze.objects.create(
        rule=rule,
        customer=customer,
        since=now,
        until=until,
        reason=reason,
        made_by_id=actor.id,
        made_by_name=actor.name,
        approval_request_id=context.approval_request_id(),
    )
    _record(events.RULE_SNOOZED, snooze, reason, actor, now)
    return snooze


@transaction.atomic
def end_snooze(*, snooze_id: UUID, reason: str, actor: Actor, now: datetime) -> RuleSnooze:
    """Let a rule count again for a customer before its time. That makes the bank stricter, and needs nobody's consent.

    Writes `risk.rule.snooze_ended`.

    :raises ReasonRequired: when `reason` is blank.
    :raises SnoozeOver: when it has ended, or there is none.
    """
    reason = require_reason(reason)
    with busy_is_an_answer():
        known = RuleSnooze.objects.select_for_update(of=("self",), no_key=True)
        snooze = known.select_related("rule", "customer").filter(pk=snooze_id).first()
    if snooze is None or snooze.ended_at is not None or snooze.until <= now:
        raise errors.SnoozeOver
    snooze.ended_at, snooze.ended_by_name = now, actor.name
    snooze.save(update_fields=["ended_at", "ended_by_name"])
    _record(events.SNOOZE_ENDED, snooze, reason, actor, now)
    return snooze


def refuse_rule(rule: Rule) -> None:
    """:raises RuleNotSnoozed: when nobody is excepted from a rule; the trigger `snooze_under_consent` knows the same two."""
    if not may_be_snoozed(rule):
        raise errors.RuleNotSnoozed(rule=rule.key)


def may_be_snoozed(rule: Rule) -> bool:
    """Tell whether customers may be excepted: who is on a list is taken off it, and what the bank refuses it refuses to all."""
    declines = rule.versions.filter(state=VersionState.ACTIVE, outcome=Outcome.DECLINE)
    return rule.family != Family.LISTED and not declines.exists()


def end_of(last_day: date, now: datetime) -> datetime:
    """Return when a snooze ends whose last day this is, by the bank's clock.

    :raises SnoozeEndInvalid: when that is not after `now`, or more than 90 days after it.
    """
    midnight = datetime.combine(min(last_day, date.max - timedelta(days=1)) + timedelta(days=1), time.min)
    until = timezone.make_aware(midnight, timezone.get_default_timezone())
    if not now < until <= now + SNOOZE_MAX:
        raise errors.SnoozeEndInvalid(days=SNOOZE_MAX.days)
    return until


def _record(event: audit.EventType, snooze: RuleSnooze, reason: str, actor: Actor, now: datetime) -> None:
    customer = snooze.customer
    detail = {"customer": customer.public_id, "number": customer.number, "until": snooze.until.isoformat()}
    subject = events.about_rule(snooze.rule)
    audit.record(event, actor=actor, subject=subject, now=now, reason=reason, detail=detail)
