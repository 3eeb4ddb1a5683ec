"""The approval policies, in words: which counts now, what it says, and what it said before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import admin
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.admin.policy_doors import ChangePolicy, NewPolicy, RetirePolicy
from approvals.admin.simulator import SimulatorPage
from approvals.errors import PolicyUnreadable
from approvals.models import Policy, PolicyVersion
from approvals.models.policy import PolicyVersionState
from approvals.policies import wording
from approvals.policies.definition import Definition, parse
from bankops.core.admin.display import NOTHING, Tone, badge, moment
from bankops.core.admin.readonly import ReadOnlyAdmin
from bankops.core.selectors import Change, TimelineEntry


@dataclass(frozen=True, slots=True)
class Said:
    """A version in words; `fault` says why it cannot be read."""

    version: PolicyVersion
    rows: dict[str, str]
    fault: str = ""


@admin.register(Policy)
class PolicyAdmin(ReadOnlyAdmin):
    doors = (SimulatorPage, NewPolicy, ChangePolicy, RetirePolicy)
    timeline_subject = "policy"
    change_form_template = "approvals/policy.html"

    list_display = ("name", "standing", "applies", "deciders", "since")
    search_fields = ("name",)
    ordering = ("name",)
    sortable_by = ("name",)
    fields = ("name",)
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        policies: QuerySet[Policy] = super().get_queryset(request)
        return policies.prefetch_related(Prefetch("versions", PolicyVersion.objects.order_by("-number")))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **kwargs: Any
    ) -> HttpResponse:
        if isinstance(obj, Policy):
            context["said"] = [_said(version) for version in obj.versions.all()]
            context["standing"] = self.standing(obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def timeline(self, record: Any) -> list[Any]:
        """Say in words what changed, row by row: the audit trail holds the documents."""
        return [_in_words(entry) for entry in super().timeline(record)]

    @admin.display(description=gettext_lazy("state"))
    def standing(self, policy: Policy) -> SafeString:
        active = _active(policy)
        if active is None:
            return badge(_("retired"), Tone.QUIET)
        if _definition(active) is None:
            return badge(_("cannot be read: always needs approval"), Tone.BAD)
        return badge(_("active, version %(number)s") % {"number": active.number}, Tone.GOOD)

    @admin.display(description=gettext_lazy("applies to"))
    def applies(self, policy: Policy) -> SafeString | str:
        definition = _definition(_active(policy))
        if definition is None:
            return NOTHING
        cases = [" + ".join(condition.phrase() for condition in block) for block in definition.blocks]
        operations = ", ".join(wording.operation_name(key).partition(" (")[0] for key in definition.operations)
        return format_html(
            '<div>{}<span class="bk-second">{}</span></div>',
            operations,
            _(" or ").join(cases) if cases else _("always"),
        )

    @admin.display(description=gettext_lazy("who decides"))
    def deciders(self, policy: Policy) -> str:
        definition = _definition(_active(policy))
        if definition is None:
            return NOTHING
        return " → ".join(
            f"{stage.quorum} × {wording.role_name(stage.role)}" if stage.quorum > 1 else wording.role_name(stage.role)
            for stage in definition.stages
        )

    @admin.display(description=gettext_lazy("since"))
    def since(self, policy: Policy) -> SafeString | str:
        active = _active(policy)
        return moment(active.activated_at) if active else NOTHING


def _active(policy: Policy) -> PolicyVersion | None:
    """Return the version that counts, from what the list has loaded already."""
    return next((version for version in policy.versions.all() if version.state == PolicyVersionState.ACTIVE), None)


def _definition(version: PolicyVersion | None) -> Definition | None:
    try:
        return parse(version.definition) if version else None
    except PolicyUnreadable:
        return None


def _in_words(entry: TimelineEntry) -> TimelineEntry:
    changed = next((change for change in entry.changes if change.field == "definition"), None)
    if changed is None:
        return entry
    try:
        pair = [document and parse(document) for document in (changed.before, changed.after)]
    except PolicyUnreadable:
        return replace(entry, changes=[])
    rows = wording.diff(*pair).items()
    return replace(entry, changes=[Change(what, before or None, after or None) for what, (before, after) in rows])


def _said(version: PolicyVersion) -> Said:
    try:
        return Said(version, wording.rows(parse(version.definition)))
    except PolicyUnreadable as fault:
        return Said(version, {}, str(fault))
