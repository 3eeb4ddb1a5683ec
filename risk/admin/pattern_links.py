"""From the reason of an alert to the pattern that it tells of."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse

from bankops.core import ids
from bankops.core.errors import InvalidId
from risk.models import AlertReason, Pattern


def patterns_of(request: HttpRequest, reasons: Iterable[AlertReason]) -> list[tuple[str, str]]:
    """Return the patterns that reasons tell of, by public id, and where each page is; empty for whoever may not read it."""
    told = dict.fromkeys(str(one.values["pattern"]) for one in reasons if "pattern" in one.values)
    may_read = request.user.has_perm("risk.view_pattern")
    return [(public_id, _address(public_id) if may_read else "") for public_id in told]


def _address(public_id: str) -> str:
    try:
        key = ids.decode(Pattern.ID_PREFIX, public_id)
    except InvalidId:
        return ""
    return reverse("admin:risk_pattern_change", args=[key])
