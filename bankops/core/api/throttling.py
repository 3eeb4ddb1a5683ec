"""What a call costs, and whether the caller may still spend it: per address before anyone is known, per credential after."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest

from bankops.core import rate_limit
from bankops.core.api.errors import RateLimited
from bankops.core.client_address import client_address
from bankops.core.key_lock import KeyLock
from bankops.core.rate_limit import Limit, Verdict

FAILED_AUTHENTICATION_COST = 10
TOKEN_COST = 10  # what is asked for a token, right or wrong: a secret is compared each time
TOKEN_LIMIT = Limit(per_second=1, burst=10)  # of one client at one address; a token lasts a quarter of an hour
COSTS: Mapping[str, int] = {"GET": 1, "HEAD": 1, "OPTIONS": 1, "POST": 5, "PATCH": 5, "PUT": 5, "DELETE": 5}


def spend_for_address(request: HttpRequest, cost: int = 1) -> Verdict:
    """Count a call of whoever calls from this address.

    :raises RateLimited: when the address has called too often.
    """
    return spend(_bucket(request), _address_limit(), cost)


def spend_for_token(request: HttpRequest) -> None:
    """Count a call in which somebody shows a client's secret, right or wrong: for the address, and for the client there.

    :raises RateLimited: when it was done too often.
    """
    spend_for_address(request, TOKEN_COST)
    client = hashlib.sha256(_client_id(request).encode("utf-8", "replace")).hexdigest()
    spend(f"token:{client_address(request)}:{client}", TOKEN_LIMIT, 1)


def _client_id(request: HttpRequest) -> str:
    """Return whom the caller says it is (RFC 6749 §2.3.1), by whichever way; empty where it does not."""
    scheme, _space, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(encoded.strip()).decode("utf-8", "replace").partition(":")[0]
        except ValueError:
            return ""
    try:
        return str(request.POST.get("client_id", ""))
    except (SuspiciousOperation, OSError):  # the view reads it once more, and refuses it
        return ""


def punish_address(request: HttpRequest) -> None:
    """Let whoever guesses tokens pay for it: with what is left, when that is less than it costs."""
    verdict = rate_limit.spend(_bucket(request), _address_limit(), FAILED_AUTHENTICATION_COST)
    if not verdict.allowed and verdict.left > 0:
        rate_limit.spend(_bucket(request), _address_limit(), verdict.left)


def _bucket(request: HttpRequest) -> str:
    return f"address:{client_address(request)}"


def _address_limit() -> Limit:
    return Limit(*settings.BANKOPS_ADDRESS_RATE)


def spend(bucket: str, limit: Limit, cost: int, *, lock: KeyLock | None = None) -> Verdict:
    """Take what a call costs.

    :param lock: to be taken in the same call; see `Verdict.locked`.
    :raises RateLimited: when it is not there; `verdict` on the error says how the bucket stands.
    """
    verdict = rate_limit.spend(bucket, limit, cost, lock=lock)
    if not verdict.allowed:
        error = RateLimited(seconds=max(1, verdict.retry_after))
        error.verdict = verdict  # type: ignore[attr-defined]
        raise error
    return verdict


def headers_of(verdict: Verdict) -> dict[str, str]:
    """Return the headers that tell a caller how it stands (draft-ietf-httpapi-ratelimit-headers, in seconds)."""
    limit = verdict.limit
    return {
        "RateLimit-Limit": str(limit.burst),
        "RateLimit-Remaining": str(max(0, verdict.left)),
        "RateLimit-Reset": str(verdict.reset),
        "RateLimit-Policy": f"{limit.burst};w={math.ceil(limit.burst / limit.per_second)}",
    }
