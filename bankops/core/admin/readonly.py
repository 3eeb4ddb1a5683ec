"""The reading rooms: admin pages that show and never change. What changes something is a door (`doors.py`)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.admin.utils import unquote
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import Model
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, TabularInline
from unfold.enums import ActionVariant
from unfold.paginator import InfinitePaginator

from bankops.core.admin import extensions
from bankops.core.admin.pages import AdminPage
from bankops.core.selectors import timeline

_BUTTONS_IN_HEADER = 3


class ReadOnlyAdmin(ModelAdmin):
    """Shows records, their timeline, and the doors a person may use.

    Attributes:
        doors: the operations and reading pages offered. Their buttons keep this order, the dangerous ones last.
        timeline_subject: the kind of record in the audit trail, to show its timeline; it has a `public_id`.

    """

    doors: ClassVar[tuple[type[AdminPage], ...]] = ()
    timeline_subject: ClassVar[str] = ""

    actions: ClassVar[tuple[str, ...]] = ()
    show_full_result_count = False
    list_filter_submit = True
    change_form_outer_before_template = "bankops/banners.html"
    change_form_outer_after_template = "bankops/below.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let a list be narrowed by what it and its page show: whatever else there is could be guessed letter by letter."""
        try:
            field = self.opts.get_field(lookup.partition(LOOKUP_SEP)[0])
        except FieldDoesNotExist:
            return super().lookup_allowed(lookup, value, request)  # a filter's own parameter
        return field.name in self._shown_fields(request) and super().lookup_allowed(lookup, value, request)

    def get_urls(self) -> list[URLPattern]:
        return [door.url_pattern() for door in self._doors()] + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            buttons = [door.button() for door in self._doors(on_list=True) if door.offered_to(request, None)]
            response.context_data["actions_list"] = [*response.context_data.get("actions_list", []), *buttons]
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        offered = [door for door in self._doors(on_list=False) if door.offered_to(request, obj)]
        buttons = [door.button(obj) for door in offered]
        context["actions_detail"] = [*context.get("actions_detail", []), *_within_reach(buttons)]
        context["panels"] = extensions.panels_of(self.model, request, obj)
        context["banners"] = extensions.banners_on(request, self.timeline_subject, obj)
        if self.timeline_subject and obj is not None:
            context["timeline"] = self.timeline(obj)
        context["show_history"] = self.keeps_history()
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        self._check_visible(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def timeline(self, record: Any) -> list[Any]:
        """Return what happened to the record, newest first, in the shape of `bankops.core.selectors.timeline`."""
        return [*timeline(self.timeline_subject, str(record.public_id))]

    def keeps_history(self) -> bool:
        """Tell whether the record's versions are kept, beside its audit trail."""
        return False

    def _check_visible(self, request: HttpRequest, object_id: str) -> None:
        """Refuse the versions of a record to somebody who may not see the record itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if self.get_object(request, unquote(object_id)) is None:
            raise Http404

    def _shown_fields(self, request: HttpRequest) -> set[str]:
        filters = [one[0] if isinstance(one, tuple) else one for one in self.get_list_filter(request)]
        related = {one.partition(LOOKUP_SEP)[0] for one in filters if isinstance(one, str)}
        return {self.opts.pk.name, *self.list_display, *(self.fields or ()), *related}

    def _doors(self, *, on_list: bool | None = None) -> list[AdminPage]:
        named = sorted((*self.doors, *extensions.pages_of(self.model)), key=lambda door: door.dangerous)
        instances = [door(self) for door in named]
        return instances if on_list is None else [door for door in instances if door.on_list is on_list]


def _within_reach(buttons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep a few buttons in the header, which has room for no more, and put the others under "More"."""
    if len(buttons) <= _BUTTONS_IN_HEADER + 1:
        return buttons
    more = {"title": _("More"), "icon": "more_horiz", "method_name": "More", "variant": ActionVariant.DEFAULT}
    return [*buttons[:_BUTTONS_IN_HEADER], {**more, "items": buttons[_BUTTONS_IN_HEADER:]}]


class BigTableAdmin(ReadOnlyAdmin):
    """For tables of millions of rows: pages forward without counting, and never sorts by a column without an index."""

    paginator = InfinitePaginator
    list_per_page = 50
    sortable_by = ()


class TrackedAdmin(SimpleHistoryAdmin, ReadOnlyAdmin):
    """For models under django-simple-history: their versions can be read, and never brought back."""

    def keeps_history(self) -> bool:
        return True

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        self._check_visible(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        self._check_visible(request, object_id)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return super().history_form_view(request, object_id, version_id, extra_context)


class ReadOnlyInline(TabularInline):
    """Rows that belong to a record, shown on its page."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
