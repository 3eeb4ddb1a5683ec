"""Editions of lists: what each added, changed and removed, and the door through which a refused one is taken on."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from bankops.core.admin.display import NOTHING, moment
from bankops.core.admin.doors import Done
from bankops.core.admin.forms import ReasonForm
from bankops.core.admin.readonly import BigTableAdmin
from risk.admin import list_badges
from risk.models import EditionState, ListEdition
from risk.selectors.editions import ADDED, CHANGED, REMOVED, changes_in
from staff.admin.submitting import SubmittingDoor

PER_PAGE = 50
_KINDS = {ADDED: _("Added"), CHANGED: _("Changed"), REMOVED: _("Removed")}


class AcceptListEdition(SubmittingDoor):
    name = "accept_list_edition"
    label = _("Take on this edition")
    permission = "risk.accept_list_edition"
    dangerous = True
    icon = "playlist_add_check"

    def offered(self, record: Any) -> bool:
        return bool(record.state == EditionState.REFUSED)

    def summary(self, record: Any) -> str | Promise:
        return _(
            "When two others agree, customers are screened against this edition, and no longer against the one in use."
            " Compare it with its publisher's notice of changes first."
        )

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        payload = {"edition": record.public_id}
        return self.submit(request, form, payload, done=str(_("The edition is in use.")), record=record)


@admin.register(ListEdition)
class ListEditionAdmin(BigTableAdmin):
    doors = (AcceptListEdition,)

    list_display = ("number", "watch_list", "standing", "entries", "changes", "loaded", "loaded_by")
    list_filter = (("watch_list", RelatedDropdownFilter), ("state", ChoicesDropdownFilter))
    list_select_related = ("watch_list",)
    ordering = ("-loaded_at", "-id")
    change_form_template = "risk/list_edition.html"
    fields = ("number",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListEdition]:
        editions: QuerySet[ListEdition] = super().get_queryset(request).select_related("watch_list")
        return editions

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, ListEdition):
            context |= _page_of(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("standing"))
    def standing(self, edition: ListEdition) -> SafeString:
        return list_badges.edition_badge(edition)

    @admin.display(description=_("added, changed, removed"))
    def changes(self, edition: ListEdition) -> str:
        return list_badges.changes_of(edition)

    @admin.display(description=_("loaded at"))
    def loaded(self, edition: ListEdition) -> SafeString | str:
        return moment(edition.loaded_at)


def _page_of(request: HttpRequest, edition: ListEdition) -> dict[str, Any]:
    asked = request.GET.get("changes", ADDED)
    kind = asked if asked in _KINDS else ADDED
    page = Paginator(changes_in(edition, kind), PER_PAGE).get_page(request.GET.get("page"))
    counts = {ADDED: edition.added, CHANGED: edition.changed, REMOVED: edition.removed}
    return {
        "edition": edition,
        "standing": list_badges.edition_badge(edition),
        "refused": edition.state == EditionState.REFUSED,
        "kinds": [(name, label, counts[name], name == kind) for name, label in _KINDS.items()],
        "kind": kind,
        "page_obj": page,
        "rescreening": _rescreening(edition),
    }


def _rescreening(edition: ListEdition) -> dict[str, Any] | None:
    run = getattr(edition, "rescreening", None)
    if run is None:
        return None
    done = run.chunks - run.chunks_left
    finished = moment(run.finished_at) if run.finished_at else NOTHING
    return {"run": run, "percent": done * 100 // run.chunks, "finished": finished}
