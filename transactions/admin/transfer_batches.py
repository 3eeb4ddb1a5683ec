"""Batches of transfers: the list, and one batch's page with its items and what became of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter, RangeDateTimeFilter

from accounts import numbers
from bankops.core.admin.display import NOTHING, Tone, amount, badge, moment
from bankops.core.admin.extensions import Panel
from bankops.core.admin.readonly import BigTableAdmin
from bankops.core.api import error_table
from bankops.core.errors import error_codes
from bankops.core.money import Money
from transactions.admin.transactions import state_badge as transaction_badge
from transactions.models import BatchState, TransferBatch, TransferBatchItem
from transactions.services.partner_orders import CANCELLED, STATUSES
from transactions.transfer_batches.items import PAYEE
from transactions.transfer_batches.standing import REFUSED, tallies_of
from transactions.visibility import visible_items

ITEMS_SHOWN = 100
_TONES = {
    BatchState.CARRIED_OUT: Tone.GOOD,
    BatchState.AWAITING_APPROVAL: Tone.WARNING,
    BatchState.REJECTED: Tone.BAD,
    BatchState.CANCELLED: Tone.BAD,
    BatchState.EXPIRED: Tone.BAD,
    BatchState.FAILED: Tone.BAD,
}

_WORDS = {**{word: state.label for state, word in STATUSES.items()}, REFUSED: _("refused"), CANCELLED: _("cancelled")}
"""Where items stand, for people."""


def state_badge(batch: TransferBatch) -> SafeString:
    """Return a batch's state in words and colour."""
    state = BatchState(batch.state)
    return badge(state.label, _TONES.get(state, Tone.QUIET))


def items(request: HttpRequest, batch: TransferBatch) -> Panel | None:
    """Return the items that somebody may see, a hundred at a time (`?from=100`), and the sums of all of these."""
    first = _first(request)
    seen = _visible(request, TransferBatchItem.objects.filter(batch=batch))
    rows = seen.select_related("transaction", "payer", "payee").order_by("position")[first : first + ITEMS_SHOWN + 1]
    found = list(rows)
    return Panel(
        "transactions/batch_items.html",
        {
            "nothing": NOTHING,
            "rows": list(_rows(batch, found[:ITEMS_SHOWN])),
            "before": max(0, first - ITEMS_SHOWN) if first else None,
            "after": first + ITEMS_SHOWN if len(found) > ITEMS_SHOWN else None,
        },
    )


@admin.register(TransferBatch)
class TransferBatchAdmin(BigTableAdmin):
    timeline_subject = "transfer_batch"
    change_form_template = "transactions/transfer_batch.html"

    list_display = ("reference", "partner", "state_badge", "item_count", "money", "received")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("currency", FieldTextFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_select_related = ("partner",)
    fields = (
        "reference",
        "partner",
        "state_badge",
        "item_count",
        "money",
        "all_or_nothing",
        "maker_name",
        "received",
        "approval_request",
    )
    readonly_fields = fields
    search_fields = ("=reference",)
    search_help_text = _("The partner's reference of the batch")
    ordering = ("-created_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TransferBatch]:
        batches: QuerySet[TransferBatch] = super().get_queryset(request)
        mine = _visible(request, TransferBatchItem.objects.filter(batch=OuterRef("pk")))
        return batches.filter(Exists(mine)).select_related("partner", "approval_request")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, TransferBatch):
            context |= _page_of(obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("state"))
    def state_badge(self, batch: TransferBatch) -> SafeString:
        return state_badge(batch)

    @admin.display(description=_("total"))
    def money(self, batch: TransferBatch) -> SafeString | str:
        return amount(batch.money)

    @admin.display(description=_("received at"))
    def received(self, batch: TransferBatch) -> str:
        return moment(batch.created_at)


def _page_of(batch: TransferBatch) -> dict[str, Any]:
    """Return what a batch's page shows above its items: where they stand, counted now."""
    counts = tallies_of([batch])[batch.pk].counts
    figures = [(capfirst(str(_WORDS[word])), count) for word, count in sorted(counts.items())]
    return {"batch": batch, "state": state_badge(batch), "waits_in": batch.approval_request, "figures": figures}


def _visible(request: HttpRequest, among: QuerySet[TransferBatchItem]) -> QuerySet[TransferBatchItem]:
    """Return those of the items with an account that somebody may see."""
    return visible_items(request.user, among)


def _rows(batch: TransferBatch, found: list[TransferBatchItem]) -> Iterator[dict[str, Any]]:
    for item in found:
        payer = numbers.display(item.payer.number) if item.payer else item.payer_named
        payee = numbers.display(item.payee.number) if item.payee else item.payee_named
        yield {
            "number": item.position + 1,
            "item": item,
            "amount": amount(Money(item.amount, batch.currency)),
            "payer": payer,
            "payee": payee,
            "state": _state(batch, item),
            "why": _why_not(item.code, about=payee if item.blamed == PAYEE else payer) or NOTHING,
        }


def _why_not(code: str, *, about: str) -> str:
    """Return in a sentence why an item was refused; empty when it was not.

    Only the code is kept: of what differs from case to case, the account is known, and of the rest the place is marked.
    """
    known = error_codes().get(code)
    return error_table.text_of(known).replace("‹account›", about) if known else code


def _state(batch: TransferBatch, item: TransferBatchItem) -> SafeString:
    if item.transaction:
        return transaction_badge(item.transaction)
    if item.code:
        return badge(gettext("refused"), Tone.BAD)
    return state_badge(batch)


def _first(request: HttpRequest) -> int:
    given = request.GET.get("from", "0")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 5 else 0
