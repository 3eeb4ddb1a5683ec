"""What this app does at the end of every business day (`bankops.core.end_of_day`, docs/end-of-day.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from bankops.core.actor import Actor
from bankops.core.end_of_day import Step, register
from transactions.interest.amounts import is_last_of_month
from transactions.services.duplicate_days import report_duplicates
from transactions.services.interest import accrue_interest
from transactions.services.interest_posting import post_interest
from transactions.services.standing_order_runs import run_standing_orders
from transactions.services.turnover import roll_up_turnover

STANDING_ORDERS = Actor.system("standing_orders")
INTEREST = Actor.system("interest")
_ACCRUAL = "interest_accrual"


def register_all() -> None:
    """Make the steps known; called once, when the app is ready."""
    for step in _steps():
        register(step)


def _steps() -> Iterator[Step]:
    yield Step(
        "turnover",
        10,
        _add_up,
        label=_("Turnover added up"),
        counted={"accounts": _("accounts"), "postings": _("postings")},
    )
    yield Step(
        "standing_orders",
        20,
        _pay_standing_orders,
        label=_("Standing orders paid"),
        counted={"paid": _("paid"), "postponed": _("to be tried again"), "skipped": _("skipped")},
    )
    yield Step(
        "duplicates",
        25,
        _report_duplicates,
        label=_("Duplicates reported"),
        counted={"repeated": _("came in again"), "held": _("held back"), "second_effects": _("made twice")},
    )
    yield Step(
        _ACCRUAL,
        30,
        _accrue,
        label=_("Interest accrued"),
        counted={"days": _("days"), "earned": _("accounts that earned"), "corrected": _("corrections")},
    )
    yield Step(
        "interest_posting",
        40,
        _post,
        needs=(_ACCRUAL,),  # what has not accrued to the last day cannot be posted
        label=_("Interest posted"),
        counted={"posted": _("accounts credited"), "refused": _("accounts that could not be")},
    )


def _add_up(_business_date: date, _now: datetime) -> dict[str, int]:
    done = roll_up_turnover()
    return {"accounts": done.accounts, "postings": done.postings}


def _pay_standing_orders(business_date: date, now: datetime) -> dict[str, int]:
    return run_standing_orders(business_date=business_date, actor=STANDING_ORDERS, now=now)


def _report_duplicates(business_date: date, now: datetime) -> dict[str, int]:
    made = report_duplicates(business_date=business_date, now=now)
    refused = made.other_content + made.same_reference + made.look_alike
    repeated = made.replayed + made.in_flight + refused + made.abandoned
    return {"repeated": repeated, "held": made.held, "second_effects": made.second_effects}


def _accrue(business_date: date, _now: datetime) -> dict[str, int]:
    days, earned, corrected = accrue_interest(business_date=business_date)
    return {"days": days, "earned": earned, "corrected": corrected}


def _post(business_date: date, now: datetime) -> dict[str, int]:
    if not is_last_of_month(business_date):
        return {}
    return post_interest(business_date=business_date, actor=INTEREST, now=now)
