"""Secrets at rest: AES-256-GCM, and keyed hashes for codes that only ever need to be recognised.

`BANKOPS_ENCRYPTION_KEYS` holds one or more passphrases, newest first. The newest writes; all of them read, so a key is
changed by putting the new one in front. What is encrypted is bound to its place (`context`): bytes copied from one row
into another do not decrypt there.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_VERSION = b"\x01"
_NONCE_BYTES = 12  # NIST SP 800-38D §8.2.2: random 96-bit nonces


class CannotDecrypt(RuntimeError):
    """None of the configured keys opens this: a key is missing, or somebody changed the bytes. Never a user's fault."""


def encrypt(plain: bytes, *, context: str) -> bytes:
    """Return `plain` encrypted with the newest key and bound to `context`, for instance `staff.device:usr_…`."""
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(_keys(b"encrypt")[0]).encrypt(nonce, plain, context.encode())


def decrypt(sealed: bytes, *, context: str) -> bytes:
    """Return what `encrypt` was given with the same `context`.

    :raises CannotDecrypt: when no configured key opens it.
    """
    version, nonce, body = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    for key in _keys(b"encrypt") if version == _VERSION else []:
        try:
            return AESGCM(key).decrypt(nonce, body, context.encode())
        except InvalidTag:
            continue
    raise CannotDecrypt(context)


def fingerprint(text: str, *, context: str) -> str:
    """Return HMAC-SHA256 of `text` under the newest key, in hex: equal text in equal context gives an equal value."""
    return fingerprints(text, context=context)[0]


def fingerprints(text: str, *, context: str) -> list[str]:
    """Return the fingerprint under every configured key, newest first, to look up what an older key wrote."""
    message = f"{context}\x00{text}".encode()
    return [hmac.new(key, message, hashlib.sha256).hexdigest() for key in _keys(b"fingerprint")]


def _keys(purpose: bytes) -> list[bytes]:
    """Derive a key per passphrase and purpose (HKDF, RFC 5869), so that no key serves two ends."""
    return [
        HKDF(algorithm=SHA256(), length=32, salt=None, info=b"bankops." + purpose).derive(phrase.encode())
        for phrase in settings.BANKOPS_ENCRYPTION_KEYS
    ]
