"""Versions of what was read: `ETag`, `If-None-Match`, `If-Match` (RFC 9110 §13)."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode

from django.http import HttpRequest

from bankops.core.api.errors import ChangedMeanwhile, IfMatchRequired
from bankops.core.api.problems import written


def etag_of(data: object) -> str:
    """Return the ETag of a resource's JSON, as it is without expansions."""
    digest = hashlib.sha256(written(data).encode()).digest()
    return f'"{urlsafe_b64encode(digest).decode()[:22]}"'


def is_known(request: HttpRequest, etag: str) -> bool:
    """Tell whether the caller has this version: the answer is 304 without a body."""
    return _names(request.headers.get("If-None-Match", ""), etag)


def require_match(request: HttpRequest, etag: str) -> None:
    """Let nobody change what they have not seen.

    :param etag: of the resource as it is now, read under its lock.
    :raises IfMatchRequired: without `If-Match`.
    :raises ChangedMeanwhile: when it names another version.
    """
    given = request.headers.get("If-Match", "")
    if not given:
        raise IfMatchRequired
    if not _names(given, etag):
        raise ChangedMeanwhile


def _names(header: str, etag: str) -> bool:
    named = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in named or etag in named
