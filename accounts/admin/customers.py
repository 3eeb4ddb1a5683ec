"""Customers: the list, and one customer's page with identifiers, accounts and related people."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter, RelatedDropdownFilter

from accounts import selectors
from accounts.admin.badges import standing
from accounts.admin.customer_doors import OpenAccount, RegisterCustomer
from accounts.admin.links import number_link
from accounts.models import Account, AccountParty, Customer, CustomerKind
from bankops.core import ids
from bankops.core.admin.display import moment
from bankops.core.admin.readonly import BigTableAdmin, TrackedAdmin
from bankops.core.admin.search import Searchable
from bankops.core.errors import InvalidId

_ACCOUNTS_SHOWN = 100


@admin.register(Customer)
class CustomerAdmin(Searchable, TrackedAdmin, BigTableAdmin):
    doors = (RegisterCustomer, OpenAccount)
    timeline_subject = "customer"
    search_order = 10
    search_icon = "person"

    list_display = ("number", "name", "kind", "branch", "account_count", "registered")
    list_display_links = ("number", "name")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("branch", RelatedDropdownFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_select_related = ("branch",)
    search_fields = ("number", "name", "identifiers__value")
    search_help_text = _("Customer number, name or a whole identity number")
    ordering = ("-id",)
    change_form_template = "accounts/customer.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        customers: QuerySet[Customer] = super().get_queryset(request)
        accounts = Account.objects.filter(customer=OuterRef("pk")).order_by().values("customer")
        count = Subquery(accounts.annotate(count=Count("pk")).values("count"))
        return customers.select_related("branch").annotate(account_count=Coalesce(count, 0))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        return (selectors.search_customers(search_term, among=queryset) if search_term else queryset), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, Customer):
            context |= _page_of(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("accounts"))
    def account_count(self, customer: Customer) -> int:
        return getattr(customer, "account_count", 0)

    @admin.display(description=_("registered at"))
    def registered(self, customer: Customer) -> str:
        return moment(customer.created_at)

    def named(self, request: HttpRequest, text: str) -> Customer | None:
        """Find a customer by number or by the id that partners see."""
        visible = self.get_queryset(request)
        try:
            return visible.filter(pk=ids.decode(Customer.ID_PREFIX, text)).first()
        except InvalidId:
            return visible.filter(number=text.upper()).first()

    def title(self, record: Customer) -> str:
        return record.name

    def caption(self, record: Customer) -> str:
        return f"{record.number} · {CustomerKind(record.kind).label} · {record.branch}"


def _page_of(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    accounts = customer.accounts.select_related("product", "branch", "balance").order_by("opened_date", "id")
    owned = list(accounts[:_ACCOUNTS_SHOWN])
    others = AccountParty.objects.select_related("account__customer", "customer")
    return {
        "customer": customer,
        "identifiers": list(customer.identifiers.order_by("type", "id")),
        "accounts": [(account, number_link(request, account), standing(account)) for account in owned],
        "more_accounts": len(owned) == _ACCOUNTS_SHOWN,
        "parties": list(others.filter(account__in=owned).order_by("account__number", "id")),
        "party_of": list(others.filter(customer=customer).order_by("account__number")),
    }
