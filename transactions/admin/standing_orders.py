"""Standing orders: the lists, an order's page with its payments, and the doors that change it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from accounts.access import visible_accounts
from accounts.admin import badges
from bankops.core.admin.display import NOTHING, Tone, amount, badge
from bankops.core.admin.extensions import Panel
from bankops.core.admin.readonly import BigTableAdmin
from transactions.admin.standing_order_doors import (
    ChangeStandingOrder,
    EndStandingOrder,
    ResumeStandingOrder,
    SuspendStandingOrder,
)
from transactions.models import OrderState, StandingOrder, StandingOrderRun
from transactions.models.standing_order import HolidayRule, RunState
from transactions.standing_orders.schedule import schedule_of
from transactions.standing_orders.wording import payee_of, when, why_not

_TONES = {OrderState.ACTIVE: Tone.GOOD, OrderState.SUSPENDED: Tone.WARNING}
_RUN_TONES = {RunState.PAID: Tone.GOOD, RunState.RETRYING: Tone.WARNING, RunState.SKIPPED: Tone.BAD}
_RUNS_SHOWN = 24
_UPCOMING = 5


def state_badge(order: StandingOrder) -> SafeString:
    """Return an order's state in words and colour."""
    state = OrderState(order.state)
    return badge(state.label, _TONES.get(state, Tone.QUIET))


def payments(request: HttpRequest, order: StandingOrder) -> Panel | None:
    """Return what became of an order's newest payments."""
    if not request.user.has_perm("transactions.view_standingorderrun"):
        return None
    runs = order.runs.select_related("transaction").order_by("-date")[:_RUNS_SHOWN]
    rows = [{"run": run, "state": _run_badge(run), "why": why_not(run.refusal) or NOTHING} for run in runs]
    return Panel("transactions/standing_order_payments.html", {"rows": rows})


@admin.register(StandingOrder)
class StandingOrderAdmin(BigTableAdmin):
    doors = (ChangeStandingOrder, SuspendStandingOrder, ResumeStandingOrder, EndStandingOrder)
    timeline_subject = "standing_order"
    change_form_template = "transactions/standing_order.html"

    list_display = ("payer", "state_badge", "money", "payee", "repeated", "next_due", "purpose")
    list_filter = (("state", ChoicesDropdownFilter), ("next_due", RangeDateFilter))
    list_select_related = ("account__customer", "account__branch", "payee_account")
    fields = ("payer", "payee", "purpose", "repeated", "state_badge", "money", "next_due")
    readonly_fields = fields
    search_fields = ("=account__number", "=external_reference")
    search_help_text = _("Account number, or the order's number at another system")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StandingOrder]:
        orders: QuerySet[StandingOrder] = super().get_queryset(request)
        mine = visible_accounts(request.user).order_by().values("pk")
        mine_only = orders.filter(account__in=mine).select_related(*self.list_select_related)
        return mine_only.prefetch_related(badges.standing_of("account"))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, StandingOrder):
            context |= _page_of(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("account"))
    def payer(self, order: StandingOrder) -> SafeString:
        return badges.named(order.account)

    @admin.display(description=_("state"))
    def state_badge(self, order: StandingOrder) -> SafeString:
        return state_badge(order)

    @admin.display(description=_("amount"))
    def money(self, order: StandingOrder) -> SafeString | str:
        return amount(order.money)

    @admin.display(description=_("payee"))
    def payee(self, order: StandingOrder) -> str:
        return payee_of(order)

    @admin.display(description=_("repeated"))
    def repeated(self, order: StandingOrder) -> str:
        return when(order.every, order.unit, order.day)


@admin.register(StandingOrderRun)
class StandingOrderRunAdmin(BigTableAdmin):
    """What was paid and, above all, what was not: the staff's list of standing orders to look at."""

    list_display = ("date", "payer", "state_badge", "money", "why", "attempts", "next_attempt", "paid_by")
    list_filter = (("state", ChoicesDropdownFilter), ("last_attempt", RangeDateFilter))
    list_select_related = ("order__account__customer", "transaction")
    fields = ("date", "payer", "state_badge", "money", "why", "attempts", "last_attempt", "next_attempt", "paid_by")
    readonly_fields = fields
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StandingOrderRun]:
        runs: QuerySet[StandingOrderRun] = super().get_queryset(request)
        mine = visible_accounts(request.user).order_by().values("pk")
        mine_only = runs.filter(order__account__in=mine).select_related(*self.list_select_related)
        return mine_only.prefetch_related(badges.standing_of("order__account"))

    @admin.display(description=_("account"))
    def payer(self, run: StandingOrderRun) -> SafeString:
        return badges.named(run.order.account)

    @admin.display(description=_("state"))
    def state_badge(self, run: StandingOrderRun) -> SafeString:
        return _run_badge(run)

    @admin.display(description=_("amount"))
    def money(self, run: StandingOrderRun) -> SafeString | str:
        return amount(run.order.money)

    @admin.display(description=_("why not"))
    def why(self, run: StandingOrderRun) -> str:
        return why_not(run.refusal) or NOTHING

    @admin.display(description=_("transaction"))
    def paid_by(self, run: StandingOrderRun) -> str:
        return run.transaction.reference if run.transaction else "—"


def _page_of(request: HttpRequest, order: StandingOrder) -> dict[str, Any]:
    """Return what an order's page shows: the order in words, and its next payments on the bank's calendar."""
    return {
        "order": order,
        "state": state_badge(order),
        "standing": badges.unusual(order.account),
        "payee": payee_of(order),
        "payee_standing": badges.unusual_as_seen(request.user, payee) if (payee := order.payee_account) else "",
        "repeated": when(order.every, order.unit, order.day),
        "holiday": HolidayRule(order.on_holiday).label,
        "upcoming": schedule_of(order).next_due(order.next_date, _UPCOMING) if order.next_date else [],
    }


def _run_badge(run: StandingOrderRun) -> SafeString:
    state = RunState(run.state)
    return badge(state.label, _RUN_TONES[state])
