"""Clearing a strong screening hit, or one that was taken for true: never by one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.audit import Subject
from bankops.core.operations import Description, Operation, Order
from bankops.core.texts import require_reason
from risk import errors, locks
from risk.models import HitState, ScreeningHit
from risk.operations.lists import agreed
from risk.screening import explaining
from risk.services import hits
from risk.services.hit_recording import subject_of

Payload = Mapping[str, Any]


class ClearStrongHit(Operation):
    """Payload: `{"hit": "hit_…"}`; the order says why."""

    key = "risk.clear_strong_hit"
    label = _("Clear a strong screening hit")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownHit: when it is no hit."""
        return {"hit": _hit(payload).public_id}

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, HitNotDecidable: as the service would."""
        require_reason(order.reason)
        hits.refuse_decision(_hit(payload), HitState.FALSE)

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [subject_of(_hit(payload))]

    def describe(self, payload: Payload) -> Description:
        hit = _hit(payload)
        words = {"customer": hit.customer.number, "entry": hit.entry.primary, "list": hit.watch_list.label}
        text = gettext("Customer %(customer)s is not “%(entry)s” on the list %(list)s.")
        kept = hit.explanation.reveal()
        spoke_for_it = explaining.masked(explaining.read(kept)).lines() if kept else []
        return Description(
            summary=text % words,
            changes={gettext("Decision"): (hits.stands(hit), str(HitState.FALSE.label))},
            warnings=spoke_for_it,
        )

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        return {"seen": hits.seen_as(_hit(payload))}

    def lock(self, payload: Payload) -> None:
        locks.hit_for_update(_hit(payload).pk)

    def execute(self, payload: Payload, order: Order) -> ScreeningHit:
        return hits.clear_strong_hit(hit_id=_hit(payload).pk, **agreed(order))

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result)


def _hit(payload: Payload) -> ScreeningHit:
    key = ids.decode(ScreeningHit.ID_PREFIX, str(payload.get("hit", "")))
    hit = ScreeningHit.objects.select_related("customer", "watch_list", "entry").filter(pk=key).first()
    if hit is None:
        raise errors.UnknownHit
    return hit
