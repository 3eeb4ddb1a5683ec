"""An account's status, and everything that blocks it, at a glance: in words and in colour, on every screen."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Prefetch
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts import wording
from accounts.models import Account, AccountRestriction, AccountStatus, Restriction
from bankops.core.admin.display import Tone, badge

STANDING = Prefetch(
    "restrictions",
    AccountRestriction.objects.standing().order_by("starts_at", "id"),
    to_attr="standing_restrictions",
)
"""For lists: one query for what blocks any of the accounts shown."""

_STATUS_TONES = {
    AccountStatus.PENDING: Tone.WARNING,
    AccountStatus.ACTIVE: Tone.GOOD,
    AccountStatus.DORMANT: Tone.WARNING,
    AccountStatus.CLOSED: Tone.QUIET,
}


def standing(account: Account) -> SafeString:
    """Return the badge of the status and one for each restriction: what is blocked, why, since when, until when."""
    status = AccountStatus(account.status)
    blocked = [badge(wording.restriction_in_words(one), Tone.BAD) for one in wording.standing_restrictions(account)]
    return _in_a_row([badge(status.label, _STATUS_TONES[status]), *blocked])


def unusual(account: Account) -> SafeString:
    """Return the badges of an account that is not simply active and free; nothing for one that is."""
    if account.status == AccountStatus.ACTIVE and account.restriction == Restriction.NONE:
        return SafeString("")
    return standing(account)


def in_words(account: Account) -> str:
    """Return what `unusual` says without colours, for lines of text; empty for an account that is active and free."""
    status = AccountStatus(account.status)
    words = [] if status == AccountStatus.ACTIVE else [str(status.label)]
    return "; ".join([*words, *map(wording.restriction_in_words, wording.standing_restrictions(account))])


def _in_a_row(badges: Iterable[SafeString]) -> SafeString:
    return format_html_join(" ", "{}", ((one,) for one in badges))
