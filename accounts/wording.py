"""How the product speaks of an account and of what blocks it, wherever it does: badges, pages, what reviewers read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import numbers
from accounts.access import holder_of_visible
from accounts.models import Account, AccountRestriction, Restriction


def named(account: Account) -> str:
    """Return an account's number and whose it is: `1000 0000 0152 (Wang Fang)`. Needs `customer` loaded."""
    return f"{numbers.display(account.number)} ({whose(account)})"


def whose(account: Account) -> str:
    """Return whose account it is; of a confidential one only that it is, whoever reads. Needs `customer` loaded."""
    return _("confidential") if account.is_confidential else holder_of_visible(account)


def restriction_in_words(restriction: AccountRestriction) -> str:
    """Return what a restriction blocks, why, since when and until when, in one line."""
    words = {
        "kind": restriction.get_kind_display(),
        "reason": restriction.get_reason_code_display(),
        "since": _day(restriction.starts_at),
    }
    if restriction.ends_at is None:
        return _("%(kind)s: %(reason)s, since %(since)s") % words
    return _("%(kind)s: %(reason)s, since %(since)s, until %(until)s") % {**words, "until": _day(restriction.ends_at)}


def standing_restrictions(account: Account) -> Sequence[AccountRestriction]:
    """Return what blocks an account now, oldest first; without a query where nothing does, or where a list fetched it."""
    if account.restriction == Restriction.NONE:
        return ()
    fetched: Sequence[AccountRestriction] | None = account.__dict__.get("standing_restrictions")
    return fetched if fetched is not None else list(account.restrictions.standing().order_by("starts_at", "id"))


def restrictions_in_words(accounts: Iterable[Account]) -> dict[Account, list[str]]:
    """Return what blocks each of the accounts that anything blocks, in words."""
    return {
        account: [restriction_in_words(one) for one in standing_restrictions(account)]
        for account in accounts
        if account.restriction != Restriction.NONE
    }


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "Y-m-d")
