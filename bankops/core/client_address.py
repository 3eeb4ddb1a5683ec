"""Where a request comes from, as far as our own proxies tell it."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the caller's network address, or None where there is none (a Unix socket).

    Each proxy appends to `X-Forwarded-For` whom it heard from. Of `BANKOPS_PROXY_COUNT` proxies the outermost wrote the
    entry that many places from the right; what stands left of it, the caller may have made up.
    """
    told = request.headers.get("X-Forwarded-For", "").split(",")
    proxies = settings.BANKOPS_PROXY_COUNT
    forwarded = told[-proxies].strip() if 0 < proxies <= len(told) else ""
    return _valid(forwarded) or _valid(request.META.get("REMOTE_ADDR", ""))


def _valid(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None
