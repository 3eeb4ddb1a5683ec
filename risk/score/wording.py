"""How good a model is, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_FIGURES: Final[Mapping[str, Promise]] = {
    "auc": gettext_lazy("Area under the curve"),
    "average_precision": gettext_lazy("Average precision"),
    "precision": gettext_lazy("Precision at the desk's capacity"),
    "recall": gettext_lazy("Recall at the desk's capacity"),
}


def quality_in_words(quality: Mapping[str, float]) -> dict[str, str]:
    """Return the figures of a model, or of the rules alone, by what they are called."""
    return {str(label): f"{quality[name]:.3f}" for name, label in _FIGURES.items()}


def compared(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return the figures of the active model, or a dash, beside those of another; each on what it was measured by."""
    old = quality_in_words(before["model"]) if before else {}
    return {label: (old.get(label, "—"), figure) for label, figure in quality_in_words(after["model"]).items()}


def calibration_in_words(rows: list[dict[str, Any]]) -> list[str]:
    """Return a line for each range: how likely was said, and how often it was."""
    line = _("%(movements)s movements said to be %(said)s %% likely: %(was)s %% were confirmed")
    return [
        line % {"movements": row["movements"], "said": f"{row['said'] * 100:.2f}", "was": f"{row['was'] * 100:.2f}"}
        for row in rows
    ]
