"""The headers in the API's description: which a call takes, and which its answers have, by status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from bankops.core.idempotency import KEY_LONGEST

MADE: Final = (201, 202)
KEPT: Final = (200, *MADE, 403, 404, 409, 422, 500)
"""Statuses of the answers that are kept under an Idempotency-Key."""

_ALWAYS: Final = {
    "Request-Id": (OpenApiTypes.STR, "This call's id, for questions about it."),
    "RateLimit-Limit": (OpenApiTypes.INT, "How much may be spent at once."),
    "RateLimit-Remaining": (OpenApiTypes.INT, "How much of that is left."),
    "RateLimit-Reset": (OpenApiTypes.INT, "Seconds until all of it is there again."),
    "RateLimit-Policy": (
        OpenApiTypes.STR,
        "How much may be spent at once, and in how many seconds it comes again: 50;w=5",
    ),
    "Bankops-Sandbox": (OpenApiTypes.STR, "`true` in the sandbox; not there in live books."),
}
_ON_REFUSALS: Final = (
    OpenApiParameter(
        "Retry-After",
        OpenApiTypes.INT,
        OpenApiParameter.HEADER,
        description="Seconds to wait before the same request is sent again. On 409 only of `request_in_flight`.",
        response=[409, 429, 503],
    ),
    OpenApiParameter(
        "WWW-Authenticate",
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        description="How to authenticate (RFC 6750 §3); on 403 only of `scope_missing`, with the scope.",
        response=[401, 403],
    ),
)
_SIGNED: Final = {
    "Signature-Input": "What the signature covers, when it was made, its nonce and its key.",
    "Signature": "The signature, Ed25519.",
    "Content-Digest": "The digest of the body (RFC 9530), which the signature covers.",
}
_ONLY_SOME: Final = "Required of partners whose requests are signed (RFC 9421), and of no other."


@dataclass(frozen=True, slots=True)
class Traits:
    """What the headers of one operation depend on.

    Attributes:
        is_list: it answers a page.
        takes_key: it needs an Idempotency-Key.
        tagged: statuses of its answers that carry an ETag.

    """

    method: str
    is_list: bool
    takes_key: bool
    tagged: Sequence[int]


def asked(traits: Traits) -> list[OpenApiParameter]:
    """Return the headers that a call takes."""
    told = []
    if traits.method == "GET" and not traits.is_list:
        told.append(_header("If-None-Match", "The ETag of what you have: 304 when it is still that."))
    if traits.takes_key:
        key: Any = {"type": "string", "minLength": 1, "maxLength": KEY_LONGEST, "pattern": "^[!-~]+$"}
        told.append(
            _header("Idempotency-Key", "A text of your own: the same key is the same request.", key, required=True)
        )
    if traits.method == "PATCH":
        told.append(_header("If-Match", "The ETag of what you saw.", required=True))
    signed = [name for name in _SIGNED if traits.method != "GET" or name != "Content-Digest"]
    return told + [_header(name, f"{_SIGNED[name]} {_ONLY_SOME}") for name in signed]


def answered(traits: Traits) -> list[OpenApiParameter]:
    """Return the headers that answers have."""
    told = [_answered(name, kind, text, ()) for name, (kind, text) in _ALWAYS.items()] + list(_ON_REFUSALS)
    if traits.tagged:
        text = "The version of the resource, for `If-None-Match` and `If-Match`."
        told.append(_answered("ETag", OpenApiTypes.STR, text, traits.tagged))
    if traits.takes_key:
        text = "Where what was made is read."
        told.append(_answered("Location", OpenApiTypes.STR, text, MADE))
        text = "`true` when the answer was given before, under the same Idempotency-Key."
        told.append(_answered("Idempotent-Replayed", OpenApiTypes.STR, text, KEPT))
    return told


def _header(name: str, text: str, kind: Any = OpenApiTypes.STR, *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=text, required=required)


def _answered(name: str, kind: Any, text: str, statuses: Sequence[int]) -> OpenApiParameter:
    """Describe a header of the answers with these statuses; without any, of all."""
    response: Any = list(statuses) or True
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=text, response=response)
