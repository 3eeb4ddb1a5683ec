"""Why a rate of interest is refused."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class InvalidRate(BankOpsError):
    code = "invalid_interest_rate"
    message = _("“%(rate)s” is no rate. Write percent a year, from 0 to 100, with at most four decimals: 2.75")


class UnknownDayCount(BankOpsError):
    code = "unknown_day_count"
    message = _("“%(day_count)s” is no day count. Known are: %(known)s.")


class RateInThePast(BankOpsError):
    code = "interest_rate_in_the_past"
    message = _(
        "A rate cannot begin on %(valid_from)s: interest of days before %(first)s has accrued. Choose that day or a later one."
    )


class RateExists(BankOpsError):
    code = "interest_rate_exists"
    message = _("%(product)s in %(currency)s has a rate from %(valid_from)s already. Choose another day.")
    http_status = 409


class InterestNotPosted(BankOpsError):
    code = "interest_not_posted"
    message = _(
        "The interest that account %(account)s has accrued cannot be credited: it, or the bank's account that pays interest,"
        " takes no bookings. See to that, then try again."
    )
    http_status = 409


class InvalidDay(BankOpsError):
    code = "invalid_day"
    message = _("“%(day)s” is no day. Write it like 2026-03-31.")
