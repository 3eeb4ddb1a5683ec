"""`expand=from_account,approval`: records told whole where an id would stand."""

from __future__ import annotations

from collections.abc import Collection

from django.http import HttpRequest

from bankops.core.api.errors import UnknownExpansion


def expansions(request: HttpRequest, allowed: Collection[str]) -> frozenset[str]:
    """Return what the caller wants expanded; of `approval.decisions`, `approval` is wanted too.

    :raises UnknownExpansion: for a name that this resource does not expand.
    """
    wanted = [name for given in request.GET.getlist("expand") for name in given.split(",") if name]
    for name in wanted:
        if name not in allowed:
            raise UnknownExpansion(name=name[:40], known=", ".join(sorted(allowed)) or "–")
    return frozenset(wanted) | {name.partition(".")[0] for name in wanted}
