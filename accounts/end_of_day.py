"""What this app does at the end of every business day (docs/end-of-day.md)."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from accounts import services as account_services
from bankops.core.end_of_day import Step, register


def register_all() -> None:
    """Make the steps known; called once, when the app is ready."""
    register(
        Step(
            "restrictions",
            50,
            release_ended,
            label=_("Ended restrictions released"),
            counted={"released": _("released")},
        )
    )
    register(Step("dormancy", 60, fall_dormant, label=_("Accounts fallen dormant"), counted={"dormant": _("accounts")}))
    register(Step("kyc", 70, watch_customers, label=_("Customers' documents watched"), counted=_WATCHED))


_WATCHED = {
    "expired_applications": _("applications expired"),
    "announced_documents": _("documents about to expire"),
    "blocked_accounts": _("accounts blocked"),
    "given_back": _("accounts given back"),
}


def release_ended(_business_date: date, now: datetime) -> dict[str, int]:
    """End the restrictions whose end has come; the minute's own run has mostly done it (`accounts.tasks`)."""
    return {"released": account_services.release_ended(now=now)}


def fall_dormant(business_date: date, now: datetime) -> dict[str, int]:
    """Put accounts to sleep whose customers have done nothing for a long time."""
    return {"dormant": account_services.fall_dormant(business_date=business_date, now=now)}


def watch_customers(business_date: date, now: datetime) -> dict[str, int]:
    """End applications that nobody moved, announce documents about to expire, block the accounts of those that did, and
    give back those of customers who brought others.
    """
    return {
        "expired_applications": account_services.expire_applications(now=now),
        "announced_documents": account_services.announce_expiring(now=now, business_date=business_date),
        "blocked_accounts": account_services.restrict_expired(now=now, business_date=business_date),
        "given_back": account_services.give_back_renewed(now=now, business_date=business_date),
    }
