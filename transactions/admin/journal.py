"""The journal, entry by entry, and the trial balance over all of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from bankops.core.admin.display import moment
from bankops.core.admin.pages import ReadingPage
from bankops.core.admin.readonly import BigTableAdmin
from transactions import selectors
from transactions.admin import t_accounts
from transactions.models import JournalEntry, Transaction


class TrialBalancePage(ReadingPage):
    name = "trial_balance"
    label = _("Trial balance")
    permission = "transactions.view_trial_balance"
    template = "transactions/trial_balance.html"
    on_list = True
    icon = "balance"

    def context(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        balance = selectors.trial_balance()
        currencies = [
            (currency, [line for line in balance.lines if line.currency == currency], debit, credit)
            for currency, (debit, credit) in balance.totals.items()
        ]
        return {"balances": balance.balances, "currencies": currencies}


@admin.register(JournalEntry)
class JournalEntryAdmin(BigTableAdmin):
    doors = (TrialBalancePage,)

    list_display = ("id", "booking_date", "description", "posting_count", "transaction_reference", "posted")
    list_filter = (("booking_date", RangeDateFilter),)
    list_select_related = ("transaction",)
    ordering = ("-id",)
    change_form_template = "transactions/journal_entry.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[JournalEntry]:
        entries: QuerySet[JournalEntry] = super().get_queryset(request)
        return entries.select_related("transaction")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, JournalEntry):
            context |= _page_of(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("transaction"))
    def transaction_reference(self, entry: JournalEntry) -> str:
        transaction = _transaction_of(entry)
        return transaction.reference if transaction else "—"

    @admin.display(description=_("posted at"))
    def posted(self, entry: JournalEntry) -> str:
        return moment(entry.posted_at)


def _page_of(request: HttpRequest, entry: JournalEntry) -> dict[str, Any]:
    postings = list(selectors.entry_lines(entry))
    return {
        "entry": entry,
        "transaction": _transaction_of(entry),
        "t_accounts": t_accounts.t_accounts(request, postings),
        "lines": t_accounts.lines(request, postings),
        "reversed_by": JournalEntry.objects.filter(reverses=entry).first(),
    }


def _transaction_of(entry: JournalEntry) -> Transaction | None:
    """Return the transaction that an entry carries out; the bank's own bookings have none."""
    return getattr(entry, "transaction", None)
