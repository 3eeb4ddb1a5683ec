"""Partners and their systems in a database that is thrown away: written past the guards, as if people had consented.

For drills and measurements only: the guards of a table are put to sleep by its owner, for the length of a transaction in
which nobody else can use the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from uuid import UUID

from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction

from accounts.models import AccountPartnerGrant
from accounts.partner_access import Right
from approvals.models import ApprovalRequest
from bankops.core import ids
from bankops.drill.system import System
from partners import scopes, secrets
from partners.models import Credential, CredentialSecret, CredentialState, Network, Partner, PartnerKind, PartnerLimit
from partners.models.credential import SECRET_ELSEWHERE
from staff.models import User

_NETWORK = "127.0.0.0/8"
_LIMIT = 10**15  # minor units: never what stops a drill
_RATE_PER_SECOND, _RATE_BURST = 1_000_000, 10_000_000
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a partner comes with.

    Attributes:
        accounts: that it may read, debit and credit.
        consent: an approval request that stands for all the consent this would take.
        by: who picks up the secrets.

    """

    accounts: Sequence[UUID]
    currency: str
    consent: ApprovalRequest
    by: User
    now: datetime


def partner_with_systems(count: int, terms: Terms) -> list[System]:
    """Write a partner and so many credentials of it, each with every scope."""
    with guards_asleep(AccountPartnerGrant, Credential, CredentialSecret):
        partner = _partner(terms.currency, terms.now)
        _give_rights(partner, terms.accounts, terms.consent, terms.now)
        return [_credential(partner, terms.consent, terms.by, terms.now) for _number in range(count)]


def partner_that_waits(*, now: datetime) -> Partner:
    """Write a partner that has no system and no rights yet."""
    key = ids.uuid7()
    name = f"Partner {next(_numbers)}"
    return Partner.objects.create(
        id=key,
        name=name,
        legal_name=name,
        kind=PartnerKind.BUSINESS,
        group=Group.objects.create(name=f"partner:{ids.encode(Partner.ID_PREFIX, key)}"),
        rate_per_second=_RATE_PER_SECOND,
        rate_burst=_RATE_BURST,
        created_at=now,
    )


def _partner(currency: str, now: datetime) -> Partner:
    partner = partner_that_waits(now=now)
    Network.objects.create(partner=partner, cidr=_NETWORK, added_at=now)
    PartnerLimit.objects.create(partner=partner, currency=currency, per_transaction=_LIMIT, per_day=_LIMIT, set_at=now)
    return partner


def _give_rights(partner: Partner, accounts: Sequence[UUID], consent: ApprovalRequest, now: datetime) -> None:
    AccountPartnerGrant.objects.bulk_create(
        AccountPartnerGrant(
            permission=permission,
            group_id=partner.group_id,
            content_object_id=account,
            approval_request=consent,
            granted_at=now,
        )
        for permission in Permission.objects.filter(codename__in=[Right.READ, Right.DEBIT, Right.CREDIT])
        for account in accounts
    )


def _credential(partner: Partner, consent: ApprovalRequest, by: User, now: datetime) -> System:
    credential = Credential(
        id=ids.uuid7(),
        partner=partner,
        name="Settlement server",
        scopes=list(scopes.ALL),
        issued_at=now,
        state=CredentialState.ACTIVE,
        client_type=Credential.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Credential.GRANT_CLIENT_CREDENTIALS,
        hash_client_secret=False,
        approval_request_id=consent.pk,
    )
    credential.client_id = credential.public_id
    credential.client_secret = f"{SECRET_ELSEWHERE}{credential.client_id}"
    credential.save(force_insert=True)
    secret = secrets.draw()
    CredentialSecret.objects.create(
        credential=credential,
        digest=secrets.digest(secret, client_id=credential.client_id),
        hint=secret[-4:],
        valid_from=now,
        picked_up_by=by,
        approval_request_id=ids.uuid7(),
    )
    return System(credential.client_id, secret)


@contextmanager
def guards_asleep(*models: type) -> Iterator[None]:
    """Write what these tables take with consent only; nobody else can use them meanwhile."""
    tables = [model._meta.db_table for model in models]  # type: ignore[attr-defined]
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks still to be made cannot be altered
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
