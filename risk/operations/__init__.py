"""What is done about risk by consent: whoever could do it alone could let a payment pass that the bank would stop."""

from __future__ import annotations

from bankops.core.operations import register
from risk.operations.cases import CloseCase, CloseHighRiskCase
from risk.operations.hits import ClearStrongHit
from risk.operations.lists import AcceptListEdition, AddToList, RemoveFromList
from risk.operations.rules import ActivateRule, RetireRule, StartShadow
from risk.operations.score_models import ActivateModel, RetireModel, StartModelShadow
from risk.operations.snoozes import SnoozeRule

_CASES = (CloseCase, CloseHighRiskCase)
_LISTS = (AcceptListEdition, AddToList, RemoveFromList, ClearStrongHit)
_RULES = (StartShadow, ActivateRule, RetireRule, SnoozeRule)
_SCORE_MODELS = (StartModelShadow, ActivateModel, RetireModel)


def register_all() -> None:
    """Make them known; called once, when the app is ready."""
    for operation in (*_CASES, *_LISTS, *_RULES, *_SCORE_MODELS):
        register(operation())
