"""Customers: the list, and one customer's page with identifiers, accounts and related people."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter, RelatedDropdownFilter

from accounts import access, selectors
from accounts.admin.change_doors import GiveConsent, UpdateCustomer, WithdrawConsent
from accounts.admin.customer_doors import OpenAccount, RegisterCustomer
from accounts.admin.customer_page import badges, page_of
from accounts.admin.searching import tell_of_more
from accounts.models import Customer, CustomerKind
from bankops.core import ids
from bankops.core.admin.display import moment
from bankops.core.admin.readonly import BigTableAdmin, TrackedAdmin
from bankops.core.admin.search import Searchable
from bankops.core.errors import InvalidId


@admin.register(Customer)
class CustomerAdmin(Searchable, TrackedAdmin, BigTableAdmin):
    doors = (RegisterCustomer, OpenAccount, UpdateCustomer, GiveConsent, WithdrawConsent)
    timeline_subject = "customer"
    search_order = 10
    search_icon = "person"

    list_display = ("number", "name", "kind", "standing", "branch", "account_count", "registered")
    list_display_links = ("number", "name")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("risk_rating", ChoicesDropdownFilter),
        ("branch", RelatedDropdownFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_select_related = ("branch",)
    search_fields = ("number", "name")  # they show the box; `get_search_results` decides
    search_help_text = _("Customer number, name or a whole identity number")
    ordering = ("-id",)
    change_form_template = "accounts/customer.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        customers: QuerySet[Customer] = access.visible_customers(request.user, super().get_queryset(request))
        visible = access.visible_accounts(request.user)
        accounts = visible.filter(customer=OuterRef("pk")).order_by().values("customer")
        count = Subquery(accounts.annotate(count=Count("pk")).values("count"))
        return customers.select_related("branch").annotate(account_count=Coalesce(count, 0))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        found = selectors.search_customers(search_term, among=queryset)
        tell_of_more(request, found)
        return found.records, False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, Customer):
            context |= page_of(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("standing"))
    def standing(self, customer: Customer) -> SafeString:
        return badges(customer)

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
