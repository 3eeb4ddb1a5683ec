"""Public keys as partners send them, and as the database keeps them."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from partners.errors import NotAPublicKey

_LONGEST = 1_000
_BYTES = 32


def parsed(text: str) -> str:
    """Return an Ed25519 public key, PEM or Base64, as its 32 bytes in Base64.

    :raises NotAPublicKey: when it is anything else, a private key for instance.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        raise NotAPublicKey
    raw = _out_of_pem(text) if text.startswith("-----BEGIN") else _out_of_base64(text)
    if len(raw) != _BYTES:
        raise NotAPublicKey
    return b64encode(raw).decode()


def _out_of_pem(text: str) -> bytes:
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise NotAPublicKey from None
    if not isinstance(key, Ed25519PublicKey):
        raise NotAPublicKey
    return key.public_bytes_raw()


def _out_of_base64(text: str) -> bytes:
    try:
        return b64decode(text.encode(), validate=True)
    except NotBase64:
        raise NotAPublicKey from None
