"""How the product speaks of standing orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Account
from bankops.core.encryption import CannotDecrypt
from bankops.core.money import Money
from bankops.core.sealed import Secret
from transactions.models import StandingOrder
from transactions.models.standing_order import HolidayRule, Unit
from transactions.services.standing_orders import Terms
from transactions.standing_orders import payees

_WHY_NOT: dict[str, str | Promise] = {
    "insufficient_funds": gettext_lazy("The available balance of the account was not enough."),
    "under_review": gettext_lazy("The bank wants to look at the payment first."),
    "limit_exceeded": gettext_lazy("The payment would have exceeded a limit of the account."),
    "account_blocked": gettext_lazy("The account, or the payee's, was blocked for this payment."),
    "account_dormant": gettext_lazy("The account was dormant."),
    "account_pending": gettext_lazy("The account, or the payee's, had not been activated yet."),
    "account_closed": gettext_lazy("The account, or the payee's, was closed."),
    "currency_mismatch": gettext_lazy("The account, or the payee's, is kept in another currency."),
    "posting_too_large": gettext_lazy("The amount or the balance it leads to is more than the books can hold."),
    "unknown_account": gettext_lazy("The payee's account does not exist."),
    "idempotency_conflict": gettext_lazy("Another journal entry has the key of this payment: have it looked into."),
    "standing_order_suspended": gettext_lazy("The order was suspended before it could be tried again."),
    "standing_order_ended": gettext_lazy("The order was ended before it could be tried again."),
}
"""By the code that stands with a payment. An error's own sentence names an account or a limit, which it does not keep."""


def said(terms: Terms) -> str:
    """Return the whole of an order's terms in a few sentences."""
    words = {"amount": terms.amount.format(), "payee": _payee(terms), "when": when(terms.every, terms.unit, terms.day)}
    parts = [
        _("pay %(amount)s to %(payee)s %(when)s.") % words,
        _("First on %(first)s, last on %(last)s.") % {"first": terms.first_date, "last": terms.last_date}
        if terms.last_date
        else _("From %(first)s until further notice.") % {"first": terms.first_date},
        _("On a holiday: %(rule)s.") % {"rule": HolidayRule(terms.on_holiday.value).label},
        ngettext(
            "Without money it is tried again on %(days)s business day, then skipped.",
            "Without money it is tried again on %(days)s business days, then skipped.",
            terms.retry_days,
        )
        % {"days": terms.retry_days},
    ]
    if terms.purpose:
        parts.append(_("Purpose: “%(purpose)s”.") % {"purpose": terms.purpose})
    return " ".join(parts)


def when(every: int, unit: str, day: int | None) -> str:
    """Return how often something is paid: `every month on day 5`, `every 2 weeks`."""
    if unit == Unit.WEEK:
        return ngettext("every week", "every %(every)s weeks", every) % {"every": every}
    text = ngettext("every month on day %(day)s", "every %(every)s months on day %(day)s", every)
    return text % {"every": every, "day": day}


def why_not(refusal: str) -> str:
    """Return in a sentence why a payment was not made; nothing for none, and a code that is not known as it is."""
    return str(_WHY_NOT.get(refusal, refusal))


def payee_of(order: StandingOrder) -> str:
    """Return whom an order pays. Needs `payee_account` loaded where there is one."""
    if order.payee_account:
        return _("account %(number)s") % {"number": order.payee_account.number}
    return elsewhere(order.counterparty_bank, order.counterparty_account)


def elsewhere(bank: str, account: str) -> str:
    """Return an account at another bank in words, an IBAN in groups of four."""
    words = {"account": payees.display(account) or "—", "bank": bank or _("another bank")}
    return _("account %(account)s at %(bank)s") % words


def differences(order: StandingOrder, terms: Terms) -> dict[str, tuple[str, str]]:
    """Return what a change changes, in words: `{"Amount": ("CNY 100.00", "CNY 120.00")}`."""
    pairs: dict[str, tuple[Any, Any]] = {
        _("amount"): (Money(order.amount, order.currency).format(), terms.amount.format()),
        _("payee"): (payee_of(order), _payee(replace(terms, payee_name=""))),
        _("payee's name"): _names(order, terms),
        _("purpose"): (order.purpose, terms.purpose),
        _("repeated"): (when(order.every, order.unit, order.day), when(terms.every, terms.unit, terms.day)),
        _("first payment"): (_day(order.first_date), _day(terms.first_date)),
        _("last payment"): (_day(order.last_date), _day(terms.last_date)),
        _("on a holiday"): (HolidayRule(order.on_holiday).label, HolidayRule(terms.on_holiday.value).label),
        _("retry on business days"): (order.retry_days, terms.retry_days),
    }
    return {capfirst(name): (str(old), str(new)) for name, (old, new) in pairs.items() if str(old) != str(new)}


def _payee(terms: Terms) -> str:
    if terms.payee_account_id is None:
        there = elsewhere(terms.counterparty_bank, terms.counterparty_account)
        return f"{terms.payee_name}, {there}" if terms.payee_name else there
    number = Account.objects.values_list("number", flat=True).get(pk=terms.payee_account_id)
    return _("account %(number)s") % {"number": number}


def _names(order: StandingOrder, terms: Terms) -> tuple[str, str]:
    """Return the payee's name before and after, the one that reviewers agree to in clear; nothing where it stays."""
    known = order.payee_name
    if not terms.payee_name or not payees.differs(known, Secret(terms.payee_name)):
        return "", ""
    return _masked(known) if known else "—", terms.payee_name


def _masked(name: Secret) -> str:
    try:
        return name.masked
    except CannotDecrypt:
        return str(name)


def _day(day: date | None) -> str:
    return day.isoformat() if day else "—"
