"""The score models: what each learnt from, how good it was, and what it looks at, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from bankops.core.admin.display import NOTHING, Tone, badge, moment
from bankops.core.admin.readonly import ReadOnlyAdmin
from risk.admin.score_model_doors import ActivateModel, RetireModel, StartModelShadow
from risk.models import ScoreModelVersion, ScoreState
from risk.score.model import ModelUnreadable, ScoreModel
from risk.score.wording import calibration_in_words, quality_in_words

_TONES: Final = {
    ScoreState.CANDIDATE: Tone.WARNING,
    ScoreState.SHADOW: Tone.QUIET,
    ScoreState.ACTIVE: Tone.GOOD,
    ScoreState.RETIRED: Tone.QUIET,
}
_PARTS: Final = {
    "learn": gettext_lazy("learnt from"),
    "calibrate": gettext_lazy("calibrated by"),
    "measure": gettext_lazy("measured by"),
}


@admin.register(ScoreModelVersion)
class ScoreModelAdmin(ReadOnlyAdmin):
    doors = (StartModelShadow, ActivateModel, RetireModel)
    timeline_subject = "score_model"

    list_display = ("name", "standing", "area", "recall", "rules_recall", "trained")
    list_filter = (("state", ChoicesDropdownFilter),)
    ordering = ("-number",)
    sortable_by = ()
    list_per_page = 50
    fields = (
        "name",
        "standing",
        "trained",
        "trained_by_name",
        "movements",
        "quality",
        "calibration",
        "looks_at",
        "content_hash",
        "shadowed",
        "activated",
        "retired",
    )
    readonly_fields = fields

    @admin.display(description=gettext_lazy("score model"))
    def name(self, model: ScoreModelVersion) -> str:
        return str(model)

    @admin.display(description=gettext_lazy("state"))
    def standing(self, model: ScoreModelVersion) -> SafeString:
        state = ScoreState(model.state)
        return badge(state.label, _TONES[state])

    @admin.display(description=gettext_lazy("area under the curve"))
    def area(self, model: ScoreModelVersion) -> str:
        return f"{model.metrics['model']['auc']:.3f}"

    @admin.display(description=gettext_lazy("recall"))
    def recall(self, model: ScoreModelVersion) -> str:
        return f"{model.metrics['model']['recall']:.3f}"

    @admin.display(description=gettext_lazy("recall of the rules alone"))
    def rules_recall(self, model: ScoreModelVersion) -> str:
        return f"{model.metrics['rules']['recall']:.3f}"

    @admin.display(description=gettext_lazy("trained at"))
    def trained(self, model: ScoreModelVersion) -> SafeString | str:
        return moment(model.trained_at)

    @admin.display(description=gettext_lazy("in shadow since"))
    def shadowed(self, model: ScoreModelVersion) -> SafeString | str:
        return moment(model.shadow_since)

    @admin.display(description=gettext_lazy("active since"))
    def activated(self, model: ScoreModelVersion) -> SafeString | str:
        return moment(model.active_since)

    @admin.display(description=gettext_lazy("retired at"))
    def retired(self, model: ScoreModelVersion) -> SafeString | str:
        return moment(model.retired_at)

    @admin.display(description=gettext_lazy("movements"))
    def movements(self, model: ScoreModelVersion) -> SafeString:
        line = _("%(what)s: %(since)s to %(until)s, %(confirmed)s confirmed and %(others)s not, for %(all)s movements")
        return _lines(
            line
            % {
                "what": _PARTS[name],
                "since": part["since"][:10],
                "until": part["until"][:10],
                "confirmed": part["confirmed"],
                "others": part["not_confirmed"],
                "all": part["movements"],
            }
            for name, part in model.parts.items()
        )

    @admin.display(description=gettext_lazy("quality"))
    def quality(self, model: ScoreModelVersion) -> SafeString:
        """Return each figure beside the rules alone, and the active model's, which was measured on its own movements."""
        rules = quality_in_words(model.metrics["rules"])
        active = _active_beside(model)
        other = quality_in_words(active.metrics["model"]) if active else {}
        line = _("%(figure)s: %(own)s; rules alone %(rules)s; active model %(active)s")
        found = quality_in_words(model.metrics["model"]).items()
        lines = [
            line % {"figure": label, "own": own, "rules": rules[label], "active": other.get(label, NOTHING)}
            for label, own in found
        ]
        capacity = _("The desk can look at %(count)s of 10,000 movements.") % {"count": model.metrics["capacity"]}
        return _lines([*lines, capacity])

    @admin.display(description=gettext_lazy("calibration"))
    def calibration(self, model: ScoreModelVersion) -> SafeString:
        return _lines(calibration_in_words(model.metrics["calibration"]))

    @admin.display(description=gettext_lazy("what it looks at"))
    def looks_at(self, model: ScoreModelVersion) -> SafeString:
        try:
            read = ScoreModel.from_content(model.content, features_version=model.features_version)
        except ModelUnreadable as problem:
            return _lines([_("It cannot be read by this version of the product: %(problem)s") % {"problem": problem}])
        return _lines(read.in_words())


def _active_beside(model: ScoreModelVersion) -> ScoreModelVersion | None:
    return ScoreModelVersion.objects.filter(state=ScoreState.ACTIVE).exclude(pk=model.pk).first()


def _lines(lines: Iterable[Any]) -> SafeString:
    return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((line,) for line in lines)))
