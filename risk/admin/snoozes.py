"""Which rules are passed over for whom, until when and why."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core import clock
from bankops.core.admin.display import Tone, badge, moment
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm
from bankops.core.admin.readonly import BigTableAdmin
from risk.models import RuleSnooze
from risk.services import snoozes
from staff.actors import actor_of


class EndSnooze(Door):
    name = "end_snooze"
    label = _("End now")
    permission = "risk.end_snooze"
    form_class = ReasonForm
    icon = "alarm_off"

    def offered(self, record: RuleSnooze) -> bool:
        return record.ended_at is None and record.until > clock.now()

    def summary(self, record: Any) -> str | Promise:
        return _("The rule counts for this customer again at once.")

    def perform(self, request: HttpRequest, form: ReasonForm, record: RuleSnooze) -> Done:
        snoozes.end_snooze(
            snooze_id=record.pk, reason=form.cleaned_data["reason"], actor=actor_of(request), now=clock.now()
        )
        return Done(gettext("The rule counts for this customer again."))


@admin.register(RuleSnooze)
class RuleSnoozeAdmin(BigTableAdmin):
    doors = (EndSnooze,)

    list_display = ("rule", "whom", "standing", "ends", "reason", "made_by_name")
    list_select_related = ("rule", "customer")
    ordering = ("-until", "-id")
    fields = ("rule", "whom", "standing", "begins", "ends", "reason", "made_by_name", "ended_by_name")
    readonly_fields = fields

    @admin.display(description=_("customer"))
    def whom(self, snooze: RuleSnooze) -> str:
        return snooze.customer.number

    @admin.display(description=_("state"))
    def standing(self, snooze: RuleSnooze) -> SafeString:
        if snooze.ended_at is not None:
            return badge(_("ended early"), Tone.QUIET)
        return badge(_("over"), Tone.QUIET) if snooze.until <= clock.now() else badge(_("counts"), Tone.WARNING)

    @admin.display(description=_("since"))
    def begins(self, snooze: RuleSnooze) -> SafeString | str:
        return moment(snooze.since)

    @admin.display(description=_("until"))
    def ends(self, snooze: RuleSnooze) -> SafeString | str:
        return moment(snooze.ended_at or snooze.until)
