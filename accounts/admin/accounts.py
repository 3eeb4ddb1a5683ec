"""Accounts: the list, and one account's page. Its postings and money doors come from `transactions.admin`."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    FieldTextFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)

from accounts import access, numbers, selectors
from accounts.access import GENERAL_LEDGER
from accounts.admin.account_doors import CloseAccount, MarkDormant, ReopenAccount, WakeAccount
from accounts.admin.badges import STANDING, in_words, standing
from accounts.admin.limit_doors import SetLimits, SetOverdraft
from accounts.admin.restriction_doors import FreezeAccount, ReleaseAccount
from accounts.admin.searching import tell_of_more
from accounts.models import Account
from accounts.services.limits import limits_of, name_of
from bankops.core import ids
from bankops.core.admin.display import amount
from bankops.core.admin.readonly import BigTableAdmin, TrackedAdmin
from bankops.core.admin.search import Searchable
from bankops.core.errors import InvalidId
from bankops.core.money import Money

_RESTRICTIONS_SHOWN = 50


class OwnerFilter(DropdownFilter):
    """The customers' accounts or the bank's own, for those who see both."""

    title = _("whose account")
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("customer", _("customers'")), ("bank", _("the bank's own"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        return queryset.filter(customer__isnull=self.value() == "bank") if self.value() else queryset


@admin.register(Account)
class AccountAdmin(Searchable, TrackedAdmin, BigTableAdmin):
    doors = (
        FreezeAccount,
        ReleaseAccount,
        WakeAccount,
        MarkDormant,
        SetOverdraft,
        SetLimits,
        ReopenAccount,
        CloseAccount,
    )
    timeline_subject = "account"
    search_order = 20
    search_icon = "account_balance_wallet"

    list_display = ("number_in_fours", "held_by", "product", "branch", "standing", "ledger_balance", "available")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("restriction", ChoicesDropdownFilter),
        ("product", RelatedDropdownFilter),
        ("branch", RelatedDropdownFilter),
        ("currency", FieldTextFilter),
        ("opened_date", RangeDateFilter),
    )
    list_select_related = ("customer", "product", "branch", "balance")
    search_fields = ("number", "customer__name", "customer__number", "external_reference")
    search_help_text = _("Account number, customer's name or number, reference")
    ordering = ("-id",)
    change_form_template = "accounts/account.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        """Keep from a person what is not theirs to see (`accounts.access`): in lists, searches, pages and histories."""
        accounts = access.visible_accounts(request.user, super().get_queryset(request))
        return accounts.select_related("customer", "product", "branch", "balance").prefetch_related(STANDING)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        filters = list(super().get_list_filter(request))
        ledgers = [OwnerFilter, ("chart_line", RelatedDropdownFilter)]
        return [*filters, *(ledgers if request.user.has_perm(GENERAL_LEDGER) else [])]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Account], search_term: str
    ) -> tuple[QuerySet[Account], bool]:
        found = selectors.search_accounts(search_term, among=queryset)
        tell_of_more(request, found)
        return found.records, False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, Account):
            context |= _page_of(obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("account number"), ordering="number")
    def number_in_fours(self, account: Account) -> str:
        return numbers.display(account.number)

    @admin.display(description=_("holder"))
    def held_by(self, account: Account) -> str:
        return access.holder_of_visible(account)

    @admin.display(description=_("status"))
    def standing(self, account: Account) -> SafeString:
        return standing(account)

    @admin.display(description=_("ledger balance"))
    def ledger_balance(self, account: Account) -> str:
        return amount(account.balance.ledger_money)

    @admin.display(description=_("available"))
    def available(self, account: Account) -> str:
        return amount(account.balance.available)

    def named(self, request: HttpRequest, text: str) -> Account | None:
        """Find an account by number, with or without spaces, or by the id that partners see."""
        visible = self.get_queryset(request)
        try:
            return visible.filter(pk=ids.decode(Account.ID_PREFIX, text)).first()
        except InvalidId:
            return visible.filter(number="".join(text.split()).upper()).first()

    def title(self, record: Account) -> str:
        return numbers.display(record.number)

    def caption(self, record: Account) -> str:
        balance = record.balance.ledger_money.format()
        parts = (access.holder_of_visible(record), str(record.product or record.name), balance, in_words(record))
        return " · ".join(filter(None, parts))


def _page_of(account: Account) -> dict[str, Any]:
    limit = account.overdraft_limit
    return {
        "account": account,
        "holder": access.holder_of_visible(account),
        "standing": standing(account),
        "ledger": account.balance.ledger_money,
        "available": account.balance.available,
        "held": account.balance.held_money,
        "overdraft": None if limit is None else Money(limit, account.currency),
        "limits": [(name_of(key), limit) for key, limit in limits_of(account).items()] if account.has_limits else [],
        "restrictions": list(account.restrictions.order_by("-starts_at", "-id")[:_RESTRICTIONS_SHOWN]),
        "parties": list(account.parties.standing().select_related("customer").order_by("role", "id")),
    }
