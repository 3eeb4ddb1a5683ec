"""What STYLE promises and a machine can count."""

from __future__ import annotations

import ast
import re
import statistics
from pathlib import Path

import pytest
from django.db import models

from tests.architecture.source import APPS, MONEY_APPS, ROOT, app_named, calls, functions, python_files, trees

_EMPTY_NAMES = {"utils.py", "helpers.py", "misc.py", "common.py", "util.py", "helper.py"}
_HOOKS = {"save", "delete", "save_base", "full_clean"}


def test_files_hold_one_idea() -> None:
    long = {
        str(path.relative_to(ROOT)): lines for path in python_files() if (lines := path.read_text().count("\n")) >= 400
    }
    assert long == {}


def test_functions_are_small() -> None:
    lengths = [(f"{name}:{node.name}", (node.end_lineno or 0) - node.lineno + 1) for name, node in functions()]
    assert [entry for entry in lengths if entry[1] >= 70] == []
    assert statistics.median(length for _name, length in lengths) < 12


def test_files_are_named_for_what_is_in_them() -> None:
    everywhere = [*python_files(), *(ROOT / "tests").rglob("*.py")]
    assert [str(path) for path in everywhere if path.name in _EMPTY_NAMES] == []


def own_models() -> list[type[models.Model]]:
    return [model for config in APPS for model in config.get_models()]


def test_no_model_has_an_order_of_its_own() -> None:
    """Where an order matters the query says it; a hidden one costs a sort wherever it does not. (History is a library's.)"""
    ordered = [
        model.__name__ for model in own_models() if model._meta.ordering and not hasattr(model, "history_object")
    ]
    assert ordered == []


def test_saving_a_model_does_nothing_but_save_it() -> None:
    overriding = [
        f"{name}: {node.name}.{child.name}"
        for name, tree in trees([path for path in python_files() if "models" in str(path)])
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for child in node.body
        if isinstance(child, ast.FunctionDef) and child.name in _HOOKS
    ]
    assert overriding == []


def test_nothing_is_removed_because_something_else_is() -> None:
    cascading = [
        f"{name}:{node.lineno}"
        for name, tree in trees(python_files(migrations=True))
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "CASCADE"
    ]
    assert cascading == []


def test_no_receiver_listens_to_the_saving_of_models() -> None:
    banned = {"post_save.connect", "pre_save.connect", "post_delete.connect", "pre_delete.connect"}
    assert [where for where, called in calls() if called in banned] == []


@pytest.mark.parametrize("label", MONEY_APPS)
def test_money_is_never_a_float(label: str) -> None:
    fields = [field for model in app_named(label).get_models() for field in model._meta.get_fields()]
    assert [field for field in fields if isinstance(field, models.FloatField | models.DecimalField)] == []
    used = [
        f"{name}:{node.lineno}"
        for name, tree in trees()
        if name.startswith((f"{label}/", "bankops/core/money"))
        for node in ast.walk(tree)
        if (
            isinstance(node, ast.Name)
            and node.id == "float"
            and isinstance(node.ctx, ast.Load)
            and not _annotates(node, tree)
        )
        or (isinstance(node, ast.Constant) and isinstance(node.value, float) and _is_money(name))
    ]
    assert used == []


def _annotates(name: ast.Name, tree: ast.Module) -> bool:
    annotations = [getattr(node, "annotation", None) for node in ast.walk(tree)]
    annotations += [getattr(node, "returns", None) for node in ast.walk(tree)]
    return any(annotation is not None and name in ast.walk(annotation) for annotation in annotations)


def _is_money(name: str) -> bool:
    return not re.search(r"/(management|bank_import|demo)", name)


def test_every_constraint_is_tried_by_a_test() -> None:
    """STYLE: one test per constraint goes around the service to prove the refusal."""
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    constraints = [constraint.name for model in own_models() for constraint in model._meta.constraints]
    assert len(constraints) > 30
    assert [name for name in constraints if name not in tests] == []


def test_models_do_not_query_to_show_their_name() -> None:
    """`__str__` reads its own columns: a list of a hundred rows is not a hundred queries."""
    following = []
    for model in own_models():
        relations = {field.name for field in model._meta.get_fields() if field.is_relation}
        source = Path(ROOT / f"{model.__module__.replace('.', '/')}.py")
        if not source.exists() or "__str__" not in vars(model):
            continue
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.ClassDef) and node.name == model.__name__:
                shown = [child for child in node.body if isinstance(child, ast.FunctionDef) and child.name == "__str__"]
                read = {part.attr for child in shown for part in ast.walk(child) if isinstance(part, ast.Attribute)}
                following += [f"{model.__name__}.{name}" for name in read & relations]
    assert following == []
