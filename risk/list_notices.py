"""What staff is told of lists: one was not taken on, could not be fetched, is missing or too old, or is there again."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from notifications import staff_routes
from notifications.models import Severity
from notifications.notice_kinds import declare
from notifications.staff_routes import Told
from risk import events
from risk.models import ListEdition, WatchList
from staff.selectors import active_with_right

REFUSED = declare(
    "risk.list.refused",
    _("an edition of a list was not taken on"),
    _("%(list)s: %(removed)s entries would go, %(entries)s stay. Take it on, or load it again."),
    severity=Severity.URGENT,
)
OVERDUE = declare(
    "risk.list.overdue",
    _("a list is missing or too old: nobody is screened as clear"),
    _("%(list)s: load it."),
    severity=Severity.URGENT,
)
NOT_FETCHED = declare(
    "risk.list.not_fetched",
    _("a list could not be fetched"),
    _("%(list)s: %(problem)s"),
    severity=Severity.WARNING,
)
RECOVERED = declare(
    "risk.list.recovered",
    _("a list is there again"),
    _("%(list)s."),
    severity=Severity.INFO,
)


def register() -> None:
    """Register the routes; called once, when the app is ready."""
    staff_routes.route(events.LIST_REFUSED.name, REFUSED, recipients=_analysts, link=_edition_page)
    for event, kind in ((events.LIST_OVERDUE, OVERDUE), (events.LIST_RECOVERED, RECOVERED)):
        staff_routes.route(event.name, kind, recipients=_analysts, link=_lists_page)
    staff_routes.route(events.LIST_NOT_FETCHED.name, NOT_FETCHED, recipients=_analysts, link=_lists_page)


def _analysts(_told: Told) -> Iterable[UUID]:
    return active_with_right("risk.accept_list_edition").values_list("pk", flat=True)


def _edition_page(told: Told) -> str:
    key = ids.decode(ListEdition.ID_PREFIX, str(told.payload["edition_id"]))
    return reverse("admin:risk_listedition_change", args=[key])


def _lists_page(_told: Told) -> str:
    return reverse(f"admin:{WatchList._meta.app_label}_{WatchList._meta.model_name}_changelist")
