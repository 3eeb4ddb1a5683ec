"""Transactions: the list, and one transaction's page with its T-accounts and everything that happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter, RangeDateFilter, RangeDateTimeFilter

from accounts import access, numbers
from accounts.admin.badges import unusual
from accounts.models import Account
from bankops.core import ids
from bankops.core.admin.display import Tone, amount, badge, moment
from bankops.core.admin.readonly import BigTableAdmin
from bankops.core.admin.search import Searchable
from bankops.core.errors import InvalidId
from transactions import selectors
from transactions.admin import t_accounts
from transactions.admin.held_doors import CancelHeld, DeclineRiskHeld, Release, ReleaseRiskHeld
from transactions.admin.refund_door import Refund
from transactions.admin.reversal_door import Reverse
from transactions.admin.risk_panel import risk_panel
from transactions.admin.sentences import sentence_of
from transactions.models import HeldBecause, Kind, State, Transaction, TransactionEvent
from transactions.visibility import visible_transactions
from transactions.wording import whose

_STATE_TONES = {
    State.POSTED: Tone.GOOD,
    State.AWAITING_APPROVAL: Tone.WARNING,
    State.HELD: Tone.WARNING,
    State.REVERSED: Tone.WARNING,
    State.DECLINED: Tone.BAD,
    State.REJECTED: Tone.BAD,
    State.EXPIRED: Tone.BAD,
    State.FAILED: Tone.BAD,
}


def state_badge(transaction: Transaction) -> SafeString:
    """Return the state in words and colour."""
    state = State(transaction.state)
    return badge(state.label, _STATE_TONES.get(state, Tone.QUIET))


@dataclass(frozen=True, slots=True)
class StateStep:
    """A transition in the shape of a timeline entry."""

    event: TransactionEvent
    label: str
    changes: ClassVar[tuple[()]] = ()


@admin.register(Transaction)
class TransactionAdmin(Searchable, BigTableAdmin):
    doors = (Release, ReleaseRiskHeld, Refund, Reverse, DeclineRiskHeld, CancelHeld)
    timeline_subject = "transaction"
    search_order = 30
    search_icon = "swap_horiz"

    list_display = ("reference", "what", "state_badge", "money", "debited", "credited", "maker_name", "received")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("channel", ChoicesDropdownFilter),
        ("currency", FieldTextFilter),
        ("created_at", RangeDateTimeFilter),
        ("booking_date", RangeDateFilter),
    )
    list_select_related = ("debit_account__customer", "credit_account__customer")
    search_fields = ("reference", "external_reference", "narrative")
    search_help_text = _("Reference, account number, external reference or narrative")
    ordering = ("-created_at", "-id")
    change_form_template = "transactions/transaction.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transaction]:
        transactions = visible_transactions(request.user, super().get_queryset(request))
        return transactions.select_related(*self.list_select_related)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Transaction], search_term: str
    ) -> tuple[QuerySet[Transaction], bool]:
        return selectors.search_transactions(search_term, among=queryset), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, Transaction):
            context |= _page_of(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def timeline(self, record: Any) -> list[Any]:
        """Return the audit events and the steps from state to state, newest first."""
        entries = [*super().timeline(record), *map(_step, record.events.order_by("-id"))]
        return sorted(entries, key=lambda entry: entry.event.occurred_at, reverse=True)

    @admin.display(description=_("kind"))
    def what(self, transaction: Transaction) -> str | Promise:
        return Kind(transaction.kind).label

    @admin.display(description=_("state"))
    def state_badge(self, transaction: Transaction) -> SafeString:
        return state_badge(transaction)

    @admin.display(description=_("amount"))
    def money(self, transaction: Transaction) -> str:
        return amount(transaction.money)

    @admin.display(description=_("debit"))
    def debited(self, transaction: Transaction) -> SafeString:
        return _named(transaction.debit_account)

    @admin.display(description=_("credit"))
    def credited(self, transaction: Transaction) -> SafeString:
        return _named(transaction.credit_account)

    @admin.display(description=_("received at"))
    def received(self, transaction: Transaction) -> str:
        return moment(transaction.created_at)

    def named(self, request: HttpRequest, text: str) -> Transaction | None:
        """Find a transaction by reference or by the id that partners see."""
        visible = self.get_queryset(request)
        try:
            return visible.filter(pk=ids.decode(Transaction.ID_PREFIX, text)).first()
        except InvalidId:
            return visible.filter(reference=text.upper()).first()

    def caption(self, record: Transaction) -> str:
        return f"{capfirst(Kind(record.kind).label)} · {record.money.format()} · {record.booking_date.isoformat()}"


def _named(account: Account) -> SafeString:
    number = numbers.display(account.number)
    return format_html('<span class="bk-number">{}</span><small class="bk-second">{}</small>', number, whose(account))


def _step(event: TransactionEvent) -> StateStep:
    return StateStep(event=event, label=capfirst(str(State(event.to_state).label)))


def _page_of(request: HttpRequest, transaction: Transaction) -> dict[str, Any]:
    postings = list(selectors.entry_lines(transaction.entry)) if transaction.entry else []
    return {
        "transaction": transaction,
        "kind": Kind(transaction.kind).label,
        "sentence": sentence_of(transaction),
        "state": state_badge(transaction),
        "standings": [
            (numbers.display(account.number), badges)
            for account in (transaction.debit_account, transaction.credit_account)
            if access.may_see(request.user, account) and (badges := unusual(account))
        ],
        "t_accounts": t_accounts.t_accounts(request, postings),
        "lines": t_accounts.lines(request, postings),
        "approval_request": transaction.approval_request,
        "twin": transaction.twin,
        "risk": risk_panel(request, transaction),
        "held_because": HeldBecause(transaction.held_because).label if transaction.held_because else "",
        "refunds": transaction.refunds,
        "refunded_by": transaction.refunded_by.order_by("-created_at", "-id"),
        "left": transaction.money - selectors.refunded(transaction) if transaction.kind == Kind.TRANSFER else None,
        "partner": transaction.partner,
        "reversed_by": Transaction.objects.filter(reverses=transaction).first(),
    }
