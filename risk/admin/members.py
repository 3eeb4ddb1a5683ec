"""Members of the bank's own lists: masked, for they may name people; shown to who gives a reason."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from bankops.core import clock
from bankops.core.admin.display import NOTHING, Tone, badge, moment
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm
from bankops.core.admin.readonly import BigTableAdmin
from risk.models import OwnListMember
from risk.services.own_lists import reveal_member
from staff.actors import actor_of
from staff.admin.submitting import SubmittingDoor


class RemoveFromList(SubmittingDoor):
    name = "remove_from_list"
    label = _("Take off the list")
    permission = "risk.remove_from_list"
    dangerous = True
    icon = "playlist_remove"

    def offered(self, record: Any) -> bool:
        return bool(record.removed_at is None)

    def summary(self, record: Any) -> str | Promise:
        return _("Rules that look into %(list)s do not find it any more, when two others agree.") % {
            "list": record.watch_list.label
        }

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        return self.submit(
            request, form, {"member": record.public_id}, done=str(_("It is off the list.")), record=record
        )


class RevealMember(Door):
    name = "reveal_list_member"
    label = _("Show value")
    permission = "risk.reveal_list_member"
    form_class = ReasonForm
    icon = "visibility"

    def summary(self, record: Any) -> str | Promise:
        return _("It is shown once, on the next page. The trail records that you saw it, and why.")

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> HttpResponse:
        value = reveal_member(
            member=record, reason=form.cleaned_data["reason"], actor=actor_of(request), now=clock.now()
        )
        context = {"value": value, "what": record.get_value_type_display(), "done_url": self.page_of(record)}
        response = self.render(request, record, context, template="risk/revealed_member.html")
        response["Cache-Control"] = "no-store"
        return response


@admin.register(OwnListMember)
class OwnListMemberAdmin(BigTableAdmin):
    doors = (RevealMember, RemoveFromList)

    list_display = ("identity", "watch_list", "value_type", "masked", "standing", "added", "owner", "reason")
    list_filter = (("watch_list", RelatedDropdownFilter), ("value_type", ChoicesDropdownFilter))
    list_select_related = ("watch_list", "owner")
    ordering = ("-added_at", "-id")
    fields = (
        "identity",
        "watch_list",
        "value_type",
        "masked",
        "standing",
        "reason",
        "owner",
        "added",
        "added_by",
        "removed",
    )
    readonly_fields = fields

    @admin.display(description=_("member"))
    def identity(self, member: OwnListMember) -> str:
        return member.public_id

    @admin.display(description=_("value"))
    def masked(self, member: OwnListMember) -> str:
        return member.written.masked

    @admin.display(description=_("standing"))
    def standing(self, member: OwnListMember) -> SafeString:
        if member.removed_at is not None:
            return badge(_("taken off"), Tone.QUIET)
        if member.until is None:
            return badge(_("for good"), Tone.GOOD)
        over = member.until < clock.business_date()
        words = _("until %(day)s") % {"day": member.until.isoformat()}
        return badge(words, Tone.QUIET if over else Tone.GOOD)

    @admin.display(description=_("added at"))
    def added(self, member: OwnListMember) -> SafeString | str:
        return moment(member.added_at)

    @admin.display(description=_("taken off"))
    def removed(self, member: OwnListMember) -> str:
        if member.removed_at is None:
            return NOTHING
        return f"{member.removed_by}: {member.removed_because}"
