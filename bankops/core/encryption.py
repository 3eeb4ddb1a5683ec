"""Secrets at rest: AES-256-GCM, and keyed hashes for what only ever needs to be recognised.

`BANKOPS_ENCRYPTION_KEYS` holds one or more passphrases, newest first. The newest writes; all of them read, so a key is
changed by putting the new one in front. What is encrypted names its key and is bound to its place (`context`): bytes copied
from one row into another do not decrypt there.

    version 2:  0x02 · key id (4 bytes) · nonce (12 bytes) · ciphertext and tag
    version 1:  0x01 · nonce (12 bytes) · ciphertext and tag            read, and rewritten by `manage.py rotate_encryption`
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_VERSION_1, _VERSION_2 = b"\x01", b"\x02"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12  # NIST SP 800-38D §8.2.2: random 96-bit nonces
_TAG_BYTES = 16
HEADER_BYTES = 1 + _KEY_ID_BYTES


class CannotDecrypt(RuntimeError):
    """No configured key opens this: a key is missing, or somebody changed the bytes. Never a user's fault.

    :param context: the place that the bytes were read from.
    :param key_id: the id of the key that wrote them, in hex; empty where the bytes do not say.
    """

    def __init__(self, context: str, key_id: str = "") -> None:
        self.context, self.key_id = context, key_id
        under = f": written with key {key_id}, which is not configured" if key_id else ""
        super().__init__(f"{context} cannot be decrypted{under}")


@dataclass(frozen=True, slots=True)
class _Key:
    id: bytes
    cipher: AESGCM
    fingerprint_key: bytes


def encrypt(plain: bytes, *, context: str) -> bytes:
    """Return `plain` encrypted with the newest key and bound to `context`, for instance `staff.device:usr_…`."""
    key, nonce = _keys()[0], os.urandom(_NONCE_BYTES)
    return _VERSION_2 + key.id + nonce + key.cipher.encrypt(nonce, plain, context.encode())


def decrypt(sealed: bytes, *, context: str) -> bytes:
    """Return what `encrypt` was given with the same `context`.

    :raises CannotDecrypt: when no configured key opens it; it names the key where that one is not configured.
    """
    candidates, rest = _candidates(sealed, context)
    nonce, body = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
    if len(body) < _TAG_BYTES:
        raise CannotDecrypt(context)
    for key in candidates:
        try:
            return key.cipher.decrypt(nonce, body, context.encode())
        except InvalidTag:
            continue
    raise CannotDecrypt(context)


def is_current(sealed: bytes) -> bool:
    """Tell whether the newest key wrote this, in today's format."""
    return sealed[:HEADER_BYTES] == current_header()


def current_header() -> bytes:
    """Return the first `HEADER_BYTES` of whatever `encrypt` writes now."""
    return _VERSION_2 + _keys()[0].id


def key_ids() -> list[str]:
    """Return the ids of the configured keys in hex, newest first."""
    return [key.id.hex() for key in _keys()]


def fingerprint(text: str, *, context: str) -> str:
    """Return HMAC-SHA256 of `text` under the newest key, in hex: equal text in equal context gives an equal value."""
    return _hmac(_keys()[0], text, context)


def fingerprints(text: str, *, context: str) -> list[str]:
    """Return the fingerprint under every configured key, newest first, to look up what an older key wrote."""
    return [_hmac(key, text, context) for key in _keys()]


def _hmac(key: _Key, text: str, context: str) -> str:
    return hmac.digest(key.fingerprint_key, f"{context}\x00{text}".encode(), "sha256").hex()


def _candidates(sealed: bytes, context: str) -> tuple[Sequence[_Key], bytes]:
    """Return the keys that may open this, and what follows its header."""
    if sealed[:1] == _VERSION_1:
        return _keys(), sealed[1:]
    if sealed[:1] != _VERSION_2:
        raise CannotDecrypt(context)
    key_id = sealed[1:HEADER_BYTES]
    named = [key for key in _keys() if key.id == key_id]
    if not named:
        raise CannotDecrypt(context, key_id.hex())
    return named, sealed[HEADER_BYTES:]


def _keys() -> tuple[_Key, ...]:
    return _derived(tuple(settings.BANKOPS_ENCRYPTION_KEYS))


@lru_cache(maxsize=8)
def _derived(phrases: tuple[str, ...]) -> tuple[_Key, ...]:
    """Derive a key per passphrase and purpose (HKDF, RFC 5869), so that no key serves two ends."""
    return tuple(
        _Key(
            id=_derive(phrase, b"key id", length=_KEY_ID_BYTES),
            cipher=AESGCM(_derive(phrase, b"encrypt")),
            fingerprint_key=_derive(phrase, b"fingerprint"),
        )
        for phrase in phrases
    )


def _derive(phrase: str, purpose: bytes, length: int = 32) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"bankops." + purpose).derive(phrase.encode())
