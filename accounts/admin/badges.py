"""An account's status and restriction at a glance, in words and in colour."""

from __future__ import annotations

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.models import Account, AccountStatus, Restriction
from bankops.core.admin.display import Tone, badge

_STATUS_TONES = {
    AccountStatus.PENDING: Tone.WARNING,
    AccountStatus.ACTIVE: Tone.GOOD,
    AccountStatus.DORMANT: Tone.WARNING,
    AccountStatus.CLOSED: Tone.QUIET,
}


def standing(account: Account) -> SafeString:
    """Return the badge of the status and, where there is one, of the restriction."""
    status = AccountStatus(account.status)
    badges = [badge(status.label, _STATUS_TONES[status])]
    if account.restriction != Restriction.NONE:
        badges.append(badge(Restriction(account.restriction).label, Tone.BAD))
    return format_html_join(" ", "{}", ((one,) for one in badges))
