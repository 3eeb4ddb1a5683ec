"""What staff is told of webhooks. Until there is an incident everybody who could work it is; then whoever took it over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from notifications import events, staff_routes
from notifications.backlogs import in_words
from notifications.models import Endpoint, Incident, IncidentKind, Notice, Severity
from notifications.notice_kinds import declare
from notifications.services.incidents import OPENINGS
from notifications.staff_routes import Told
from staff.selectors import active_with_right

WORK = "notifications.work_incident"

RESTING = declare(
    "notifications.endpoint.resting",
    _("a webhook endpoint fails and is given a rest"),
    _("%(partner)s (%(host)s): %(waiting)s events wait."),
    severity=Severity.WARNING,
)
INCIDENT = declare(
    "notifications.incident.opened",
    _("a webhook endpoint needs somebody to look after it"),
    _("%(partner)s (%(host)s) does not take events."),
    severity=Severity.URGENT,
)
TAKEN_OVER = declare(
    "notifications.incident.taken_over",
    _("somebody else looks after an incident of yours now"),
    _("%(partner)s (%(host)s)."),
    severity=Severity.INFO,
)
SETTLED = declare(
    "notifications.incident.closed",
    _("an incident is closed"),
    _("%(partner)s (%(host)s)."),
    severity=Severity.INFO,
)


def register() -> None:
    """Register the routes; called once, in `ready()`."""
    staff_routes.route(events.BREAKER_OPENED.name, RESTING, recipients=_warned, words=_counted, link=_endpoint_page)
    staff_routes.route(events.INCIDENT_OPENED.name, INCIDENT, recipients=_workers, link=_incident_page)
    staff_routes.route(events.INCIDENT_TAKEN_OVER.name, TAKEN_OVER, recipients=_former_owner, link=_incident_page)
    staff_routes.route(events.INCIDENT_CLOSED.name, SETTLED, recipients=_concerned, link=_incident_page)


def _workers(_told: Told) -> Iterable[UUID]:
    return active_with_right(WORK).values_list("pk", flat=True)


def _warned(told: Told) -> Iterable[UUID]:
    """Return whom a warning reaches: nobody after the second opening, or while there is an incident; nobody twice unread."""
    down = Incident.objects.filter(endpoint=_endpoint_id(told), kind=IncidentKind.ENDPOINT_DOWN, closed_at=None)
    if told.payload["openings"] >= OPENINGS or down.exists():
        return []
    unread = Notice.objects.filter(kind=RESTING.key, link=_endpoint_page(told), read_at=None)
    return active_with_right(WORK).exclude(pk__in=unread.values("recipient")).values_list("pk", flat=True)


def _counted(told: Told) -> dict[str, Any]:
    return {**told.payload, "waiting": in_words(told.payload["waiting"])}


def _former_owner(told: Told) -> Iterable[UUID]:
    return [person.pk for person in active_with_right(WORK) if person.public_id == told.payload["before"]]


def _concerned(told: Told) -> Iterable[UUID]:
    """Return who looked after it, or everybody who could have; not whoever closed it.

    Where its owner closed it by hand, the others are told: nobody takes an incident over and makes it vanish.
    """
    incident = Incident.objects.select_related("owner").get(pk=ids.decode(Incident.ID_PREFIX, told.subject_id))
    people, closer = active_with_right(WORK), told.payload["by"]
    if incident.owner and incident.owner.public_id != closer:
        people = people.filter(pk=incident.owner.pk)
    return [person.pk for person in people if person.public_id != closer]


def _endpoint_id(told: Told) -> UUID:
    return ids.decode(Endpoint.ID_PREFIX, str(told.payload["endpoint"]))


def _endpoint_page(told: Told) -> str:
    return reverse("admin:notifications_endpoint_change", args=[_endpoint_id(told)])


def _incident_page(told: Told) -> str:
    return reverse("admin:notifications_incident_change", args=[ids.decode(Incident.ID_PREFIX, told.subject_id)])
