"""Incidents: what somebody has to look after, who does, and what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bankops.core import clock
from bankops.core.admin.display import NOTHING, Tone, badge, moment
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm
from bankops.core.admin.readonly import BigTableAdmin
from notifications.admin import badges
from notifications.backlogs import in_words
from notifications.models import Incident, IncidentKind
from notifications.services import close_incident, take_over_incident
from staff.actors import actor_of, person_at


class StandingFilter(admin.SimpleListFilter):
    """What is open, or what is closed."""

    title = gettext_lazy("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", _("open")), ("closed", _("closed"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(closed_at__isnull=self.value() == "open") if self.value() else queryset


class TakeOver(Door):
    name = "take_over_incident"
    label = gettext_lazy("Take over")
    permission = "notifications.work_incident"
    icon = "front_hand"

    def offered(self, record: Any) -> bool:
        return record.closed_at is None

    def summary(self, record: Any) -> str | Promise:
        if record.owner:
            return _("You look after it from now on, and no longer %(name)s.") % {"name": record.owner.full_name}
        return _("You look after it from now on. What follows is told to you and not to the others.")

    def perform(self, request: HttpRequest, form: Any, record: Any) -> Done:
        incident = take_over_incident(incident_id=record.pk, person=person_at(request), now=clock.now())
        return Done(_("You look after incident %(incident)s.") % {"incident": incident.public_id})


class CloseIncident(Door):
    name = "close_incident"
    label = gettext_lazy("Close incident")
    permission = "notifications.work_incident"
    icon = "task_alt"
    form_class = ReasonForm

    def offered(self, record: Any) -> bool:
        return record.closed_at is None

    def summary(self, record: Any) -> str | Promise:
        return _("The endpoint stays as it is. If it goes on failing, another incident is opened.")

    def perform(self, request: HttpRequest, form: Any, record: Any) -> Done:
        reason = form.cleaned_data["reason"]
        incident = close_incident(incident_id=record.pk, actor=actor_of(request), reason=reason, now=clock.now())
        return Done(_("Incident %(incident)s is closed.") % {"incident": incident.public_id})


@admin.register(Incident)
class IncidentAdmin(BigTableAdmin):
    doors = (TakeOver, CloseIncident)
    timeline_subject = "incident"

    list_display = ("opened", "kind", "partner", "where", "owner", "standing")
    list_filter = (StandingFilter, "kind")
    list_select_related = ("endpoint__partner", "owner")
    ordering = (F("closed_at").desc(nulls_first=True), "-opened_at", "-id")
    fields = ("identity", "kind", "partner", "where", "opened", "waiting", "failed", "owner", "standing", "because")
    readonly_fields = ("identity", "opened", "partner", "where", "waiting", "failed", "standing", "because")

    @admin.display(description=gettext_lazy("id"))
    def identity(self, incident: Incident) -> str:
        return incident.public_id

    @admin.display(description=gettext_lazy("opened at"))
    def opened(self, incident: Incident) -> SafeString | str:
        return moment(incident.opened_at)

    @admin.display(description=gettext_lazy("partner"))
    def partner(self, incident: Incident) -> str:
        return incident.endpoint.partner.name

    @admin.display(description=gettext_lazy("address"))
    def where(self, incident: Incident) -> SafeString:
        return badges.link(incident.endpoint, incident.endpoint.url)

    @admin.display(description=gettext_lazy("events waiting then"))
    def waiting(self, incident: Incident) -> str:
        return in_words(incident.told["waiting"]) if "waiting" in incident.told else NOTHING

    @admin.display(description=gettext_lazy("last failure then"))
    def failed(self, incident: Incident) -> str:
        return incident.told.get("last_failure") or NOTHING

    @admin.display(description=gettext_lazy("standing"))
    def standing(self, incident: Incident) -> SafeString:
        if incident.closed_at:
            return format_html("{} {}", badge(_("closed"), Tone.GOOD), moment(incident.closed_at))
        gone = incident.kind == IncidentKind.ENDPOINT_GONE
        return badge(_("open"), Tone.WARNING if gone or incident.owner_id else Tone.BAD)

    @admin.display(description=gettext_lazy("closed because"))
    def because(self, incident: Incident) -> str:
        return incident.closed_because or NOTHING
