"""What a door says beforehand about the reviewers it will need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import ngettext

from approvals.policies.evaluation import evaluate
from approvals.services.policies import active_policies, facts_of
from bankops.core import operations


def notice(key: str, payload: Mapping[str, Any], order: operations.Order) -> str:
    """Return how many people must agree before it is done, in a sentence; empty when nobody has to.

    The gate asks the policies again when it is submitted.

    :raises BankOpsError: what the operation refuses about the payload.
    """
    operation = operations.get(key)
    verdict = evaluate(active_policies(), facts_of(operation, operation.clean(payload), order))
    if not verdict.required or verdict.chain is None:
        return ""
    text = ngettext(
        "It waits for approval: one reviewer must agree before it is done.",
        "It waits for approval: %(count)s reviewers must agree before it is done.",
        verdict.chain.people,
    )
    return text % {"count": verdict.chain.people}
