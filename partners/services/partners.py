"""Register partners, say what they may do, suspend them and let them go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import transaction

from bankops.core import audit, ids, texts
from bankops.core.actor import Actor
from bankops.core.money import Money
from bankops.core.operations import only_through_gate
from bankops.core.texts import require_reason
from partners import errors, events, locks, rules
from partners.models import Credential, Network, Partner, PartnerLimit, PartnerState
from partners.services.credentials import end_credentials, end_tokens

FIELDS = ("name", "legal_name", "kind", "may_credit_any", "requires_signature", "rate_per_second", "rate_burst")


@only_through_gate("partners.register_partner")
@transaction.atomic
def register_partner(*, data: Mapping[str, Any], actor: Actor, reason: str, now: datetime) -> Partner:
    """Register a partner and return it: it can do nothing until it has networks, limits and a credential.

    Writes `partners.partner.registered`.

    :param data: the fields of `FIELDS`.
    :raises PartnerNameTaken: when another has the name, in any letter case.
    :raises PartnerFieldMissing, UnknownPartnerKind, RateOutOfRange, TextTooLong, UnstorableText: as `rules.refuse_data`.
    """
    require_reason(reason)
    rules.refuse_data(data)
    partner = Partner(id=ids.uuid7(), created_at=now, **{name: data[name] for name in FIELDS})
    partner.group = Group.objects.create(name=f"partner:{partner.public_id}")
    _save(partner, reason)
    _tell(events.REGISTERED, partner, actor=actor, reason=reason, now=now)
    return partner


@only_through_gate("partners.change_partner")
@transaction.atomic
def change_partner(*, partner_id: UUID, data: Mapping[str, Any], actor: Actor, reason: str, now: datetime) -> Partner:
    """Change a partner's name or what it may do, and return it. Writes `partners.partner.changed`.

    :raises PartnerEnded, PartnerUnchanged: when there is nothing to change.
    :raises PartnerNameTaken: also what `register_partner` refuses.
    """
    require_reason(reason)
    partner = locks.lock_partner(partner_id)
    rules.refuse_change(partner, data)
    changes = {name: (getattr(partner, name), data[name]) for name in FIELDS if getattr(partner, name) != data[name]}
    for name, (_before, after) in changes.items():
        setattr(partner, name, after)
    _save(partner, reason)
    _tell(events.CHANGED, partner, actor=actor, reason=reason, now=now, changes=changes)
    return partner


@only_through_gate("partners.suspend_partner")
@transaction.atomic
def suspend_partner(*, partner_id: UUID, actor: Actor, reason: str, now: datetime) -> Partner:
    """Shut a partner out at once, until it is resumed; its tokens end. Writes `partners.partner.suspended`.

    :raises PartnerNotActive: when it is suspended or ended already.
    """
    require_reason(reason)
    partner = locks.lock_partner(partner_id)
    rules.refuse_unless_active(partner)
    end_tokens(Credential.objects.filter(partner=partner))
    return _into(partner, PartnerState.SUSPENDED, events.SUSPENDED, actor=actor, reason=reason, now=now)


@only_through_gate("partners.resume_partner")
@transaction.atomic
def resume_partner(*, partner_id: UUID, actor: Actor, reason: str, now: datetime) -> Partner:
    """Let a suspended partner call again, with the credentials it has. Writes `partners.partner.resumed`.

    :raises PartnerNotSuspended: when it is not suspended.
    """
    require_reason(reason)
    partner = locks.lock_partner(partner_id)
    rules.refuse_unless_suspended(partner)
    return _into(partner, PartnerState.ACTIVE, events.RESUMED, actor=actor, reason=reason, now=now)


@only_through_gate("partners.end_partner")
@transaction.atomic
def end_partner(*, partner_id: UUID, actor: Actor, reason: str, now: datetime) -> Partner:
    """End a partnership for good, and every credential of it. Writes `partners.partner.ended`.

    :raises PartnerEnded: when it has ended already.
    """
    require_reason(reason)
    partner = locks.lock_partner(partner_id)
    rules.refuse_ended(partner)
    end_credentials(partner, actor=actor, reason=reason, now=now)
    return _into(partner, PartnerState.ENDED, events.ENDED, actor=actor, reason=reason, now=now)


@only_through_gate("partners.set_networks")
@transaction.atomic
def set_networks(*, partner_id: UUID, networks: Sequence[str], actor: Actor, reason: str, now: datetime) -> Partner:
    """Let a partner call from these networks and no other, from now on; return it. Writes `partners.partner.networks_set`.

    :param networks: as `networks.parsed` writes them; none: it cannot call.
    :raises PartnerEnded, PartnerUnchanged: when there is nothing to set.
    """
    require_reason(reason)
    partner = locks.lock_partner(partner_id)
    before = rules.refuse_networks(partner, networks)
    partner.networks.filter(removed_at=None).exclude(cidr__in=networks).update(removed_at=now)
    added = [Network(partner=partner, cidr=cidr, added_at=now) for cidr in networks if cidr not in before]
    Network.objects.bulk_create(added)
    changes = {"networks": (", ".join(before), ", ".join(networks))}
    _tell(events.NETWORKS_SET, partner, actor=actor, reason=reason, now=now, changes=changes)
    return partner


@only_through_gate("partners.set_partner_limits")
@transaction.atomic
def set_partner_limits(
    *, partner_id: UUID, per_transaction: Money, per_day: Money, actor: Actor, reason: str, now: datetime
) -> Partner:
    """Set what a partner may move in one currency, at once and in a day; return it. Writes `partners.partner.limits_set`.

    :raises LimitsOutOfOrder: when a day's is less than a transaction's, or one is negative.
    :raises PartnerEnded, PartnerUnchanged: when there is nothing to set.
    """
    require_reason(reason)
    partner = locks.lock_partner(partner_id)
    before = rules.refuse_limits(partner, per_transaction, per_day)
    PartnerLimit.objects.update_or_create(
        partner=partner,
        currency=per_day.currency,
        defaults={"per_transaction": per_transaction.minor, "per_day": per_day.minor, "set_at": now},
    )
    after = rules.in_words(per_transaction, per_day)
    changes = {f"limits {per_day.currency}": (before, after)}
    _tell(events.LIMITS_SET, partner, actor=actor, reason=reason, now=now, changes=changes)
    return partner


def _into(
    partner: Partner, state: PartnerState, event: audit.EventType, *, actor: Actor, reason: str, now: datetime
) -> Partner:
    before, partner.state = partner.state, state
    _save(partner, reason)
    changes = {"state": (str(before), str(state))}
    _tell(event, partner, actor=actor, reason=reason, now=now, changes=changes)
    return partner


def _save(partner: Partner, reason: str) -> None:
    texts.check_fits(Partner, name=partner.name, legal_name=partner.legal_name)
    if Partner.objects.filter(name__iexact=partner.name).exclude(pk=partner.pk).exists():
        raise errors.PartnerNameTaken(name=partner.name)
    partner._change_reason = reason[:100]  # type: ignore[attr-defined]
    partner.save()


def _tell(event: audit.EventType, partner: Partner, **what: Any) -> None:
    audit.record(event, subject=events.about(partner), **what)
