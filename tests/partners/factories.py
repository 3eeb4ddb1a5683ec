"""Partners for tests, written past the services: consent to them is tested where they are registered."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client

from bankops.core import clock, ids
from bankops.core.operations import Order
from partners import scopes, secrets
from partners.caller import Caller, caller_as
from partners.models import Credential, CredentialSecret, Network, Partner, PartnerLimit, SigningKey
from partners.models.credential import SECRET_ELSEWHERE
from staff.models import User
from tests.personas import hire

HERE = "127.0.0.0/8"  # where Django's test client calls from
_numbers = count(1)


@contextmanager
def guards_asleep() -> Iterator[None]:
    """Write what the database takes only with consent."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def make_partner(
    *, networks: Sequence[str] = (HERE,), limits: dict[str, tuple[int, int]] | None = None, **with_: Any
) -> Partner:
    """Return an active partner.

    :param limits: per currency, what it may move at once and in a day, minor units.
    """
    now, partner_id = clock.now(), ids.uuid7()
    name = f"Partner {next(_numbers)}"
    group = Group.objects.create(name=f"partner:{ids.encode(Partner.ID_PREFIX, partner_id)}")
    told = {"name": name, "legal_name": f"{name} Ltd", "kind": "BUSINESS", **with_}
    partner = Partner.objects.create(id=partner_id, group=group, created_at=now, **told)
    for cidr in networks:
        Network.objects.create(partner=partner, cidr=cidr, added_at=now)
    for currency, (per_transaction, per_day) in (limits or {}).items():
        PartnerLimit.objects.create(
            partner=partner, currency=currency, per_transaction=per_transaction, per_day=per_day, set_at=now
        )
    return partner


def make_credential(partner: Partner | None = None, *wanted: str, state: str = "ACTIVE", **with_: Any) -> Credential:
    """Return a credential with these scopes, or with all; it has no secret yet."""
    credential = Credential(
        id=ids.uuid7(),
        partner=partner or make_partner(),
        name="Settlement server",
        scopes=list(wanted or scopes.ALL),
        issued_at=clock.now(),
        state=state,
        client_type=Credential.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Credential.GRANT_CLIENT_CREDENTIALS,
        hash_client_secret=False,
        **{"approval_request_id": uuid4(), **with_},
    )
    credential.client_id = credential.public_id
    credential.client_secret = f"{SECRET_ELSEWHERE}{credential.client_id}"
    with guards_asleep():
        credential.save(force_insert=True)
    return credential


def make_secret(credential: Credential, user: User | None = None, **with_: Any) -> str:
    """Give a credential a secret and return it."""
    secret = secrets.draw()
    with guards_asleep():
        CredentialSecret.objects.create(
            credential=credential,
            digest=secrets.digest(secret, client_id=credential.client_id),
            hint=secret[-4:],
            **{"valid_from": clock.now(), "approval_request_id": uuid4(), "picked_up_by": user or _somebody(), **with_},
        )
    return secret


def make_signing_key(credential: Credential, **with_: Any) -> tuple[str, Ed25519PrivateKey]:
    """Give a credential a signing key; return its id and the half that stays with the partner."""
    private = Ed25519PrivateKey.generate()
    with guards_asleep():
        key = SigningKey.objects.create(
            credential=credential,
            **{
                "public_key": base64.b64encode(private.public_key().public_bytes_raw()).decode(),
                "valid_from": clock.now(),
                "approval_request_id": uuid4(),
                **with_,
            },
        )
    return key.public_id, private


def make_caller(*wanted: str, credential: Credential | None = None, **partner: Any) -> Caller:
    """Return the caller that a token with these scopes, or all, would stand for."""
    credential = credential or make_credential(make_partner(**partner))
    return caller_as(credential, scopes=frozenset(wanted or scopes.ALL))


def order_of(credential: Credential, *, now: datetime | None = None, key: str = "") -> Order:
    """Return an order as it comes in from a partner's system."""
    actor = caller_as(credential, scopes=frozenset()).actor
    return Order(actor=actor, now=now or clock.now(), channel="partner", idempotency_key=key)


def ask_for_token(credential: Credential, secret: str, *, address: str = "127.0.0.1", **more: str) -> HttpResponse:
    """Ask for a token as a partner's system does."""
    sign_in = base64.b64encode(f"{credential.client_id}:{secret}".encode()).decode()
    data = {"grant_type": "client_credentials", **more}
    client = Client(REMOTE_ADDR=address)
    return client.post("/oauth/token", data, headers={"authorization": f"Basic {sign_in}"})  # type: ignore[return-value]


def token_of(credential: Credential, secret: str = "", **more: str) -> str:
    """Return a token of a credential, with a secret made for it unless it is given.

    :param more: what is asked for, and the `address` it is asked from.
    """
    answer = ask_for_token(credential, secret or make_secret(credential), **more)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["access_token"])  # type: ignore[attr-defined]


def _somebody() -> User:
    return User.objects.first() or hire("T0001", "Who Picked Up", None, None, phone=False)  # type: ignore[arg-type]
