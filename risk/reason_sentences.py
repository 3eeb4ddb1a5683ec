"""What an alert says that an assessment, a score model or monitoring raised; those of screening stand beside it."""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from risk.assessment.scoring import PREFIX
from risk.patterns.wording import FAMILY_NAMES
from risk.reason_words import declare
from risk.score.features import FEATURES
from risk.selectors.explaining import WORDS


def register_all() -> None:
    """Declare the sentences; called once, when the app is ready."""
    for code, sentence in WORDS.items():
        declare(code, sentence)
    for feature in FEATURES:
        declare(
            f"{PREFIX}{feature.name}", format_lazy("{}: {}", feature.label, _("%(about)s points of the score model"))
        )
    for family, name in FAMILY_NAMES.items():
        declare(f"pattern_{family}", format_lazy("{}: {}", name, _("see pattern %(pattern)s.")))
