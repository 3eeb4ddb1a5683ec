"""Roles, and which rights each of them holds.

A role is a Django group named by its value. Each app declares in its `ready()` who holds its permissions; `manage.py
sync_roles` makes the groups exactly so, and docs/permissions.md shows the whole matrix:

    roles.declare("accounts.open_account", Role.TELLER, Role.OPERATOR)

Two rules are held here, at start-up, because no later check would be early enough: the auditor changes nothing, and the
administrator changes nothing but what is declared `administrative` (people and settings, never money).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody works as. Stored in group names: values never change."""

    TELLER = "teller", _("Teller")
    OPERATOR = "operator", _("Operator")
    FIRST_REVIEWER = "first_reviewer", _("First reviewer")
    FINAL_REVIEWER = "final_reviewer", _("Final reviewer")
    RISK_ANALYST = "risk_analyst", _("Risk analyst")
    FINANCE = "finance", _("Finance")
    CUSTOMER_SERVICE = "customer_service", _("Customer service")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")


# Who holds one of these holds nothing else. The trigger `staff_roles_apart` says the same in the database.
HELD_ALONE = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})

_declared: dict[str, frozenset[Role]] = {}


def declare(permission: str, *holders: Role, administrative: bool = False) -> None:
    """Declare who holds a permission. The auditor holds every `view_…` permission without being named.

    :param permission: `app.verb_noun`, as in the owning model's `Meta`.
    :param administrative: it manages people or settings and cannot touch money, so the administrator may hold it.
    :raises ImproperlyConfigured: when the permission is declared twice or separation of duties forbids a holder.
    """
    if permission in _declared:
        raise ImproperlyConfigured(f"{permission} is declared twice")
    views = _is_view(permission)
    if Role.AUDITOR in holders and not views:
        raise ImproperlyConfigured(f"{permission}: the auditor changes nothing")
    if Role.ADMINISTRATOR in holders and not (views or administrative):
        raise ImproperlyConfigured(f"{permission}: the administrator holds administrative rights only")
    _declared[permission] = frozenset(holders) | ({Role.AUDITOR} if views else set())


def matrix() -> dict[str, frozenset[Role]]:
    """Return every declared permission with its holders, sorted by name."""
    return dict(sorted(_declared.items()))


def permissions_of(role: Role) -> frozenset[str]:
    """Return the permissions a role holds."""
    return frozenset(permission for permission, holders in _declared.items() if role in holders)


def holders_of(permission: str) -> frozenset[Role]:
    """Return the roles that hold a permission; none when it was never declared."""
    return _declared.get(permission, frozenset())


def conflict(held: Iterable[str], wanted: str) -> str | None:
    """Return a role among `held` that may not be held together with `wanted`, or None."""
    others = [role for role in held if role != wanted]
    if wanted in HELD_ALONE:
        return next(iter(others), None)
    return next((role for role in others if role in HELD_ALONE), None)


def _is_view(permission: str) -> bool:
    return permission.partition(".")[2].startswith("view_")
