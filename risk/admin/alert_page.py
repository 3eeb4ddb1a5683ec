"""What an alert's page shows: why it was raised, whom and what it is about, and what was raised about them before."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import site
from django.db.models import Sum
from django.http import HttpRequest

from accounts import access as account_access
from accounts.admin.links import holder, number_link
from accounts.models import Account, Customer
from bankops.core import clock
from bankops.core.admin.records import address_of
from risk.access import visible_alerts
from risk.admin.alert_badges import due, outcome_badge, priority_badge, sentence, state_badge
from risk.models import Alert, AlertCustomer
from risk.selectors.alert_words import with_words, words_of
from risk.services.alert_work import conflict_of
from staff.models import User

EARLIER_SHOWN = 20


def page_of(request: HttpRequest, alert: Alert) -> dict[str, Any]:
    """Return what the template shows, in a constant number of queries."""
    customers = list(Customer.objects.filter(pk__in=alert.about_customers.values("customer")).order_by("number"))
    accounts = Account.objects.filter(pk__in=alert.about_accounts.values("account")).select_related("customer")
    person = request.user
    return {
        "alert": alert,
        "what": sentence(alert),
        "standing": state_badge(alert),
        "priority": priority_badge(alert.priority),
        "due": due(alert.due_at, is_open=alert.is_open, now=clock.now()),
        "reasons": reasons_of(alert),
        "customers": with_links(request, customers),
        "accounts": [(number_link(request, one), holder(request, one)) for one in accounts.order_by("number")],
        "movement_url": address_of(site, request, "transaction", alert.movement_id) if alert.movement_id else "",
        "earlier": earlier(request, alert, customers),
        "conflict": conflict_of(alert, person) if isinstance(person, User) and alert.is_open else None,
    }


def reasons_of(alert: Alert) -> list[tuple[str, str, int, int]]:
    """Return what each reason says, its code, its weight and its share of all the weight in percent, the heaviest first."""
    rows = list(with_words(alert.reasons.order_by("-weight", "code")))
    whole = alert.reasons.aggregate(sum=Sum("weight"))["sum"] or 0
    return [(words_of(one), one.code, one.weight, one.weight * 100 // whole if whole else 0) for one in rows]


def with_links(request: HttpRequest, customers: list[Customer]) -> list[tuple[Customer, bool]]:
    """Return customers, each with whether the person at the keyboard may open their page."""
    keys = [customer.pk for customer in customers]
    if not request.user.has_perm("accounts.view_customer"):
        return [(customer, False) for customer in customers]
    seen = set(account_access.visible_customers(request.user, Customer.objects.filter(pk__in=keys)).values_list("pk"))
    return [(customer, (customer.pk,) in seen) for customer in customers]


def earlier(request: HttpRequest, alert: Alert, customers: list[Customer]) -> list[tuple[Alert, Any, Any]]:
    """Return the newest other alerts of the same customers, as far as this person may see them."""
    same = AlertCustomer.objects.filter(customer__in=customers).exclude(alert=alert).values("alert")
    found = visible_alerts(request.user, Alert.objects.filter(pk__in=same)).order_by("-raised_at", "-id")
    return [(one, state_badge(one), outcome_badge(one.outcome)) for one in found[:EARLIER_SHOWN]]
