"""Signing keys: agreed to by two people, two live at most, and never the half that signs."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.test import Client

from approvals.models import ApprovalRequest, RequestVersion
from bankops.core import clock
from bankops.core.models import AuditEvent
from partners.models import Credential, SigningKey, UsedNonce
from partners.models.signing import fingerprint
from partners.public_keys import parsed
from partners.signing import _live_keys
from partners.tasks import purge_used_nonces
from staff.models import User
from tests.approvals.factories import Bank, approve_all
from tests.partners.factories import make_credential, make_partner, make_signing_key
from tests.partners.test_lifecycle import agreed, submit
from tests.personas import SignIn
from tests.unchanged import refused, refused_by_database

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bank", "shipped")]

# RFC 9421, appendix B.1.4, test-key-ed25519: as PEM, and the same 32 bytes.
PEM = (
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----"
)
RAW = "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="


@pytest.fixture
def admin(bank: Bank) -> User:
    return bank.administrator


def new_key() -> str:
    return base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()


def live(credential: Credential, **later: float) -> set[str]:
    return set(_live_keys(credential.pk, clock.now() + timedelta(**later)))


# -- What is a key -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [PEM, f"  {PEM}\n", RAW])
def test_a_key_is_read_in_either_writing(text: str) -> None:
    assert parsed(text) == RAW


def _foreign(curve: Any) -> str:
    return str(
        generate_private_key(curve).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    )


def _private() -> str:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    "text",
    ["", "x", RAW[:-4], f"{RAW}{RAW}", PEM[:60], "é", "A" * 2_000, _foreign(SECP256R1()), _private()],
    ids=["empty", "word", "short", "long", "torn", "not ascii", "endless", "another curve", "private"],
)
def test_anything_else_is_none(admin: User, text: str) -> None:
    credential = make_credential()
    with refused("not_a_public_key"):
        submit(admin, "set_signing_key", credential=credential.public_id, public_key=text)


def test_a_fingerprint_is_the_one_that_openssh_shows_of_32_bytes() -> None:
    assert fingerprint(base64.b64encode(b"\0" * 32).decode()) == "SHA256:Zmh6rfhivXdsj8GLjp+OIAiXFIVu4jOzkCpZHQ1fKSU"


# -- Set, and replaced ---------------------------------------------------------------------------------------------------


def test_two_people_agree_to_a_key(admin: User) -> None:
    credential = make_credential()
    request = agreed(admin, "set_signing_key", credential=credential.public_id, public_key=PEM)
    key = SigningKey.objects.get()
    assert (key.public_key, key.approval_request_id) == (RAW, request.pk)
    assert live(credential) == {key.public_id}
    told = AuditEvent.objects.get(event_type="partners.credential.signing_key_set")
    assert told.detail == {"key": key.public_id, "fingerprint": fingerprint(RAW)}


def test_old_and_new_key_overlap(admin: User) -> None:
    credential = make_credential()
    old, _private = make_signing_key(credential)
    agreed(admin, "set_signing_key", credential=credential.public_id, public_key=RAW, overlap_hours=2)
    assert len(live(credential)) == 2
    assert old in live(credential, minutes=119)
    assert old not in live(credential, minutes=121)
    with refused("signing_keys_still_live"):
        submit(admin, "set_signing_key", credential=credential.public_id, public_key=new_key(), overlap_hours=1)


def test_without_overlap_all_others_end_at_once(admin: User) -> None:
    credential = make_credential()
    for until in (timedelta(hours=1), None):
        make_signing_key(credential, valid_until=clock.now() + until if until else None)
    agreed(admin, "set_signing_key", credential=credential.public_id, public_key=RAW, overlap_hours=0)
    assert live(credential) == {SigningKey.objects.get(public_key=RAW).public_id}


def test_the_same_key_is_not_set_again(admin: User) -> None:
    credential = make_credential()
    agreed(admin, "set_signing_key", credential=credential.public_id, public_key=RAW)
    with refused("signing_key_in_use"):
        submit(admin, "set_signing_key", credential=credential.public_id, public_key=PEM)


@pytest.mark.parametrize("hours", [-1, 169, "1", True])
def test_an_overlap_is_a_week_at_most(admin: User, hours: Any) -> None:
    payload = {"credential": make_credential().public_id, "public_key": RAW, "overlap_hours": hours}
    with refused("overlap_out_of_range"):
        submit(admin, "set_signing_key", **payload)


def test_a_revoked_credential_signs_nothing(admin: User) -> None:
    credential = make_credential()
    make_signing_key(credential)
    submit(admin, "revoke_credential", credential=credential.public_id)
    assert live(credential) == set()
    with refused("credential_revoked"):
        submit(admin, "set_signing_key", credential=credential.public_id, public_key=RAW)


def test_a_key_of_a_suspended_partner_waits(admin: User) -> None:
    credential = make_credential(make_partner(state="SUSPENDED"))
    with refused("partner_not_active"):
        submit(admin, "set_signing_key", credential=credential.public_id, public_key=RAW)


def test_what_was_agreed_to_goes_stale_when_another_key_came_first(admin: User) -> None:
    credential = make_credential()
    waiting = submit(admin, "set_signing_key", credential=credential.public_id, public_key=RAW)
    make_signing_key(credential)
    assert approve_all(waiting.request).state == "STALE"
    assert not SigningKey.objects.filter(public_key=RAW).exists()


def test_it_is_set_from_the_credentials_page(admin: User, signed_in_client: SignIn) -> None:
    credential = make_credential()
    client: Client = signed_in_client(admin)
    form = {"reason": "a contract was signed", "public_key": PEM, "overlap_hours": "24"}
    page = f"/admin/partners/credential/{credential.pk}"
    assert "Waits for approval" in client.post(f"{page}/set_signing_key/", form, follow=True).content.decode()
    request = ApprovalRequest.objects.get()
    assert fingerprint(RAW) in str(RequestVersion.objects.get(request=request).description)
    assert approve_all(request).state == "EXECUTED"
    shown = client.get(f"{page}/change/").content.decode()
    assert SigningKey.objects.get().public_id in shown
    assert fingerprint(RAW) in shown


# -- What the database holds ---------------------------------------------------------------------------------------------


def _key(credential: Credential, **change: Any) -> SigningKey:
    told = {"public_key": new_key(), "valid_from": clock.now(), "approval_request_id": uuid4()}
    return SigningKey.objects.create(credential=credential, **{**told, **change})


def test_a_key_comes_of_consent() -> None:
    with refused_by_database("signing_key_under_consent"):
        _key(make_credential())


def test_two_keys_live() -> None:
    credential = make_credential()
    for _time in range(2):
        make_signing_key(credential)
    with refused_by_database("signing_key_two_live"):
        _key(credential)


def test_no_key_is_for_the_revoked() -> None:
    with refused_by_database("signing_key_of_the_living"):
        _key(make_credential(state="REVOKED", revoked_at=clock.now()))


@pytest.mark.parametrize(
    "change",
    [{"public_key": RAW}, {"valid_until": clock.now() + timedelta(days=3)}, {"valid_until": None}],
    ids=["another", "longer", "for ever"],
)
def test_a_key_only_ends(change: dict[str, Any]) -> None:
    credential = make_credential()
    make_signing_key(credential, valid_until=clock.now() + timedelta(days=1))
    with refused_by_database("signing_key_only_ends"):
        credential.signing_keys.update(**change)


def test_a_key_is_kept_and_whole() -> None:
    credential = make_credential()
    make_signing_key(credential)
    with refused_by_database("partner_records_are_kept"):
        SigningKey.objects.all()._raw_delete("default")
    with refused_by_database("signing_key_is_32_bytes"):
        make_signing_key(credential, public_key="A" * 44)


def test_signing_key_once_per_consent() -> None:
    consent = uuid4()
    make_signing_key(make_credential(), approval_request_id=consent)
    with refused_by_database("signing_key_once_per_consent"):
        make_signing_key(make_credential(), approval_request_id=consent)


def test_nonce_once() -> None:
    credential = make_credential()
    long_ago = clock.now() - timedelta(hours=1)
    UsedNonce.objects.create(credential=credential, nonce="n", seen_at=long_ago)
    with refused_by_database("nonce_once"):
        UsedNonce.objects.create(credential=credential, nonce="n", seen_at=clock.now())
    assert purge_used_nonces() == 1
