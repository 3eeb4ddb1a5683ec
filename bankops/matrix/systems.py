"""Partners and their credentials, as they stand on the stage: what their doors are tried on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import Group

from accounts.models import AccountPartnerGrant
from accounts.partner_access import Right
from approvals.models import ApprovalRequest, ReviewGrant
from bankops.core import clock, ids
from partners.models import (
    ContactRole,
    Credential,
    CredentialState,
    Partner,
    PartnerContact,
    PartnerKind,
    PartnerState,
    PartnerSystem,
)
from staff.models import OneTimeCodeDevice
from transactions.models import BatchState, TransferBatch, TransferBatchItem

if TYPE_CHECKING:
    from bankops.matrix.stage import Stage

_STEP = timedelta(seconds=40)  # a code is good once, and lasts 30 seconds


def partners(now: datetime) -> dict[str, Partner]:
    """Write partners as if they had been consented to: one to work with, one that is suspended."""
    wanted = {"active": PartnerState.ACTIVE, "suspended": PartnerState.SUSPENDED}
    return {name: _partner(f"Partner {name}", state, now) for name, state in wanted.items()}


def system(stage: Stage) -> PartnerSystem:
    """Write down a system that nothing signs in for."""
    return PartnerSystem.objects.create(partner=stage.partners["active"], name="Archive", added_at=stage.now)


def contacts(stage: Stage) -> dict[str, PartnerContact]:
    """Write down one contact as if it had been consented to, and draft another."""
    known = {"partner": stage.partners["active"], "role": ContactRole.TECHNICAL, "drafted_at": stage.now}
    begun = {"drafted": None, "known": stage.now}
    return {
        name: PartnerContact.objects.create(name=f"Contact {name}", email=f"{name}@acme.example", since=since, **known)
        for name, since in begun.items()
    }


def credentials(stage: Stage) -> dict[str, Credential]:
    """Issue credentials with everybody's consent: one in use, one whose secret waits for the administrator."""
    begun = stage.now - timedelta(seconds=130)
    issued = {name: _issued(stage, name, begun + place * _STEP) for place, name in enumerate(("active", "waiting"))}
    active = issued["active"]
    active.state, active.pickup_by, active.pickup_until = CredentialState.ACTIVE, None, None
    active.save(update_fields=["state", "pickup_by", "pickup_until"])
    return issued


def grant_account(stage: Stage, account: str) -> AccountPartnerGrant:
    """Let the active partner read an account, with everybody's consent that it takes."""
    at = stage.now - timedelta(seconds=38)  # half a minute after the codes before, and before those of now
    named = {"account": stage.accounts[account].public_id, "partner": stage.partners["active"].public_id}
    payload = {**named, "rights": [Right.READ.value]}
    request: ApprovalRequest = stage.submit("operator", "accounts.grant_partner_access", payload, at).request
    for place in range(request.stage_count):
        request = stage.approve(request, least_busy(stage, request), at + timedelta(seconds=place + 1))
    grant: AccountPartnerGrant = AccountPartnerGrant.objects.get(approval_request=request)
    return grant


def batch(stage: Stage) -> TransferBatch:
    """Write a batch of the active partner's that has come in: one transfer, from the payer to the payee."""
    about = {"reference": "STAGE", "state": BatchState.RECEIVED, "currency": "CNY", "total": 1_00, "item_count": 1}
    when = {"created_at": stage.now, "business_date": clock.business_date(stage.now)}
    made_by = {"maker_id": stage.credentials["active"].public_id, "maker_name": "System active"}
    told = {**about, **when, **made_by, "all_or_nothing": False, "content_hash": bytes(32)}
    received: TransferBatch = TransferBatch.objects.create(partner=stage.partners["active"], **told)
    payer, payee = stage.accounts["payer"], stage.accounts["payee"]
    sides = {"payer": payer, "payee": payee, "payer_named": payer.public_id, "payee_named": payee.public_id}
    TransferBatchItem.objects.create(batch=received, position=0, amount=1_00, reference="STAGE-1", **sides)
    return received


def least_busy(stage: Stage, request: ApprovalRequest) -> str:
    """Return whose code was used longest ago among those who are asked: each code is good once."""
    asked = ReviewGrant.objects.filter(content_object=request).values_list("user", flat=True)
    devices = OneTimeCodeDevice.objects.filter(user__in=asked).order_by("last_step", "user")
    names = {user.pk: name for name, user in stage.staff.items() if name not in {"away", "final_reviewer_3"}}
    return next(names[device.user_id] for device in devices if device.user_id in names)


def _partner(name: str, state: PartnerState, now: datetime) -> Partner:
    partner_id = ids.uuid7()
    group = Group.objects.create(name=f"partner:{ids.encode(Partner.ID_PREFIX, partner_id)}")
    told = {"name": name, "legal_name": name, "kind": PartnerKind.BUSINESS, "state": state}
    return Partner.objects.create(id=partner_id, group=group, created_at=now, **told)


def _issued(stage: Stage, name: str, at: datetime) -> Credential:
    partner = stage.partners["active"].public_id
    payload = {"partner": partner, "name": f"System {name}", "scopes": ["events:read"]}
    request: ApprovalRequest = stage.submit("administrator", "partners.issue_credential", payload, at).request
    for _stage in range(request.stage_count):
        at += timedelta(seconds=10)
        request = stage.approve(request, least_busy(stage, request), at)
    credential: Credential = Credential.objects.get(approval_request_id=request.pk)
    return credential
