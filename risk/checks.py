"""What `manage.py check --deploy` says of risk's settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks


def register_all() -> None:
    """Register them; called once, when the app is ready."""
    checks.register(lists_are_required, checks.Tags.security, deploy=True)


def lists_are_required(**_kwargs: Any) -> list[checks.CheckMessage]:
    """Warn of a bank that would not notice that it has no sanctions list."""
    if settings.BANKOPS_REQUIRED_LISTS:
        return []
    hint = "Set BANKOPS_REQUIRED_LISTS, for example to ofac_sdn,un_consolidated (docs/lists.md)."
    return [checks.Warning("No sanctions list is required.", hint=hint, id="risk.W001")]
