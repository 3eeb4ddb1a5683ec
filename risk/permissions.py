"""Which roles hold this app's rights. `manage.py sync_roles` makes the groups so; docs/permissions.md shows the whole."""

from __future__ import annotations

from staff.roles import Role, declare


def declare_all() -> None:
    """Declare them; called once, when the app is ready."""
    declare("risk.view_pattern", Role.RISK_ANALYST)
