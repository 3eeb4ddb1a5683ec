"""STYLE: every guard of the database has a test that goes around the service. Here they are counted.

A guard counts as tried when a test expects the database to refuse something with the guard's own words: its code or name
stands in a test that calls `refused_by_database`, or in the table or the cases that the test runs through. That it is named
in passing, or in a docstring, proves nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.approvals.raw_decisions import execute

_TABLES = "approvals_%"
_CODE = re.compile(r"(?:THEN|ELSE|RETURN|EXCEPTION)\s+'([a-z_]+)[':]")
_VERBS = re.compile(r"DELETE|UPDATE|TRUNCATE")
_SHARED = ("append_only", "only_ends")
"""What more than one guard says: there, table and statement tell which of them was tried."""


@cache
def trials() -> list[str]:
    """Return the strings, but docstrings, of every test that goes around the service."""
    return [trial for path in sorted(Path(__file__).parent.rglob("test_*.py")) for trial in _trials_in(path)]


def _trials_in(path: Path) -> Iterator[str]:
    module = ast.parse(path.read_text())
    defined = {name: node for node in module.body for name in _defines(node)}
    for test in module.body:
        if isinstance(test, ast.FunctionDef) and "refused_by_database" in _names(test):
            reached: dict[str, ast.stmt] = {}
            _reach(test, defined, reached)
            yield "\n".join(text for node in reached.values() for text in _texts(node))


def _defines(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _reach(node: ast.stmt, defined: dict[str, ast.stmt], reached: dict[str, ast.stmt]) -> None:
    """Collect a test with the tables and functions of its module that it makes use of."""
    for name in _defines(node):
        reached[name] = node
    for name in (_names(node) & defined.keys()) - reached.keys():
        _reach(defined[name], defined, reached)


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _texts(node: ast.stmt) -> Iterator[str]:
    docstring = ast.get_docstring(node, clean=False) if isinstance(node, ast.FunctionDef) else None
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value != docstring:
            yield one.value


def _codes(function: str, sources: dict[str, str]) -> set[str]:
    """Return the codes that a guard refuses with, itself or in what it calls."""
    source = sources[function]
    called = [name for name in sources if name != function and re.search(rf"\b{name}\(", source)]
    return set(_CODE.findall(source)).union(*(_codes(name, sources) for name in called))


def _untried(trigger: str, said: set[str], definition: str) -> list[str]:
    """Return which of a trigger's refusals no test meets."""
    table, verbs = re.findall(r" ON (?:\w+\.)?(\w+) ", definition)[0], _VERBS.findall(definition.partition(" ON ")[0])
    wanted: list[tuple[str, ...]] = [(code,) for code in said - {*_SHARED}]
    wanted += [(code, table, verb) for code in said & {*_SHARED} for verb in verbs]
    return [f"{trigger}: {' '.join(words)}" for words in wanted if not _stand_together(*words)]


def _stand_together(*words: str) -> bool:
    return any(all(re.search(rf"\b{word}\b", trial) for word in words) for trial in trials())


@pytest.mark.django_db
def test_every_refusal_of_every_trigger_is_tried() -> None:
    sources = dict(
        execute("SELECT proname, prosrc FROM pg_proc WHERE proname LIKE %s OR proname LIKE %s", _TABLES, "core_%")
    )
    triggers = execute(
        "SELECT t.tgname, p.proname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE NOT t.tgisinternal AND t.tgrelid::regclass::text LIKE %s ORDER BY 1",
        _TABLES,
    )
    said = {name: _codes(function, sources) for name, function, _definition in triggers}
    assert len(triggers) > 35
    assert [name for name, codes in said.items() if not codes] == []
    assert [fault for name, _, definition in triggers for fault in _untried(name, said[name], definition)] == []


@pytest.mark.django_db
def test_every_guard_is_in_force() -> None:
    """No migration leaves one of them switched off, and none of them fires only for replicas."""
    asleep = execute(
        "SELECT tgname FROM pg_trigger WHERE tgrelid::regclass::text LIKE %s AND tgenabled <> %s", _TABLES, "O"
    )
    assert asleep == []


@pytest.mark.django_db
def test_every_unique_index_and_check_is_tried() -> None:
    constraints = execute(
        "SELECT conname FROM pg_constraint WHERE conrelid::regclass::text LIKE %s AND contype = 'c'"
        " UNION SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE i.indrelid::regclass::text LIKE %s AND i.indisunique AND NOT i.indisprimary",
        _TABLES,
        _TABLES,
    )
    named = [name for (name,) in constraints if not name.endswith(("_check", "_uniq"))]
    assert len(named) > 25
    assert [name for name in named if not _stand_together(name)] == []
