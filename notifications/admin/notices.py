"""My notices: what somebody should know, unread first, and what of it is mailed. Everybody sees their own and no others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bankops.core import clock
from bankops.core.admin import home
from bankops.core.admin.display import Tone, badge, moment
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import DoorForm, capitalised
from bankops.core.admin.readonly import BigTableAdmin
from notifications import notice_kinds
from notifications.models import Notice, NoticePreference, Severity
from notifications.services import mark_read, set_notice_preferences
from staff.actors import person_at

_TONES = {Severity.INFO: Tone.QUIET, Severity.WARNING: Tone.WARNING, Severity.URGENT: Tone.BAD}


def install() -> None:
    """Bring the step to the page after signing in; called once, when the admin modules are loaded."""
    home.add_steps(5, steps)


def unread(request: HttpRequest) -> QuerySet[Notice]:
    """Return the unread notices of the person at the keyboard."""
    return Notice.objects.filter(recipient_id=request.user.pk, read_at__isnull=True)


def unread_badge(request: HttpRequest) -> str:
    """Return how many notices are unread, for the menu; nothing when there are none."""
    return str(unread(request).count() or "")


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
        mark_read(recipient=person_at(request), notice_id=record.pk, now=clock.now())
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
        count = mark_read(recipient=person_at(request), now=clock.now())
        return Done(
            ngettext("%(count)s notice marked as read.", "%(count)s notices marked as read.", count) % {"count": count}
        )


class PreferencesForm(DoorForm):
    mail_from = forms.ChoiceField(
        label=gettext_lazy("Mailed to me"),
        required=False,
        help_text=gettext_lazy("This, and what matters more. The list here always shows everything."),
    )
    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("By the bank's clock, also over midnight. What is urgent is mailed all the same."),
    )
    quiet_until = forms.TimeField(
        label=gettext_lazy("Quiet until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mail_from = self.fields["mail_from"]
        assert isinstance(mail_from, forms.ChoiceField)
        mail_from.choices = [*capitalised(Severity), ("", _("No mail at all"))]


class Preferences(OwnDoor):
    name = "preferences"
    label = gettext_lazy("Preferences")
    verb = gettext_lazy("Save")
    on_list = True
    icon = "tune"
    form_class = PreferencesForm

    def summary(self, record: Any) -> str | Promise:
        return _("What you have not read yet comes in one message, at most once in a quarter of an hour.")

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        wishes = NoticePreference.objects.filter(pk=request.user.pk).first() or NoticePreference()
        return {name: getattr(wishes, name) for name in ("mail_from", "quiet_from", "quiet_until")}

    def perform(self, request: HttpRequest, form: Any, record: Any) -> Done:
        said = form.cleaned_data
        set_notice_preferences(
            person=person_at(request),
            mail_from=Severity(said["mail_from"]) if said["mail_from"] else None,
            quiet_from=said["quiet_from"],
            quiet_until=said["quiet_until"],
            now=clock.now(),
        )
        return Done(_("Your preferences are kept."))


@admin.register(Notice)
class NoticeAdmin(BigTableAdmin):
    doors = (MarkAllRead, Preferences, MarkRead)

    list_display = ("what", "when", "standing")
    list_display_links = None
    ordering = (F("read_at").desc(nulls_first=True), "-id")
    fields = ("what", "when", "standing")
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
        """Return the kind, and what it is about as the way to its page."""
        kind = badge(notice_kinds.label_of(notice.kind), _TONES[Severity(notice.severity)])
        sentence = notice_kinds.sentence_of(notice.kind, notice.words)
        if not notice.link:
            return format_html("{} {}", kind, sentence)
        return format_html('{} <a class="bk-link" href="{}">{}</a>', kind, notice.link, sentence)

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
            reverse("admin:notifications_notice_mark_read", args=[notice.pk]),
            MarkRead.label,
        )


def steps(request: HttpRequest) -> Iterator[home.Step]:
    """Yield the way to the notices while there are unread ones."""
    if count := unread(request).count():
        yield home.Step(
            ngettext("Read %(count)s notice", "Read %(count)s notices", count) % {"count": count},
            _("What you were asked to decide, what is about to expire, what came of your requests, and what fails."),
            reverse("admin:notifications_notice_changelist"),
            "notifications",
        )
