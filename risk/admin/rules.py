"""The rules: which count, what each asks in words and what it asked before, and how it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from bankops.core import clock
from bankops.core.admin.display import NOTHING
from bankops.core.admin.readonly import ReadOnlyAdmin
from risk.admin import badges
from risk.admin.backtest_doors import RunBacktest
from risk.admin.rule_doors import (
    ActivateRule,
    DiscardVersion,
    HandOverRule,
    RetireRule,
    SnoozeRule,
    StartShadow,
)
from risk.admin.rule_editor import Assist, EditDraft, NewRule, NewVersion
from risk.models import Rule, RuleBacktest, RuleSnooze, RuleVersion, VersionState
from risk.rules.reading import difference, in_words, told
from risk.selectors.rule_figures import Figures, figures_of

_IN_ORDER = (VersionState.ACTIVE, VersionState.SHADOW, VersionState.DRAFT)


class StateFilter(admin.SimpleListFilter):
    """Which rules count, run in shadow, are being written, or are over."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, str(state.label)) for state in VersionState]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Rule]) -> QuerySet[Rule]:
        value = self.value()
        if value not in VersionState.values:
            return queryset
        if value == VersionState.RETIRED:
            return queryset.exclude(versions__state__in=_IN_ORDER)
        return queryset.filter(versions__state=value)


class _WithFigures(ChangeList):
    """The rules of one page with how they do, in as many statements as for one rule."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        figures = figures_of([rule.key for rule in self.result_list], clock.now())
        for rule in self.result_list:
            rule.figures = figures[rule.key]


@dataclass(frozen=True, slots=True)
class Said:
    """A version in words.

    Attributes:
        changes: what is different from the version before it, or from the active one where it does not count yet.
        compared: the number of that one.

    """

    version: RuleVersion
    state: SafeString
    outcome: SafeString
    words: str
    explains: str
    note: str
    changes: Mapping[str, tuple[str, str]]
    compared: int | None
    backtests: list[RuleBacktest]


@admin.register(Rule)
class RuleAdmin(ReadOnlyAdmin):
    doors = (
        NewRule,
        Assist,
        EditDraft,
        NewVersion,
        ActivateRule,
        RunBacktest,
        StartShadow,
        SnoozeRule,
        HandOverRule,
        DiscardVersion,
        RetireRule,
    )
    timeline_subject = "rule"
    change_form_template = "risk/rule.html"

    list_display = ("title", "standing", "comes_of_it", "weight", "hits_24h", "hits_30d", "false_share")
    list_filter = (StateFilter, ("family", ChoicesDropdownFilter))
    search_fields = ("key", "name", "reason_code")
    ordering = ("key",)
    sortable_by = ()
    list_per_page = 50
    fields = ("key", "name")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        rules: QuerySet[Rule] = super().get_queryset(request)
        return rules.prefetch_related(Prefetch("versions", RuleVersion.objects.order_by("-number")))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return _WithFigures

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, Rule):
            now = clock.now()
            snoozes = RuleSnooze.objects.filter(rule=obj, ended_at__isnull=True, until__gt=now)
            context |= {
                "rule": obj,
                "purpose": told(obj.purpose),
                "source": told(obj.source),
                "said": said(obj),
                "figures": figures_of([obj.key], now)[obj.key],
                "snoozes": snoozes.select_related("customer").order_by("until"),
            }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=gettext_lazy("rule"))
    def title(self, rule: Rule) -> SafeString:
        family = rule.get_family_display()
        return format_html('<div>{}<span class="bk-second">{} · {}</span></div>', rule, rule.key, family)

    @admin.display(description=gettext_lazy("state"))
    def standing(self, rule: Rule) -> SafeString:
        present = {version.state for version in rule.versions.all()}
        states = [state for state in _IN_ORDER if state in present] or [VersionState.RETIRED]
        return format_html_join(" ", "{}", ((badges.version_badge(state),) for state in states))

    @admin.display(description=gettext_lazy("what comes of it"))
    def comes_of_it(self, rule: Rule) -> SafeString | str:
        version = _foremost(rule)
        return badges.outcome_badge(version.outcome) if version else NOTHING

    @admin.display(description=gettext_lazy("weight"))
    def weight(self, rule: Rule) -> str:
        version = _foremost(rule)
        return str(version.weight) if version else NOTHING

    @admin.display(description=gettext_lazy("hits, 24 hours"))
    def hits_24h(self, rule: Any) -> str:
        figures: Figures = rule.figures
        return str(figures.hits.day)

    @admin.display(description=gettext_lazy("hits, 30 days"))
    def hits_30d(self, rule: Any) -> str:
        figures: Figures = rule.figures
        return str(figures.hits.month)

    @admin.display(description=gettext_lazy("false alerts"))
    def false_share(self, rule: Any) -> str:
        quality = rule.figures.quality
        if quality.false_percent is None:
            return NOTHING
        return _("%(share)s %% of %(decided)s") % {"share": quality.false_percent, "decided": quality.decided}


def said(rule: Rule) -> list[Said]:
    """Return all versions in words: first what counts, then what is on its way, then what is over, the latest first."""
    backtests: dict[Any, list[RuleBacktest]] = {}
    for backtest in RuleBacktest.objects.filter(version__rule=rule).order_by("-requested_at"):
        backtests.setdefault(backtest.version_id, []).append(backtest)
    versions = sorted(rule.versions.order_by("-number").select_related("rule"), key=_rank)
    return [_in_words(version, versions, backtests.get(version.pk, [])) for version in versions]


def _in_words(version: RuleVersion, versions: Iterable[RuleVersion], backtests: list[RuleBacktest]) -> Said:
    compared = _compared_with(version, versions)
    return Said(
        version=version,
        state=badges.version_badge(version.state),
        outcome=badges.outcome_badge(version.outcome),
        words=in_words(version.condition),
        explains=told(version.explains),
        note=told(version.note),
        changes=difference(compared, version) if compared else {},
        compared=compared.number if compared else None,
        backtests=backtests,
    )


def _compared_with(version: RuleVersion, versions: Iterable[RuleVersion]) -> RuleVersion | None:
    if version.state in (VersionState.DRAFT, VersionState.SHADOW):
        return next((one for one in versions if one.state == VersionState.ACTIVE), None)
    before = [one for one in versions if one.number < version.number and one.active_since is not None]
    return max(before, key=lambda one: one.number, default=None)


def _rank(version: RuleVersion) -> int:
    order = [str(state) for state in _IN_ORDER]
    return order.index(version.state) if version.state in order else len(order)


def _foremost(rule: Rule) -> RuleVersion | None:
    """Return the version that counts, or else is nearest to it, from what the list has loaded already."""
    return min(rule.versions.all(), key=_rank, default=None)
