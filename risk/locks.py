"""Row locks of this app. A rule's row is locked before anything of its versions is read that decides."""

from __future__ import annotations

from uuid import UUID

from bankops.core.db import busy_is_an_answer, transaction_required
from risk.models import Rule


@transaction_required
def rule_for_update(rule_id: UUID) -> None:
    """Lock one rule's row: whoever changes its versions waits for the others.

    :raises Busy: when PostgreSQL gave up waiting for it.
    """
    with busy_is_an_answer():
        list(Rule.objects.select_for_update(no_key=True).filter(pk=rule_id).values_list("pk"))
