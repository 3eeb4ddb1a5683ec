"""One customer's page: who they are, how they are reached, who is behind them, their accounts, what they consented to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts import access
from accounts.admin.badges import STANDING
from accounts.admin.badges import standing as standing_of
from accounts.admin.links import number_link
from accounts.models import (
    AccountParty,
    BeneficialOwner,
    Customer,
    CustomerIdentifier,
    CustomerKind,
    CustomerState,
    RiskRating,
)
from accounts.particulars import standing
from bankops.core.admin.display import Tone, badge

_ACCOUNTS_SHOWN = 100
_STATE_TONES: Mapping[str, Tone] = {
    CustomerState.PROSPECT: Tone.WARNING,
    CustomerState.ACTIVE: Tone.GOOD,
    CustomerState.REJECTED: Tone.BAD,
    CustomerState.PSEUDONYMISED: Tone.QUIET,
}
_RISK_TONES: Mapping[str, Tone] = {
    RiskRating.LOW: Tone.QUIET,
    RiskRating.MEDIUM: Tone.QUIET,
    RiskRating.HIGH: Tone.WARNING,
}


def page_of(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """Return what the page shows; the number of queries does not depend on how much there is."""
    return {"customer": customer, **_who(customer), **_accounts(request, customer)}


def badges(customer: Customer) -> SafeString:
    """Return the customer's state and risk rating, in words and in colour."""
    state, rating = CustomerState(customer.state), RiskRating(customer.risk_rating)
    risk = _("risk: %(rating)s") % {"rating": rating.label}
    both = [badge(state.label, _STATE_TONES[state]), badge(risk, _RISK_TONES[rating])]
    return format_html_join(" ", "{}", ((one,) for one in both))


def _who(customer: Customer) -> dict[str, Any]:
    is_organisation = customer.kind == CustomerKind.ORGANISATION
    return {
        "badges": badges(customer),
        "identifiers": list(CustomerIdentifier.objects.filter(customer=customer).order_by("ended_on", "type", "id")),
        "contacts": standing(customer, "contacts"),
        "addresses": standing(customer, "addresses"),
        "tax_residences": standing(customer, "tax_residences"),
        "is_organisation": is_organisation,
        "owners": standing(customer, "owners") if is_organisation else [],
        "owner_of": list(_owned(customer)),
        "consents": list(customer.consents.order_by("-given_at")),
    }


def _owned(customer: Customer) -> QuerySet[BeneficialOwner]:
    rows: QuerySet[BeneficialOwner] = BeneficialOwner.objects.standing().filter(owner=customer)
    return rows.select_related("organisation").order_by("organisation__number")


def _accounts(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    visible = access.visible_accounts(request.user, customer.accounts.all())
    accounts = visible.select_related("product", "branch", "balance").prefetch_related(STANDING)
    owned = list(accounts.order_by("opened_date", "id")[:_ACCOUNTS_SHOWN])
    others = AccountParty.objects.standing().select_related("account__customer", "customer")
    elsewhere = others.filter(customer=customer, account__in=access.visible_accounts(request.user))
    return {
        "accounts": [(account, number_link(request, account), standing_of(account)) for account in owned],
        "more_accounts": len(owned) == _ACCOUNTS_SHOWN,
        "parties": list(others.filter(account__in=owned).order_by("account__number", "id")),
        "party_of": list(elsewhere.order_by("account__number")),
    }
