"""All customers against what an edition changed: how far it is."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from bankops.core.admin.display import moment
from bankops.core.admin.readonly import BigTableAdmin
from risk.models import RescreenRun


@admin.register(RescreenRun)
class RescreenRunAdmin(BigTableAdmin):
    list_display = ("what", "entries", "progress", "hits", "started", "finished")
    list_select_related = ("edition__watch_list",)
    ordering = ("-started_at", "-id")
    fields = list_display
    readonly_fields = list_display

    @admin.display(description=_("edition"))
    def what(self, run: RescreenRun) -> str:
        return f"{run.edition.watch_list.label} {run.edition.number}"

    @admin.display(description=_("progress"))
    def progress(self, run: RescreenRun) -> SafeString:
        done = run.chunks - run.chunks_left
        return format_html('<progress value="{}" max="{}"></progress> {} %', done, run.chunks, done * 100 // run.chunks)

    @admin.display(description=_("started at"))
    def started(self, run: RescreenRun) -> SafeString | str:
        return moment(run.started_at)

    @admin.display(description=_("finished at"))
    def finished(self, run: RescreenRun) -> SafeString | str:
        return moment(run.finished_at)
