"""What a credential may be given: each scope opens some addresses of the API, and no other (docs/partners.md)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from bankops.core import operations
from partners.errors import UnknownScope

_SCOPES_SAY = """A partner's system has no role. Its token opens what its scopes say, for the accounts that its partner was given
rights to ([partners.md](partners.md)); an operation that no scope names is not for partners at all."""
_SCOPES_HEAD = "| Scope | What it allows | Operations |"

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


def as_markdown() -> str:
    """Return the section on the page of rights: what a token opens, and which operations it may ask the gate for."""
    asked: dict[str, list[str]] = {scope: [] for scope in ALL}
    for key in operations.registered():
        scope = operations.get(key).partner_scope
        if scope:
            asked[scope].append(f"`{key}`")
    lines = [f"| `{scope}` | {label} | {', '.join(asked[scope])} |" for scope, label in ALL.items()]
    return "\n".join([f"## {_('Scopes of partners')}", "", _SCOPES_SAY, "", _SCOPES_HEAD, "|---|---|---|", *lines, ""])


def known(scopes: Iterable[str]) -> list[str]:
    """Return the scopes, each once and sorted.

    :raises UnknownScope: when one is none, or there is none at all.
    """
    wanted = sorted(set(map(str, scopes)))
    strange = [scope for scope in wanted if scope not in ALL]
    if strange or not wanted:
        raise UnknownScope(scope=", ".join(strange) or "—", scopes=", ".join(ALL))
    return wanted
