"""Secrets of credentials: drawn at random, kept as keyed hashes.

A secret has 256 random bits, so nobody guesses it and a slow hash would only make `/oauth/token` a way to keep our
processors busy. The key (docs/operations.md, `BANKOPS_ENCRYPTION_KEYS`) is not in the database, so a stolen copy of it
does not let anybody try secrets either.
"""

from __future__ import annotations

import secrets
import string

from bankops.core import encryption

# Letters and digits only: clients put it through URL encoding, and not all of them rightly.
_LETTERS = string.ascii_letters + string.digits
_LENGTH = 43  # 62 ** 43 > 2 ** 256


def draw() -> str:
    """Return a new secret."""
    return "".join(secrets.choice(_LETTERS) for _position in range(_LENGTH))


def digest(secret: str, *, client_id: str) -> str:
    """Return what is kept of a secret: an HMAC bound to its credential, in hex."""
    return encryption.fingerprint(secret, context=_context(client_id))


def digests(secret: str, *, client_id: str) -> list[str]:
    """Return the digest under every configured key: a secret outlives a change of keys."""
    return encryption.fingerprints(secret, context=_context(client_id))


def _context(client_id: str) -> str:
    return f"partners.secret:{client_id}"
