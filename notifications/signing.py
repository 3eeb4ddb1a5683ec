"""Signatures of the Standard Webhooks specification, version 1 (https://github.com/standard-webhooks/standard-webhooks).

What is signed is `webhook-id.webhook-timestamp.body`, the body byte for byte as it is sent; with HMAC-SHA256, once with
each secret that lives, so that a receiver can change over from one to the next when it likes.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from collections.abc import Iterable, Mapping

ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER = "webhook-id", "webhook-timestamp", "webhook-signature"
SECRET_PREFIX = "whsec_"  # noqa: S105 - what is written before every secret
TOLERANCE_SECONDS = 300
"""How far a receiver lets the timestamp be from its own clock: what was overheard cannot be sent again later."""

_VERSION = "v1"
_SECRET_BYTES = 24  # the specification asks for 24 to 64


class NotSigned(Exception):
    """What came was not signed by anyone who knows the secret, or not now. The message says which header is at fault."""


def new_secret() -> str:
    """Return a new secret as the receiver gets it: `whsec_` and base64."""
    return SECRET_PREFIX + base64.b64encode(os.urandom(_SECRET_BYTES)).decode()


def sign(body: bytes, *, event_id: str, timestamp: int, secrets: Iterable[str]) -> str:
    """Return the value of `webhook-signature`: one signature for each secret, in their order.

    :param timestamp: seconds since 1970, of this attempt.
    :raises ValueError: where there is no secret, or one is empty or not base64.
    """
    signed = _signed(body, event_id, str(timestamp))
    signatures = [_signature(signed, secret) for secret in secrets]
    if not signatures:
        raise ValueError("there is no secret to sign with")
    return " ".join(signatures)


def verify(body: bytes, headers: Mapping[str, str], *, secrets: Iterable[str], now: float) -> str:
    """Return the event's id (`webhook-id`) if one of the signatures fits one of the secrets.

    :param headers: by name, in any case.
    :param now: seconds since 1970.
    :raises NotSigned: where a header is missing or malformed, the timestamp is more than five minutes off, or nothing fits.
    :raises ValueError: where a secret is empty or not base64.
    """
    given = {name.lower(): value for name, value in headers.items()}
    event_id, timestamp, signatures = (given.get(name, "") for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER))
    for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER):
        if not given.get(name):
            raise NotSigned(f"{name} is missing")
    _check_timestamp(timestamp, now)
    expected = [_signature(_signed(body, event_id, timestamp), secret).encode() for secret in secrets]
    for signature in signatures.encode().split(b" "):
        if any(hmac.compare_digest(signature, each) for each in expected):
            return event_id
    raise NotSigned(f"no signature in {SIGNATURE_HEADER} fits")


def _check_timestamp(timestamp: str, now: float) -> None:
    if not (timestamp.isascii() and timestamp.isdecimal()) or len(timestamp) > len("9999999999999"):
        raise NotSigned(f"{TIMESTAMP_HEADER} is not a number of seconds")
    if abs(int(timestamp) - now) > TOLERANCE_SECONDS:
        raise NotSigned(f"{TIMESTAMP_HEADER} is more than {TOLERANCE_SECONDS} seconds off")


def _signed(body: bytes, event_id: str, timestamp: str) -> bytes:
    return f"{event_id}.{timestamp}.".encode() + body


def _signature(signed: bytes, secret: str) -> str:
    digest = hmac.digest(_key(secret), signed, "sha256")
    return f"{_VERSION},{base64.b64encode(digest).decode()}"


def _key(secret: str) -> bytes:
    """Return a secret's bytes; its prefix and the padding of its base64 may be missing."""
    text = secret.removeprefix(SECRET_PREFIX).rstrip("=")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a webhook secret is not base64") from None
    if not key:
        raise ValueError("a webhook secret is empty")
    return key
