"""Replays: the list, one with its progress, and the doors that ask for them on an endpoint's page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from bankops.core import clock
from bankops.core.admin import extensions
from bankops.core.admin.display import moment
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm, moment_field
from bankops.core.admin.pages import ReadingPage
from bankops.core.admin.readonly import ReadOnlyAdmin
from notifications import services
from notifications.admin import badges
from notifications.models import Endpoint, EndpointState, ReplayJob, ReplayKind
from staff.actors import actor_of

ASKED_MOST = 150
"""How often a page asks by itself how far a replay is, every two seconds: then the session may end, as when nobody is there."""


class SinceForm(ReasonForm):
    since = moment_field(_("Since"), help_text=_("What was announced from this moment on, by the bank's clock."))


class AskingDoor(Door):
    """A door that orders a replay, and leads to its progress."""

    permission = "notifications.replay_deliveries"
    form_class = SinceForm
    icon = "replay"
    kind: ClassVar[ReplayKind]

    def offered(self, record: Endpoint) -> bool:
        return record.state != EndpointState.DISABLED

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {"since": clock.now() - timedelta(days=1)}

    def perform(self, request: HttpRequest, form: SinceForm, record: Endpoint) -> Done:
        job = services.ask_for_replay(
            endpoint_id=record.pk,
            kind=self.kind,
            since=form.cleaned_data["since"],
            actor=actor_of(request),
            reason=form.cleaned_data["reason"],
            now=clock.now(),
        )
        words = {"replay": job.public_id, "count": job.total}
        return Done(gettext("Asked for: %(replay)s, %(count)s events to look at.") % words, job)


class ReplayFailed(AskingDoor):
    name = "replay_failed"
    label = _("Send what failed again")
    kind = ReplayKind.DEAD

    def summary(self, record: Any) -> str | Promise:
        return _(
            "Every dead letter since then is sent again, under the same id: a receiver that dedupes takes none twice."
        )


class SendEverything(AskingDoor):
    name = "send_everything"
    label = _("Send everything since")
    kind = ReplayKind.ALL
    icon = "playlist_add"

    def summary(self, record: Any) -> str | Promise:
        return _(
            "Every event of its types that the partner was told of since then is sent here, those that it had before too. "
            "Meant for a new endpoint, or one that lost what it had."
        )


class CloseBreaker(Door):
    name = "close_breaker"
    label = _("Close breaker")
    permission = "notifications.reopen_endpoint"
    form_class = ReasonForm
    icon = "power"

    def offered(self, record: Endpoint) -> bool:
        return record.health.breaker != "CLOSED"

    def summary(self, record: Any) -> str | Promise:
        return _(
            "Everything is sent at once, before probes have shown that it is taken. Ask the partner whether it is ready."
        )

    def perform(self, request: HttpRequest, form: ReasonForm, record: Endpoint) -> Done:
        services.close_breaker(
            endpoint_id=record.pk, actor=actor_of(request), reason=form.cleaned_data["reason"], now=clock.now()
        )
        return Done(gettext("The breaker is closed."))


class Progress(ReadingPage):
    """How far it is: a part of a page, which a page that shows it asks for again and again until it is over."""

    name = "progress"
    label = _("Progress")
    permission = "notifications.view_replayjob"
    template = "notifications/replay_progress.html"

    def offered(self, record: Any) -> bool:
        return False

    def show(self, request: HttpRequest, record: ReplayJob) -> HttpResponse:
        asked = request.GET.get("asked", "")
        times = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < len(str(ASKED_MOST)) + 1 else 0
        return TemplateResponse(request, self.template, {"progress": progress_of(record, asked=times)})


@admin.register(ReplayJob)
class ReplayJobAdmin(ReadOnlyAdmin):
    doors = (Progress,)
    change_form_template = "notifications/replay.html"

    list_display = ("identity", "endpoint", "kind", "begins", "state_badge", "done", "asked_by_name", "asked")
    list_filter = (("state", ChoicesDropdownFilter), ("endpoint", RelatedDropdownFilter))
    list_select_related = ("endpoint",)
    ordering = ("-id",)
    sortable_by = ()
    fields = (
        "identity",
        "endpoint",
        "kind",
        "since",
        "state",
        "total",
        "looked_at",
        "sent_again",
        "asked_by_name",
        "reason",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReplayJob]:
        jobs: QuerySet[ReplayJob] = super().get_queryset(request)
        return jobs.select_related("endpoint__partner")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, ReplayJob):
            context |= {"job": obj, "progress": progress_of(obj), "where": badges.link(obj.endpoint, obj.endpoint.url)}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("replay"))
    def identity(self, job: ReplayJob) -> str:
        return job.public_id

    @admin.display(description=_("since"))
    def begins(self, job: ReplayJob) -> SafeString | str:
        return moment(job.since)

    @admin.display(description=_("state"))
    def state_badge(self, job: ReplayJob) -> SafeString:
        return badges.replay_badge(job.state)

    @admin.display(description=_("sent again"))
    def done(self, job: ReplayJob) -> str:
        return gettext("%(sent)s of %(total)s") % {"sent": job.sent_again, "total": job.total}

    @admin.display(description=_("asked at"))
    def asked(self, job: ReplayJob) -> SafeString | str:
        return moment(job.created_at)


def progress_of(job: ReplayJob, *, asked: int = 0) -> dict[str, Any]:
    """Return what `replay_progress.html` draws; `again` is the number of the next question, None when there is to be none."""
    over = job.finished_at is not None
    return {
        "job": job,
        "state": badges.replay_badge(job.state),
        "is_over": over,
        "most": max(job.total, job.looked_at, 1),
        "now": max(job.total, job.looked_at, 1) if over and job.state == "DONE" else job.looked_at,
        "again": None if over or asked >= ASKED_MOST else asked + 1,
    }


def install() -> None:
    """Offer the doors on every endpoint's page."""
    extensions.add_pages(Endpoint, ReplayFailed, SendEverything, CloseBreaker)
