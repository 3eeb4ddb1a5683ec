"""What a credential may be given: each scope opens some addresses of the API, and no other (docs/partners.md)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from partners.errors import UnknownScope

ALL = {
    "accounts:read": _("Read accounts, balances and postings"),
    "transfers:read": _("Read its own transfers"),
    "transfers:write": _("Make transfers"),
    "batches:write": _("Make transfers in batches"),
    "deposits:write": _("Take deposits as an agent"),
    "withdrawals:write": _("Pay out withdrawals as an agent"),
    "refunds:write": _("Refund its own transfers"),
    "holds:write": _("Place, capture and release holds"),
    "payees:check": _("Check a payee's name"),
    "events:read": _("Read the log of events"),
}


def known(scopes: Iterable[str]) -> list[str]:
    """Return the scopes, each once and sorted.

    :raises UnknownScope: when one is none, or there is none at all.
    """
    wanted = sorted(set(map(str, scopes)))
    strange = [scope for scope in wanted if scope not in ALL]
    if strange or not wanted:
        raise UnknownScope(scope=", ".join(strange) or "—", scopes=", ".join(ALL))
    return wanted
