"""Stand-ins: who decides in whose place, and until when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from approvals.admin.people import PersonField, reviewers
from approvals.models import StandIn
from approvals.services.stand_ins import ANY, LONGEST, OWN, end_stand_in, name_stand_in
from bankops.core import clock
from bankops.core.admin.display import Tone, badge, moment
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm, moment_field
from bankops.core.admin.readonly import ReadOnlyAdmin
from staff.models import User


class MyStandInForm(ReasonForm):
    stand_in = PersonField(
        label=_("Stands in"), queryset=User.objects.none(), help_text=_("Somebody who holds one of the same roles.")
    )
    starts_at = moment_field(_("From"), required=False, help_text=_("Leave empty for “at once”."))
    ends_at = moment_field(
        _("Until"), help_text=format_lazy(_("At most {days} days after the beginning."), days=LONGEST.days)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"absent", "stand_in"} & self.fields.keys():
            field: forms.ModelChoiceField[User] = self.fields[name]  # type: ignore[assignment]
            field.queryset = reviewers()


class AnyStandInForm(MyStandInForm):
    absent = PersonField(label=_("Away"), queryset=User.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["absent", "stand_in", "starts_at", "ends_at", "reason"])


class NamingDoor(Door):
    """Name a stand-in: for oneself, or for somebody else."""

    on_list = True
    icon = "swap_horiz"

    def summary(self, record: Any) -> str | Promise:
        return _(
            "They may decide what is assigned to the person who is away, with a code of their own; both names stand in the "
            "audit trail. It gives no right that they do not have themselves."
        )

    def perform(self, request: HttpRequest, form: Any, record: Any) -> Done:
        assert isinstance(request.user, User)
        data, now = form.cleaned_data, clock.now()
        row = name_stand_in(
            absent=data.get("absent") or request.user,
            stand_in=data["stand_in"],
            starts_at=_begins(data["starts_at"], now),
            ends_at=data["ends_at"],
            actor=request.user,
            reason=data["reason"],
            now=now,
        )
        names = {"stand_in": row.stand_in.full_name, "absent": row.absent.full_name}
        return Done(str(_("%(stand_in)s stands in for %(absent)s.")) % names)


class NameMyStandIn(NamingDoor):
    name = "name_my_stand_in"
    label = _("Name my stand-in")
    permission = OWN
    form_class = MyStandInForm


class NameAnyStandIn(NamingDoor):
    name = "name_any_stand_in"
    label = _("Name a stand-in")
    permission = ANY
    form_class = AnyStandInForm


class EndStandIn(Door):
    name = "end_stand_in"
    label = _("End stand-in")
    permission = OWN  # or ANY: the service knows whose it is
    form_class = ReasonForm
    dangerous = True
    icon = "event_busy"

    def allowed(self, request: HttpRequest) -> bool:
        return request.user.has_perm(OWN) or request.user.has_perm(ANY)

    def offered(self, record: Any) -> bool:
        return record.ended_at is None and record.ends_at > clock.now()

    def summary(self, record: Any) -> str | Promise:
        names = {"stand_in": record.stand_in.full_name, "absent": record.absent.full_name}
        return str(_("%(stand_in)s no longer decides in the place of %(absent)s, from now on.")) % names

    def perform(self, request: HttpRequest, form: Any, record: Any) -> Done:
        assert isinstance(request.user, User)
        end_stand_in(stand_in_id=record.pk, actor=request.user, reason=form.cleaned_data["reason"], now=clock.now())
        return Done(str(_("The stand-in has ended.")))


@admin.register(StandIn)
class StandInAdmin(ReadOnlyAdmin):
    doors = (NameMyStandIn, NameAnyStandIn, EndStandIn)

    list_display = ("absent_name", "stand_in_name", "begins", "ends", "standing", "reason")
    list_select_related = ("absent", "stand_in", "named_by")
    search_fields = ("absent__full_name", "stand_in__full_name")
    ordering = ("-ends_at", "-id")
    sortable_by = ()
    fields = ("absent_name", "stand_in_name", "begins", "ends", "standing", "reason", "named_by_name", "named")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[StandIn]:
        rows: QuerySet[StandIn] = super().get_queryset(request)
        return rows.select_related(*self.list_select_related)

    @admin.display(description=_("away"))
    def absent_name(self, row: StandIn) -> str:
        return row.absent.full_name

    @admin.display(description=_("stands in"))
    def stand_in_name(self, row: StandIn) -> str:
        return row.stand_in.full_name

    @admin.display(description=_("from"))
    def begins(self, row: StandIn) -> SafeString | str:
        return moment(row.starts_at)

    @admin.display(description=_("until"))
    def ends(self, row: StandIn) -> SafeString | str:
        return moment(row.ended_at or row.ends_at)

    @admin.display(description=_("now"))
    def standing(self, row: StandIn) -> str:
        now = clock.now()
        if row.ended_at:
            return badge(_("ended early"), Tone.QUIET)
        if row.ends_at <= now:
            return badge(_("over"), Tone.QUIET)
        return badge(_("not yet"), Tone.WARNING) if row.starts_at > now else badge(_("stands in"), Tone.GOOD)

    @admin.display(description=_("named by"))
    def named_by_name(self, row: StandIn) -> str:
        return row.named_by.full_name

    @admin.display(description=_("named at"))
    def named(self, row: StandIn) -> SafeString | str:
        return moment(row.named_at)


def _begins(chosen: datetime | None, now: datetime) -> datetime:
    """Return the moment chosen; the minute that has just begun is now, because the form knows no seconds."""
    if chosen is None or chosen == now.replace(second=0, microsecond=0):
        return now
    return chosen
