"""Add a partner's systems and retire them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from bankops.core import audit, ids
from bankops.core.actor import Actor
from bankops.core.operations import only_through_gate
from bankops.core.texts import require_reason
from partners import events, locks, system_rules
from partners.models import PartnerSystem


@only_through_gate("partners.add_system")
@transaction.atomic
def add_system(*, partner_id: UUID, name: str, purpose: str, actor: Actor, reason: str, now: datetime) -> PartnerSystem:
    """Add a system to a partner and return it. Writes `partners.system.added`.

    :raises PartnerNotActive: when the partner is suspended or ended.
    :raises SystemNameTaken: when it has one of that name, in any letter case.
    :raises TextTooLong, UnstorableText: when it cannot be kept.
    """
    require_reason(reason)
    partner = locks.lock_partner(partner_id)
    system_rules.refuse_system(partner, name, purpose)
    system = PartnerSystem.objects.create(id=ids.uuid7(), partner=partner, name=name, purpose=purpose, added_at=now)
    detail = {"partner": partner.public_id, "purpose": purpose}
    audit.record(
        events.SYSTEM_ADDED,
        subject=events.about_system(system),
        actor=actor,
        reason=reason,
        now=now,
        detail=detail,
    )
    return system


@only_through_gate("partners.retire_system")
@transaction.atomic
def retire_system(*, system_id: UUID, actor: Actor, reason: str, now: datetime) -> PartnerSystem:
    """Retire a system that nothing signs in for any more; return it. Writes `partners.system.retired`.

    :raises SystemRetired: when it is already.
    :raises SystemInUse: while a credential of it lives: revoke that first.
    """
    require_reason(reason)
    partner_id = PartnerSystem.objects.values_list("partner_id", flat=True).get(pk=system_id)
    locks.lock_partner(partner_id)
    system = PartnerSystem.objects.select_related("partner").get(pk=system_id)
    system_rules.refuse_retirement(system)
    system.retired_at = now
    system.save(update_fields=["retired_at"])
    audit.record(events.SYSTEM_RETIRED, subject=events.about_system(system), actor=actor, reason=reason, now=now)
    return system
