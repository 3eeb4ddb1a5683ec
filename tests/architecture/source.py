"""The product's own source files, for the tests that read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = [
    config
    for config in apps.get_app_configs()
    if Path(config.path).is_relative_to(ROOT / "bankops" / "core") or Path(config.path).parent == ROOT
]
MONEY_APPS = ("accounts", "partners", "transactions")


def app_named(label: str) -> AppConfig:
    return apps.get_app_config(label)


def python_files(*, migrations: bool = False) -> list[Path]:
    """Return every Python file of the product, without tests, and without migrations unless asked for."""
    packages = {ROOT / "bankops", *(Path(config.path) for config in APPS)}
    found = {path for package in packages for path in package.rglob("*.py")}
    return sorted(path for path in found if migrations or "migrations" not in path.parts)


def trees(paths: list[Path] | None = None) -> Iterator[tuple[str, ast.Module]]:
    """Yield every file's name, relative to the project, and its syntax tree."""
    for path in python_files() if paths is None else paths:
        yield str(path.relative_to(ROOT)), _tree(path)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield every function and method of the product with the file it stands in."""
    for name, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield name, node


def calls() -> Iterator[tuple[str, str]]:
    """Yield where, and the source of what is called, for every call of the product."""
    for name, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield f"{name}:{node.lineno}", ast.unparse(node.func)
