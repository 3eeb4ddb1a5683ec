"""Screening hits: open ones first, the strongest and oldest of them, and one hit's two sides beside each other."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, IntegerField, Model, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from accounts.access import visible_customers
from accounts.models import Customer
from bankops.core import clock
from bankops.core.admin.display import moment
from bankops.core.admin.doors import Done, Door
from bankops.core.admin.forms import ReasonForm
from bankops.core.admin.readonly import BigTableAdmin
from risk.admin import list_badges
from risk.admin.hit_page import page_of
from risk.models import HitState, HitStrength, ScreeningHit
from risk.services.hits import decide_hit, seen_as
from staff.actors import actor_of
from staff.admin.submitting import SubmittingDoor

_OPEN = Q(state__in=(HitState.OPEN, HitState.NEEDS_MORE), lapsed_at=None)
_FIRST_OPEN = Case(When(_OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
_STRONGEST = Case(
    When(strength=HitStrength.STRONG, then=Value(0)),
    When(strength=HitStrength.POSSIBLE, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


class QueueFilter(admin.SimpleListFilter):
    """What waits for a decision, or what is decided."""

    title = gettext_lazy("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", _("to be decided")), ("decided", _("decided or lapsed"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        return queryset.filter(_OPEN) if self.value() == "open" else queryset.exclude(_OPEN)


class DecisionForm(ReasonForm):
    state = forms.ChoiceField(label=gettext_lazy("Decision"), widget=forms.RadioSelect)
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hit: Any = self.record
        alone = (
            [HitState.TRUE, HitState.NEEDS_MORE]
            if hit.takes_two
            else [HitState.FALSE, HitState.TRUE, HitState.NEEDS_MORE]
        )
        field: forms.ChoiceField = self.fields["state"]  # type: ignore[assignment]
        field.choices = [(one.value, one.label) for one in alone]


class DecideHit(Door):
    name = "decide_hit"
    label = gettext_lazy("Decide")
    permission = "risk.decide_hit"
    form_class = DecisionForm
    icon = "gavel"

    def offered(self, record: Any) -> bool:
        return bool(record.is_open or (record.state == HitState.FALSE and record.lapsed_at is None))

    def summary(self, record: Any) -> str | Promise:
        if record.takes_two:
            return _(
                "A strong hit is cleared by two people: ask for it with “Clear”. You alone can say that it is true."
            )
        return _("What you decide is remembered until the entry, or the customer, changes in what matters.")

    def initial(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        return {"seen": seen_as(record)}

    def perform(self, request: HttpRequest, form: DecisionForm, record: Any) -> Done:
        data = form.cleaned_data
        hit = decide_hit(
            hit_id=record.pk,
            state=HitState(data["state"]),
            seen=data["seen"],
            reason=data["reason"],
            actor=actor_of(request),
            now=clock.now(),
        )
        return Done(_("Decided: %(state)s.") % {"state": hit.get_state_display()})


class ClearStrongHit(SubmittingDoor):
    name = "clear_strong_hit"
    label = gettext_lazy("Clear")
    permission = "risk.clear_strong_hit"
    dangerous = True
    icon = "person_check"

    def offered(self, record: Any) -> bool:
        return bool(record.takes_two and record.lapsed_at is None and record.state != HitState.FALSE)

    def summary(self, record: Any) -> str | Promise:
        return _("When two others agree, the customer is taken for somebody else than the listed party.")

    def perform(self, request: HttpRequest, form: ReasonForm, record: Any) -> Done:
        return self.submit(request, form, {"hit": record.public_id}, done=_("The hit is cleared."), record=record)


@admin.register(ScreeningHit)
class ScreeningHitAdmin(BigTableAdmin):
    doors = (DecideHit, ClearStrongHit)
    timeline_subject = "screening_hit"

    list_display = ("identity", "who", "listed", "scored", "strong", "standing", "since")
    list_display_links = ("identity",)
    list_filter = (
        QueueFilter,
        ("strength", ChoicesDropdownFilter),
        ("watch_list", RelatedDropdownFilter),
    )
    list_select_related = ("customer", "watch_list", "entry")
    ordering = (_FIRST_OPEN, _STRONGEST, "opened_at", "id")
    change_form_template = "risk/hit.html"
    fields = ("state",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScreeningHit]:
        seen = visible_customers(request.user, Customer.objects.all()).order_by().values("pk")
        hits: QuerySet[ScreeningHit] = super().get_queryset(request).filter(customer__in=seen)
        return hits.select_related("customer", "watch_list", "entry", "owner")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, ScreeningHit):
            context |= page_of(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=gettext_lazy("hit"))
    def identity(self, hit: ScreeningHit) -> str:
        return hit.public_id

    @admin.display(description=gettext_lazy("customer"))
    def who(self, hit: ScreeningHit) -> str:
        who = _("%(customer)s, an owner") if hit.owner_id else "%(customer)s"
        return who % {"customer": hit.customer}

    @admin.display(description=gettext_lazy("listed party"))
    def listed(self, hit: ScreeningHit) -> str:
        return f"{hit.entry.primary} · {hit.watch_list.label}"

    @admin.display(description=gettext_lazy("score"))
    def scored(self, hit: ScreeningHit) -> str:
        return list_badges.score_of(hit)

    @admin.display(description=gettext_lazy("strength"))
    def strong(self, hit: ScreeningHit) -> SafeString:
        return list_badges.strength_badge(hit)

    @admin.display(description=gettext_lazy("standing"))
    def standing(self, hit: ScreeningHit) -> SafeString:
        return list_badges.state_badge(hit)

    @admin.display(description=gettext_lazy("since"))
    def since(self, hit: ScreeningHit) -> SafeString | str:
        return moment(hit.opened_at)
