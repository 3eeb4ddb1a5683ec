"""My notices: what somebody should know about approvals, unread first. Everybody sees their own and no others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from approvals.models import Notice, NoticeKind
from approvals.services import mark_read
from bankops.core import clock
from bankops.core.admin import home
from bankops.core.admin.display import NOTHING, Tone, badge, moment
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.readonly import BigTableAdmin
from staff.models import User

_TONES = {
    NoticeKind.ASSIGNED: Tone.QUIET,
    NoticeKind.HALF_TIME: Tone.WARNING,
    NoticeKind.EXPIRING: Tone.BAD,
    NoticeKind.OUTCOME: Tone.QUIET,
    NoticeKind.NOBODY: Tone.BAD,
    NoticeKind.POLICY_UNREADABLE: Tone.BAD,
}


def install() -> None:
    """Bring the step to the page after signing in; called once, when the admin modules are loaded."""
    home.add_steps(5, steps)


def unread(request: HttpRequest) -> QuerySet[Notice]:
    """Return the unread notices of the person at the keyboard."""
    return Notice.objects.filter(recipient_id=request.user.pk, read_at__isnull=True)


def unread_badge(request: HttpRequest) -> str:
    """Return how many notices are unread, for the menu; nothing when there are none."""
    return str(unread(request).count() or "")


def _me(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class OwnDoor(Door):
    """A door that everybody may use on what is theirs; the list and the service know no others' notices."""

    permission = ""

    def allowed(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active)


class MarkRead(OwnDoor):
    name = "mark_read"
    label = gettext_lazy("Mark as read")
    icon = "done"

    def perform(self, request: HttpRequest, form: Any, record: Any) -> Done:
        mark_read(recipient=_me(request), notice_id=record.pk, now=clock.now())
        return Done(_("Marked as read."))

    def page_of(self, record: Model | None) -> str:
        return super().page_of(None)


class MarkAllRead(OwnDoor):
    name = "mark_all_read"
    label = gettext_lazy("Mark all as read")
    on_list = True
    icon = "done_all"

    def summary(self, record: Any) -> str | Promise:
        return _("The notices stay on the list, and what they are about stays as it is.")

    def perform(self, request: HttpRequest, form: Any, record: Any) -> Done:
        count = mark_read(recipient=_me(request), now=clock.now())
        return Done(
            ngettext("%(count)s notice marked as read.", "%(count)s notices marked as read.", count) % {"count": count}
        )


@admin.register(Notice)
class NoticeAdmin(BigTableAdmin):
    doors = (MarkAllRead, MarkRead)

    list_display = ("what", "request_link", "when", "standing")
    list_display_links = None
    list_select_related = ("request",)
    ordering = (F("read_at").desc(nulls_first=True), "-id")
    fields = ("what", "request_link", "when", "standing")
    readonly_fields = fields

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_active)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        own: QuerySet[Notice] = super().get_queryset(request).filter(recipient_id=request.user.pk)
        return own

    @admin.display(description=gettext_lazy("notice"))
    def what(self, notice: Notice) -> SafeString:
        kind = NoticeKind(notice.kind)
        said = badge(kind.label, _TONES[kind])
        return format_html("{} {}", said, notice.text) if notice.text else said

    @admin.display(description=gettext_lazy("request"))
    def request_link(self, notice: Notice) -> SafeString | str:
        if notice.request is None:
            return NOTHING
        address = reverse("admin:approvals_approvalrequest_change", args=[notice.request_id])
        return format_html('<a class="bk-link bk-nowrap" href="{}">{}</a>', address, notice.request.reference)

    @admin.display(description=gettext_lazy("when"))
    def when(self, notice: Notice) -> SafeString | str:
        return moment(notice.created_at)

    @admin.display(description=gettext_lazy("read"))
    def standing(self, notice: Notice) -> SafeString | str:
        """Return when it was read, or the button: it stands in the list's own form and sends it to the door."""
        if notice.read_at:
            return moment(notice.read_at)
        return format_html(
            '<button type="submit" class="bk-button bk-button--quiet" formaction="{}">{}</button>',
            reverse("admin:approvals_notice_mark_read", args=[notice.pk]),
            MarkRead.label,
        )


def steps(request: HttpRequest) -> Iterator[home.Step]:
    """Yield the way to the notices while there are unread ones."""
    if count := unread(request).count():
        yield home.Step(
            ngettext("Read %(count)s notice", "Read %(count)s notices", count) % {"count": count},
            _("What you were asked to decide, what is about to expire, and what came of your requests."),
            reverse("admin:approvals_notice_changelist"),
            "notifications",
        )
