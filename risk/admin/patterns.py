"""Patterns that monitoring found: why each is suspicious, who takes part, and every movement of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from accounts import numbers
from accounts.admin.links import may_see, number_link
from accounts.models import Account
from bankops.core import ids
from bankops.core.admin.display import amount, moment
from bankops.core.admin.readonly import BigTableAdmin
from bankops.core.admin.records import address_of
from bankops.core.money import Money
from risk.admin.movement_words import kind_in_words
from risk.models import MovedMoney, Pattern
from risk.models.moved import MOVEMENT_PREFIX
from risk.selectors.patterns import accounts_of, movements_of, sentence


@admin.register(Pattern)
class PatternAdmin(BigTableAdmin):
    change_form_template = "risk/pattern.html"

    list_display = ("grown", "family", "about", "moved", "movement_count", "score", "began_at")
    list_filter = (("family", ChoicesDropdownFilter),)
    list_select_related = ("account",)
    ordering = ("-grown_at", "-id")
    fields = ("family",)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        pattern = self.get_object(request, object_id)
        shown = _Reading(self, request, pattern).content() if pattern and self.has_view_permission(request) else {}
        page: HttpResponse = super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown})
        return page

    @admin.display(description=gettext_lazy("grown at"))
    def grown(self, pattern: Pattern) -> SafeString | str:
        return moment(pattern.grown_at)

    @admin.display(description=gettext_lazy("account"))
    def about(self, pattern: Pattern) -> str:
        if pattern.account is None:
            return _("at another bank")
        return _("confidential") if pattern.account.is_confidential else numbers.display(pattern.account.number)

    @admin.display(description=gettext_lazy("amount"))
    def moved(self, pattern: Pattern) -> SafeString | str:
        return amount(pattern.money)

    @admin.display(description=gettext_lazy("movements"))
    def movement_count(self, pattern: Pattern) -> int:
        return len(pattern.movements)

    @admin.display(description=gettext_lazy("began"))
    def began_at(self, pattern: Pattern) -> SafeString | str:
        return moment(pattern.began)


class _Reading:
    """One pattern as one person may read it: a confidential account keeps its number from whoever has no grant."""

    def __init__(self, model_admin: PatternAdmin, request: HttpRequest, pattern: Pattern) -> None:
        self.request, self.pattern, self.site = request, pattern, model_admin.admin_site
        self.movements = movements_of(pattern)
        tokens = {token for one in self.movements for token in (one.payer, one.payee)}
        self.accounts = accounts_of({*pattern.accounts, *tokens})

    def content(self) -> dict[str, Any]:
        return {
            "pattern": self.pattern,
            "why": sentence(self.pattern, self.number(self.pattern.subject)),
            "accounts": [self._account(token) for token in self.pattern.accounts],
            "movements": [self._movement(one) for one in self.movements],
        }

    def number(self, token: str) -> str:
        """Return what this person may call an account."""
        account = self.accounts.get(token)
        if account is None:
            return _("at another bank") if token else _("cash")
        return numbers.display(account.number) if self._is_open(account) else _("confidential")

    def _link(self, token: str) -> SafeString | str:
        account = self.accounts.get(token)
        return number_link(self.request, account) if account and self._is_open(account) else self.number(token)

    def _is_open(self, account: Account) -> bool:
        return not account.is_confidential or may_see(self.request, account)

    def _account(self, token: str) -> dict[str, Any]:
        paid = [one.base_amount or 0 for one in self.movements if one.payer == token]
        received = [one.base_amount or 0 for one in self.movements if one.payee == token]
        currency = self.pattern.currency
        return {
            "name": self._link(token),
            "is_subject": token == self.pattern.subject,
            "received": amount(Money(sum(received), currency)),
            "received_count": len(received),
            "paid": amount(Money(sum(paid), currency)),
            "paid_count": len(paid),
        }

    def _movement(self, one: MovedMoney) -> dict[str, Any]:
        public_id = ids.encode(MOVEMENT_PREFIX, one.pk)
        return {
            "moment": one.moment,
            "kind": kind_in_words(one.kind),
            "payer": self._link(one.payer),
            "payee": self._link(one.payee),
            "amount": amount(Money(one.amount, one.currency)),
            "id": public_id,
            "url": address_of(self.site, self.request, "transaction", public_id),
        }
