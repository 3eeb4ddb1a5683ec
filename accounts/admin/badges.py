"""An account's status, and everything that blocks it, at a glance: in words and in colour, on every screen."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Prefetch
from django.db.models.constants import LOOKUP_SEP
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts import access, wording
from accounts.models import Account, AccountRestriction, AccountStatus, Restriction
from bankops.core.admin.display import Tone, badge


def standing_of(account: str = "") -> Prefetch[str]:
    """Return, for lists, the one query for what blocks any of the accounts shown: those listed, or of the records' `account`."""
    restrictions = AccountRestriction.objects.standing().order_by("starts_at", "id")
    path = LOOKUP_SEP.join(filter(None, (account, "restrictions")))
    return Prefetch(path, restrictions, to_attr="standing_restrictions")


STANDING = standing_of()

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


def named(account: Account) -> SafeString:
    """Return an account's number, whose it is, and `unusual` beside it. Needs `customer` loaded, and `standing_of` in a list."""
    return format_html("{} {}", wording.named(account), unusual(account))


def unusual_as_seen(person: access.Person, account: Account) -> SafeString:
    """Return `unusual` to those who may see the account, nothing to others: for the other side of a payment."""
    return unusual(account) if access.may_see(person, account) else SafeString("")


def in_words(account: Account) -> str:
    """Return what `unusual` says without colours, for lines of text; empty for an account that is active and free."""
    status = AccountStatus(account.status)
    words = [] if status == AccountStatus.ACTIVE else [str(status.label)]
    return "; ".join([*words, *map(wording.restriction_in_words, wording.standing_restrictions(account))])


def _in_a_row(badges: Iterable[SafeString]) -> SafeString:
    return format_html_join(" ", "{}", ((one,) for one in badges))
