"""Which roles hold the rights of this app, and the kernel's, which knows no roles."""

from __future__ import annotations

from staff.roles import Role, declare

_MANAGE_PEOPLE = (
    "hire_user",
    "grant_role",
    "revoke_role",
    "disable_user",
    "enable_user",
    "reset_second_factor",
    "reset_password",
    "unlock_user",
    "open_branch",
    "rename_branch",
    "close_branch",
)


def declare_all() -> None:
    """Declare them; called once, when the app is ready."""
    for permission in _MANAGE_PEOPLE:
        declare(f"staff.{permission}", Role.ADMINISTRATOR, administrative=True)
    for permission in ("view_user", "view_onetimecodedevice", "view_recoverycode"):
        declare(f"staff.{permission}", Role.ADMINISTRATOR)
    declare("staff.view_branch", *Role)
    declare("core.view_auditevent", Role.ADMINISTRATOR)
    declare("core.view_outboxmessage")
    declare("core.view_endofdayrun", Role.OPERATOR, Role.FINANCE)
