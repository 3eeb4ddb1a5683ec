"""Signed requests: HTTP Message Signatures (RFC 9421), Ed25519 (RFC 8032), each nonce once.

A signature says that whoever holds the partner's key wrote this request, to this address, with this token, key and body, just
now, and that it was not sent before. The library checks the signature; age, coverage and replay are ours to check.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519
from http_message_signatures.digests import ContentDigest
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from bankops.core import ids
from bankops.core.db import prepared
from partners import errors
from partners.caller import Caller
from partners.models import SigningKey

TAG: Final = "bankops"
LONGEST_AGE: Final = timedelta(minutes=5)
CLOCKS_APART: Final = timedelta(minutes=1)
ALWAYS_COVERED: Final = ("@method", "@target-uri", "authorization")

_NONCE = re.compile(r"[!-~]{16,128}")
_KEYS = """
    SELECT id, public_key FROM partners_signingkey
     WHERE credential_id = %(credential)s AND valid_from <= %(now)s AND (valid_until IS NULL OR valid_until > %(now)s)
"""
_USE_NONCE = """
    INSERT INTO partners_usednonce (credential_id, nonce, seen_at) VALUES (%(credential)s, %(nonce)s, %(now)s)
    ON CONFLICT DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Message:
    """A request as the library reads it. `target` is path and query as they were sent; the origin is ours to know."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def url(self) -> str:
        """The address that must have been signed: whatever `Host` says, it was meant for us."""
        return f"{settings.BANKOPS_API_ORIGIN}{self.target}"


def check(caller: Caller, *, method: str, target: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Refuse a request whose signature is missing where it is needed, or wrong wherever it is given.

    The nonce is used up, whatever becomes of the request.

    :param body: the bytes that came.
    :raises SignatureRequired: when the partner must sign, and did not.
    :raises SignatureInvalid: when it was not made by a live key of this credential, over this request.
    :raises SignatureExpired: when it is older than five minutes, or from the future.
    :raises SignatureIncomplete: when it does not cover what it must (`covered_by`).
    :raises ContentDigestMismatch: when the body is not the one that was signed.
    :raises NonceReplayed: when its nonce was used before.
    """
    message = Message(method, target, headers, body)
    if "Signature-Input" not in headers and "Signature" not in headers:
        if caller.must_sign:
            raise errors.SignatureRequired
        return
    verified = _verified(message, _Verifier(_live_keys(caller.credential_id, now), now))
    missing = covered_by(message) - _plainly(verified.covered_components)
    if missing:
        raise errors.SignatureIncomplete(missing=", ".join(sorted(missing)))
    _check_digest(verified.covered_components, body)
    _use_nonce(caller.credential_id, verified.nonce, now)


def covered_by(message: Message) -> set[str]:
    """Return what a signature of this request has to cover."""
    covered = {*ALWAYS_COVERED}
    if message.method == "POST":
        covered.add("idempotency-key")
    if message.body:
        covered.add("content-digest")
    return covered


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, keys: Mapping[str, Ed25519PublicKey]) -> None:
        self._keys = keys

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        return self._keys.get(key_id)


class _Verifier(HTTPMessageVerifier):
    """The library's, with the caller's clock in place of its own."""

    def __init__(self, keys: Mapping[str, Ed25519PublicKey], now: datetime) -> None:
        super().__init__(signature_algorithm=ED25519, key_resolver=_Keys(keys))
        self._now = now.timestamp()

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        """:raises SignatureExpired: unless it was made in the last minutes."""
        created, expires = (sig_input.params.get(name) for name in ("created", "expires"))
        skew, age = CLOCKS_APART.total_seconds(), LONGEST_AGE.total_seconds()
        is_fresh = created is not None and self._now - age - skew <= created <= self._now + skew
        if not is_fresh or (expires is not None and expires < self._now - skew):
            raise errors.SignatureExpired(minutes=LONGEST_AGE // timedelta(minutes=1))


def _verified(message: Message, verifier: _Verifier) -> Any:
    """Return the one signature that is meant for us.

    :raises SignatureInvalid: when there is none, or more than one, or it is wrong.
    """
    try:
        found = verifier.verify(message, max_age=None, expect_tag=TAG)
    except HTTPMessageSignaturesException as error:
        raise errors.SignatureInvalid from error
    if len(found) != 1:
        raise errors.SignatureInvalid
    return found[0]


def _plainly(covered: Mapping[str, str]) -> set[str]:
    """Return the components that are covered whole: one with a parameter is a part of it, or something else."""
    return {name.strip('"') for name in covered if ";" not in name}


def _check_digest(covered: Mapping[str, str], body: bytes) -> None:
    try:
        ContentDigest.verify_components(covered, body)
    except HTTPMessageSignaturesException as error:
        raise errors.ContentDigestMismatch from error


def _live_keys(credential_id: UUID, now: datetime) -> dict[str, Ed25519PublicKey]:
    rows = prepared(_KEYS, {"credential": credential_id, "now": now})
    return {
        ids.encode(SigningKey.ID_PREFIX, key): Ed25519PublicKey.from_public_bytes(b64decode(raw)) for key, raw in rows
    }


def _use_nonce(credential_id: UUID, nonce: str | None, now: datetime) -> None:
    """Use a nonce up, for good: in PostgreSQL, because a Redis that forgets would let a request be sent again."""
    if not nonce or not _NONCE.fullmatch(nonce):
        raise errors.SignatureIncomplete(missing="nonce")
    if not prepared(_USE_NONCE, {"credential": credential_id, "nonce": nonce, "now": now}):
        raise errors.NonceReplayed
