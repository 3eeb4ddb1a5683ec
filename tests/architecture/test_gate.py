"""Nothing goes round the gate: only `approvals` carries operations out, and every operation's service refuses without it."""

from __future__ import annotations

import ast

import pytest

from bankops.core import operations
from staff import roles
from tests.architecture.source import calls, trees

_BUILT_IN = [operation for key, operation in operations.registered().items() if not key.startswith("tests.")]


def test_only_the_gate_carries_operations_out() -> None:
    callers = {where.partition(":")[0] for where, called in calls() if called.endswith("carrying_out")}
    assert callers == {name for name in callers if name.startswith("approvals/services/")}
    assert callers  # the gate itself


def test_every_operation_has_a_service_that_refuses_without_the_gate() -> None:
    assert len(_BUILT_IN) >= 7
    assert {operation.key for operation in _BUILT_IN} == set(_gated())


@pytest.mark.parametrize("operation", _BUILT_IN, ids=lambda operation: operation.key)
def test_every_operation_is_named_and_somebody_may_ask_for_it(operation: operations.Operation) -> None:
    assert str(operation.label)
    assert roles.holders_of(operation.permission) or operation.partner_scopes()


def _gated() -> list[str]:
    """Return the keys with which services are marked, as the source says them."""
    return [
        ast.literal_eval(decorator.args[0])
        for _name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("only_through_gate")
    ]
