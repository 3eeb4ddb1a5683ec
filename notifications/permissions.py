"""Which roles hold this app's rights. `manage.py sync_roles` makes the groups so; docs/permissions.md shows the whole."""

from __future__ import annotations

from staff.roles import Role, declare

_READERS = (Role.OPERATOR, Role.RISK_ANALYST, Role.CUSTOMER_SERVICE, Role.ADMINISTRATOR)


def declare_all() -> None:
    """Declare them: whom the bank tells what is business; the secrets with which it signs are the administrator's."""
    for noun in ("endpoint", "endpointsecret"):  # reviewers agree to them
        declare(f"notifications.view_{noun}", *_READERS, Role.FIRST_REVIEWER, Role.FINAL_REVIEWER)
    for noun in ("endpointhealth", "delivery", "attempt", "replayjob", "incident"):
        declare(f"notifications.view_{noun}", *_READERS)
    for permission in ("add_endpoint", "change_endpoint", "resume_endpoint", "send_test_event", "replay_deliveries"):
        declare(f"notifications.{permission}", Role.OPERATOR)
    for permission in ("rotate_endpoint_secret", "pick_up_endpoint_secret"):
        declare(f"notifications.{permission}", Role.ADMINISTRATOR, administrative=True)
    for permission in ("pause_endpoint", "disable_endpoint", "reopen_endpoint", "work_incident"):
        declare(f"notifications.{permission}", Role.OPERATOR, Role.ADMINISTRATOR, administrative=True)
