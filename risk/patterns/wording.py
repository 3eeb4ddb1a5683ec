"""Alerts in sentences."""

from __future__ import annotations

from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from risk.patterns.records import Family, PatternAlert

FAMILY_NAMES: dict[Family, str | Promise] = {
    Family.FAN_OUT: _("Fan-out"),
    Family.FAN_IN: _("Fan-in"),
    Family.GATHER_SCATTER: _("Gathered and scattered"),
    Family.SCATTER_GATHER: _("Scattered and gathered"),
    Family.CYCLE: _("Cycle"),
    Family.CHAIN: _("Chain"),
    Family.BIPARTITE: _("Two groups"),
    Family.STACK: _("Layers"),
    Family.STRUCTURING: _("Structuring"),
}

_SENTENCES: dict[Family, str | Promise] = {
    Family.FAN_OUT: _(
        "Account %(subject)s paid %(others)s accounts that it had not paid lately, within %(span)s. Usually it has "
        "%(usual)s new payees in so long a time."
    ),
    Family.FAN_IN: _(
        "Account %(subject)s was paid by %(others)s accounts that had not paid it lately, within %(span)s. Usually it has "
        "%(usual)s new payers in so long a time."
    ),
    Family.GATHER_SCATTER: _(
        "Account %(subject)s gathered money from accounts that had not paid it lately and paid accounts that it had not paid "
        "lately, %(others)s together, within %(span)s. Usually it has %(usual)s new partners in so long a time."
    ),
    Family.SCATTER_GATHER: _(
        "Account %(subject)s paid several accounts, which passed about the same amounts on to one account: %(transfers)s "
        "transfers within %(span)s."
    ),
    Family.CYCLE: _(
        "Money that left account %(subject)s came back to it by way of accounts that passed on about the same amount: "
        "%(transfers)s transfers between %(accounts)s accounts within %(span)s."
    ),
    Family.CHAIN: _(
        "Money went from account %(subject)s through accounts that passed on about the same amount, soon after it came: "
        "%(transfers)s transfers between %(accounts)s accounts within %(span)s."
    ),
    Family.BIPARTITE: _(
        "Account %(subject)s and others, who had not dealt with them lately, paid the same accounts: %(transfers)s transfers "
        "between %(accounts)s accounts within %(span)s."
    ),
    Family.STACK: _(
        "Account %(subject)s and others paid the same accounts, and several of these paid the same accounts again: "
        "%(transfers)s transfers between %(accounts)s accounts within %(span)s."
    ),
    Family.STRUCTURING: _(
        "%(transfers)s payments of account %(subject)s within %(span)s were each just below the amount that must be reported."
    ),
}


def sentence(alert: PatternAlert) -> str:
    return str(_SENTENCES[alert.family]) % {
        "subject": alert.subject.number,
        "others": len(alert.accounts) - 1,
        "accounts": len(alert.accounts),
        "transfers": len(alert.transfers),
        "span": _span(alert.ended - alert.began),
        "usual": f"{alert.usual:g}",
    }


def _span(time: timedelta) -> str:
    hours = max(1, -(-int(time.total_seconds()) // 3600))
    if hours < 48:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    days = -(-hours // 24)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
