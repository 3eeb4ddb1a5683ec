"""What an alert's page shows: why it was raised, whom and what it is about, and what was raised about them before."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import site
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from accounts import access as account_access
from accounts.admin.links import holder, number_link
from accounts.models import Account, Customer
from bankops.core import clock
from bankops.core.admin.records import address_of
from risk.access import visible_alerts
from risk.admin.alert_badges import due, outcome_badge, priority_badge, sentence, state_badge
from risk.admin.pattern_links import patterns_of
from risk.assessment.scoring import is_part_of_model
from risk.confidential import hidden_account, hidden_holder, with_veil
from risk.models import Alert, AlertCustomer, AlertReason
from risk.selectors.alert_words import with_words, words_of
from risk.services.alert_work import conflict_of
from staff.models import User

EARLIER_SHOWN = 20


def page_of(request: HttpRequest, alert: Alert) -> dict[str, Any]:
    """Return what the template shows, in a constant number of queries."""
    about = list(with_veil(alert.about_customers.select_related("customer"), request.user).order_by("customer__number"))
    accounts = Account.objects.filter(pk__in=alert.about_accounts.values("account")).select_related("customer")
    reasons = list(with_words(alert.reasons.order_by("-weight", "code")))
    person = request.user
    return {
        "alert": alert,
        "what": sentence(alert),
        "standing": state_badge(alert),
        "priority": priority_badge(alert.priority),
        "due": due(alert.due_at, is_open=alert.is_open, now=clock.now()),
        "reasons": shares_of(reasons),
        "customers": customers_of(request, about),
        "accounts": [account_of(request, one) for one in accounts.order_by("number")],
        "movement_url": address_of(site, request, "transaction", alert.movement_id) if alert.movement_id else "",
        "patterns": patterns_of(request, reasons),
        "earlier": earlier(request, alert, [one.customer for one in about if not is_veiled(one)]),
        "conflict": conflict_of(alert, person) if isinstance(person, User) and alert.is_open else None,
    }


def shares_of(reasons: list[AlertReason]) -> list[tuple[str, str, int, int | None]]:
    """Return what each reason says, its code, its weight and its share of all the weight in percent, in the order given.

    What a model's score is made of has no share of its own: the score has it.
    """
    whole = sum(one.weight for one in reasons if not _is_part(one))
    return [(words_of(one), one.code, one.weight, _share(one, whole)) for one in reasons]


def account_of(request: HttpRequest, account: Account) -> tuple[SafeString | str, str]:
    """Return an account's number and holder as this person may read them."""
    if not account_access.may_read_name(request.user, account):
        return hidden_account(), ""
    return number_link(request, account), holder(request, account)


def customers_of(request: HttpRequest, about: list[AlertCustomer]) -> list[tuple[str, str, str]]:
    """Return what each customer is called, where their page is, and how they are rated, as this person may read it."""
    keys = [one.customer_id for one in about if not is_veiled(one)]
    seen: set[Any] = set()
    if request.user.has_perm("accounts.view_customer"):
        customers = account_access.visible_customers(request.user, Customer.objects.filter(pk__in=keys))
        seen = set(customers.values_list("pk", flat=True))
    return [
        (
            name_of(one),
            reverse("admin:accounts_customer_change", args=[one.customer_id]) if one.customer_id in seen else "",
            "" if is_veiled(one) else one.customer.get_risk_rating_display(),
        )
        for one in about
    ]


def name_of(about: AlertCustomer) -> str:
    """Return what a customer of an alert is called, of rows that say whether they are veiled."""
    return hidden_holder() if is_veiled(about) else str(about.customer)


def is_veiled(about: AlertCustomer) -> bool:
    """Tell whether nothing but a confidential account names this customer; asked for with `risk.confidential.with_veil`."""
    return bool(about.veiled)  # type: ignore[attr-defined]


def earlier(request: HttpRequest, alert: Alert, customers: list[Customer]) -> list[tuple[Alert, Any, Any]]:
    """Return the newest other alerts of the same customers, as far as this person may see them."""
    same = AlertCustomer.objects.filter(customer__in=customers).exclude(alert=alert).values("alert")
    found = visible_alerts(request.user, Alert.objects.filter(pk__in=same)).order_by("-raised_at", "-id")
    return [(one, state_badge(one), outcome_badge(one.outcome)) for one in found[:EARLIER_SHOWN]]


def _is_part(reason: AlertReason) -> bool:
    return is_part_of_model(reason.code, reason.values.get("rule", ""))


def _share(reason: AlertReason, whole: int) -> int | None:
    if _is_part(reason):
        return None
    return reason.weight * 100 // whole if whole else 0
