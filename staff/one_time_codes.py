"""TOTP arithmetic (RFC 6238 over RFC 4226), without a database and without a clock."""

from __future__ import annotations

import hmac
from base64 import b32encode
from datetime import datetime
from urllib.parse import quote, urlencode

from django_otp.oath import hotp

STEP_SECONDS = 30
DIGITS = 6
# One step either way (RFC 6238 §5.2): the phone's clock may be half a minute off, and typing takes time.
TOLERANCE = (0, -1, 1)
SECRET_BYTES = 20  # RFC 4226 §4 R6: at least 128 bits, 160 recommended


def step_at(now: datetime) -> int:
    """Return the number of the 30-second step that `now` lies in."""
    return int(now.timestamp()) // STEP_SECONDS


def code_at(secret: bytes, now: datetime, *, digits: int = DIGITS) -> str:
    """Return the code that an authenticator app shows at `now`."""
    return _code(secret, step_at(now), digits)


def matching_step(secret: bytes, code: str, now: datetime) -> int | None:
    """Return the step that `code` belongs to, at most one away from `now`, or None. Takes the same time either way."""
    given = code.encode(errors="replace")
    steps = [step_at(now) + offset for offset in TOLERANCE]
    matches = [step for step in steps if hmac.compare_digest(_code(secret, step, DIGITS).encode(), given)]
    return max(matches, default=None)


def provisioning_uri(secret: bytes, *, issuer: str, account: str) -> str:
    """Return the `otpauth://` address that authenticator apps read from a QR code."""
    label = quote(f"{issuer}:{account}")
    return f"otpauth://totp/{label}?{urlencode({'secret': readable(secret), 'issuer': issuer})}"


def readable(secret: bytes) -> str:
    """Return the secret as apps take it by hand: base32 without padding."""
    return b32encode(secret).decode().rstrip("=")


def _code(secret: bytes, step: int, digits: int) -> str:
    return str(hotp(secret, step, digits=digits)).zfill(digits)
