"""Lists: which there are, how old they are, their editions, and who is on the bank's own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from bankops.core import clock
from bankops.core.admin.display import NOTHING, moment
from bankops.core.admin.doors import Done
from bankops.core.admin.forms import ReasonForm, capitalised
from bankops.core.admin.readonly import ReadOnlyAdmin
from risk.admin import list_badges
from risk.lists.values import LONGEST, ValueType
from risk.models import ListKind, WatchList
from risk.selectors import lists
from staff.actors import person_at
from staff.admin.submitting import SubmittingDoor

_EDITIONS_SHOWN = 20
_MEMBERS_SHOWN = 100


class MemberForm(ReasonForm):
    what = forms.ChoiceField(label=_("What"), choices=capitalised(ValueType))
    value = forms.CharField(
        label=_("Value"),
        max_length=LONGEST,
        help_text=_("A country as two letters, a customer by its id (cus_…), a name as it is written."),
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The last day on which it counts. Empty: for good."),
    )


class AddToList(SubmittingDoor):
    name = "add_to_list"
    label = _("Put on this list")
    permission = "risk.add_to_list"
    form_class = MemberForm
    icon = "playlist_add"

    def offered(self, record: Any) -> bool:
        return bool(record.kind == ListKind.OWN)

    def summary(self, record: Any) -> str | Promise:
        return _("Rules that look into %(list)s find it from then on, when two others agree. You answer for it.") % {
            "list": record.label
        }

    def perform(self, request: HttpRequest, form: MemberForm, record: Any) -> Done:
        data = form.cleaned_data
        payload = {
            "list": record.key,
            "what": data["what"],
            "value": data["value"],
            "until": data["until"].isoformat() if data["until"] else "",
            "owner": person_at(request).public_id,
        }
        return self.submit(request, form, payload, done=str(_("It is on the list.")))


@admin.register(WatchList)
class WatchListAdmin(ReadOnlyAdmin):
    doors = (AddToList,)
    timeline_subject = "watch_list"

    list_display = ("label", "key", "kind", "edition", "age", "standing")
    list_filter = (("kind", ChoicesDropdownFilter),)
    ordering = ("kind", "key")
    list_before_template = "risk/lists_problems.html"
    change_form_template = "risk/watch_list.html"
    fields = ("key",)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            response.context_data["list_problems"] = lists.problems(clock.now())
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, WatchList):
            context |= _page_of(obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("confirmed"))
    def age(self, watch_list: WatchList) -> str:
        return list_badges.age_of(watch_list, clock.now())

    @admin.display(description=_("standing"))
    def standing(self, watch_list: WatchList) -> SafeString:
        return list_badges.standing_of(watch_list, clock.now())


def _page_of(watch_list: WatchList) -> dict[str, Any]:
    now = clock.now()
    editions = watch_list.editions.order_by("-number")[:_EDITIONS_SHOWN]
    members = watch_list.members.filter(removed_at=None).select_related("owner").order_by("-added_at", "-id")
    return {
        "watch_list": watch_list,
        "standing": list_badges.standing_of(watch_list, now),
        "age": list_badges.age_of(watch_list, now),
        "confirmed": moment(watch_list.confirmed_at) if watch_list.confirmed_at else NOTHING,
        "is_own": watch_list.kind == ListKind.OWN,
        "entries": watch_list.entries.in_force().count() if watch_list.edition else 0,
        "editions": [
            (one, list_badges.edition_link(one), list_badges.edition_badge(one), list_badges.changes_of(one))
            for one in editions
        ],
        "members": list(members[:_MEMBERS_SHOWN]),
    }
