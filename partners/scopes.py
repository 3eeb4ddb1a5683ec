"""What a credential may be given: each scope opens some addresses of the API, and no other (docs/partners.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.utils.translation import gettext_lazy as _

from bankops.core import operations
from partners.errors import UnknownScope

_SCOPES_SAY = """A partner's system has no role. Its token opens what its scopes say, for the accounts that its partner was given
rights to ([partners.md](partners.md)); an operation that no scope names is not for partners at all."""
_SCOPES_HEAD = "| Scope | What it allows | Operations |"

ALL = {
    "accounts:read": _("Read accounts, balances and postings"),
    "transfers:read": _("Read its own transfers and batches"),
    "transfers:write": _("Make transfers"),
    "batches:read": _("Read its own batches"),
    "batches:write": _("Make transfers in batches"),
    "deposits:read": _("Read its own deposits"),
    "deposits:write": _("Take deposits as an agent, and read them"),
    "withdrawals:read": _("Read its own withdrawals"),
    "withdrawals:write": _("Pay out withdrawals as an agent, and read them"),
    "refunds:read": _("Read its own refunds"),
    "refunds:write": _("Refund its own transfers, and read its refunds"),
    "holds:read": _("Read its own holds"),
    "holds:write": _("Place, capture and release holds, and read them"),
    "payees:check": _("Check a payee's name"),
    "events:read": _("Read the log of events"),
    "webhooks:read": _("Read its webhook endpoints and what was sent to them"),
    "webhooks:write": _("Have events sent to its endpoints again, and test events"),
}
_OPENED_BY = {
    "batches:read": "transfers:read",
    "deposits:read": "deposits:write",
    "withdrawals:read": "withdrawals:write",
    "refunds:read": "refunds:write",
    "holds:read": "holds:write",
}
"""What one scope opens of another's: these opened it before there was a scope for reading alone."""


def opens(held: Collection[str], scope: str) -> bool:
    """Tell whether somebody with these scopes may do what `scope` is for."""
    return scope in held or _OPENED_BY.get(scope) in held


def openers(scope: str) -> list[str]:
    """Return the scopes that open what `scope` is for: itself first."""
    return [scope, *([_OPENED_BY[scope]] if scope in _OPENED_BY else [])]


def as_markdown() -> str:
    """Return the section on the page of rights: what a token opens, and which operations it may ask the gate for."""
    asked: dict[str, list[str]] = {scope: [] for scope in ALL}
    for key in operations.registered():
        for scope in operations.get(key).partner_scopes():
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
