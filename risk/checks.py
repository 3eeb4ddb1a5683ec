"""What `manage.py check` says of risk's settings; `--deploy` says more."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks


def register_all() -> None:
    """Register them; called once, when the app is ready."""
    checks.register(lists_are_required, checks.Tags.security, deploy=True)
    checks.register(held_until_looked_at)


def lists_are_required(**_kwargs: Any) -> list[checks.CheckMessage]:
    """Warn of a bank that would not notice that it has no sanctions list."""
    if settings.BANKOPS_REQUIRED_LISTS:
        return []
    hint = "Set BANKOPS_REQUIRED_LISTS, for example to ofac_sdn,un_consolidated (docs/lists.md)."
    return [checks.Warning("No sanctions list is required.", hint=hint, id="risk.W001")]


def held_until_looked_at(**_kwargs: Any) -> list[checks.CheckMessage]:
    """Refuse to let held payments expire before the last day on which their alert may be decided."""
    longest = max(settings.BANKOPS_ALERT_DAYS.values())
    if longest <= settings.BANKOPS_RISK_HELD_DAYS:
        return []
    hint = f"Set BANKOPS_RISK_HELD_DAYS to at least {longest}, the longest of BANKOPS_ALERT_DAYS_… (docs/risk.md)."
    return [checks.Error("Payments that risk holds expire before anybody has to look.", hint=hint, id="risk.E001")]
