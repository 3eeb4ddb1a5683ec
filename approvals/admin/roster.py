"""The duty roster: who takes reviews today, role by role, and the doors that change it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.widgets import CHECKBOX_CLASSES

from approvals.admin.people import PersonField, reviewers
from approvals.models import Duty
from approvals.models.roster import EVERY_DAY
from approvals.permissions import REVIEWERS
from approvals.services import add_duty, end_duty
from bankops.core import clock
from bankops.core.admin.display import NOTHING, Tone, badge
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import DoorForm
from bankops.core.admin.readonly import ReadOnlyAdmin
from staff.actors import actor_of
from staff.models import User
from staff.roles import Role

WEEKDAYS = tuple(zip(EVERY_DAY, (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")), strict=True))
_ROLES = [(role.value, role.label) for role in REVIEWERS]


def day_field(label: Any, **kept: Any) -> forms.DateField:
    """Return a field for a day, with the browser's calendar."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kept)


class DutyForm(DoorForm):
    user = PersonField(label=_("Reviewer"), queryset=User.objects.none())
    role = forms.TypedChoiceField(label=_("Role"), coerce=Role, choices=_ROLES)
    weekdays = forms.MultipleChoiceField(
        label=_("Weekdays"),
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple(attrs={"class": " ".join(CHECKBOX_CLASSES)}),
    )
    since = day_field(_("From"))
    until = day_field(_("Until"), required=False, help_text=_("The last day. Leave empty for an open end."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user: forms.ModelChoiceField[User] = self.fields["user"]  # type: ignore[assignment]
        user.queryset = reviewers()


class AddDuty(Door):
    name = "add_duty"
    label = _("Add duty")
    permission = "approvals.change_roster"
    form_class = DutyForm
    template = "approvals/roster_duty.html"
    on_list = True
    icon = "event_available"

    def summary(self, record: Any) -> str | Promise:
        return _(
            "On these days requests are given to them first. With nobody on duty, everybody who holds the role is asked."
        )

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {"since": clock.business_date(), "weekdays": list("12345")}

    def perform(self, request: HttpRequest, form: Any, record: Any) -> Done:
        data, now = form.cleaned_data, clock.now()
        duty = add_duty(
            user=data["user"],
            role=data["role"],
            weekdays="".join(data["weekdays"]),
            since=data["since"],
            until=data["until"],
            actor=actor_of(request),
            now=now,
            business_date=clock.business_date(now),
        )
        return Done(str(_("%(name)s is on the roster.")) % {"name": duty.user.full_name})


class EndForm(DoorForm):
    last_day = day_field(_("Last day on duty"), help_text=_("Yesterday takes them off from today on."))


class EndDuty(Door):
    name = "end_duty"
    label = _("End duty")
    permission = "approvals.change_roster"
    form_class = EndForm
    dangerous = True
    icon = "event_busy"

    def offered(self, record: Any) -> bool:
        return record.until is None or record.until > clock.business_date() - timedelta(days=1)

    def summary(self, record: Any) -> str | Promise:
        text = _("%(name)s keeps the role and the requests assigned already; new ones go to others first.")
        return str(text) % {"name": record.user.full_name}

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {"last_day": clock.business_date() - timedelta(days=1)}

    def perform(self, request: HttpRequest, form: Any, record: Any) -> Done:
        now = clock.now()
        duty = end_duty(
            duty_id=record.pk,
            last_day=form.cleaned_data["last_day"],
            actor=actor_of(request),
            now=now,
            business_date=clock.business_date(now),
        )
        return Done(str(_("The duty of %(name)s ends.")) % {"name": duty.user.full_name}, None)

    def page_of(self, record: Any) -> str:
        return super().page_of(None)  # the row may be gone


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is on duty in a role today."""

    role: str
    names: list[str]
    holders: int


@admin.register(Duty)
class DutyAdmin(ReadOnlyAdmin):
    doors = (AddDuty, EndDuty)
    list_before_template = "approvals/roster_today.html"

    list_display = ("reviewer", "role_name", "days", "begins", "ends", "standing")
    list_filter = ("role",)
    list_select_related = ("user",)
    search_fields = ("user__full_name", "user__employee_number")
    ordering = ("-since", "id")
    sortable_by = ()
    fields = ("reviewer", "role_name", "days", "begins", "ends", "standing")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Duty]:
        duties: QuerySet[Duty] = super().get_queryset(request).select_related("user")
        return duties

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "watches": watches(clock.business_date())})

    @admin.display(description=_("reviewer"))
    def reviewer(self, duty: Duty) -> str:
        return f"{duty.user.full_name} ({duty.user.employee_number})"

    @admin.display(description=_("role"))
    def role_name(self, duty: Duty) -> str:
        return str(Role(duty.role).label)

    @admin.display(description=_("weekdays"))
    def days(self, duty: Duty) -> str:
        if duty.weekdays == EVERY_DAY:
            return str(_("every day"))
        return ", ".join(str(name) for digit, name in WEEKDAYS if digit in duty.weekdays)

    @admin.display(description=_("from"))
    def begins(self, duty: Duty) -> str:
        return duty.since.isoformat()

    @admin.display(description=_("until"))
    def ends(self, duty: Duty) -> str:
        return duty.until.isoformat() if duty.until else NOTHING

    @admin.display(description=_("today"))
    def standing(self, duty: Duty) -> str:
        today = clock.business_date()
        if duty.until and duty.until < today:
            return badge(_("over"), Tone.QUIET)
        if duty.since > today:
            return badge(_("not yet"), Tone.QUIET)
        if str(today.isoweekday()) in duty.weekdays:
            return badge(_("on duty"), Tone.GOOD)
        return badge(_("day off"), Tone.WARNING)


def watches(today: date) -> list[Watch]:
    """Return who is on duty today, for every role that reviews; two queries."""
    on = Duty.objects.filter(Q(until__isnull=True) | Q(until__gte=today), since__lte=today)
    names = on.filter(weekdays__contains=str(today.isoweekday()), user__is_active=True).order_by("user__full_name")
    rows = list(names.values_list("role", "user__full_name").distinct())
    holders = list(reviewers().values_list("groups__name", "pk"))
    return [_watch(role, rows, holders) for role in REVIEWERS]


def _watch(role: Role, rows: Iterable[tuple[str, str]], holders: Iterable[tuple[str, Any]]) -> Watch:
    return Watch(
        role=str(role.label),
        names=[name for held, name in rows if held == role.value],
        holders=len({person for held, person in holders if held == role.value}),
    )
