"""Row locks of this app. A rule's row is locked before anything of its versions is read that decides."""

from __future__ import annotations

from uuid import UUID

from bankops.core.db import busy_is_an_answer, transaction_required
from risk.models import Rule, RuleSetVersion, ScoreModelVersion


@transaction_required
def rule_for_update(rule_id: UUID) -> None:
    """Lock one rule's row: whoever changes its versions waits for the others.

    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        list(Rule.objects.select_for_update(no_key=True).filter(pk=rule_id).values_list("pk"))


@transaction_required
def score_models_for_update() -> None:
    """Lock all score models, of which there are few, and their order: whoever adds or moves one waits for the others.

    :raises Busy: when PostgreSQL gave up waiting.
    """
    with busy_is_an_answer():
        list(RuleSetVersion.objects.select_for_update(no_key=True).filter(pk=1).values_list("pk"))
        list(ScoreModelVersion.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
