"""The error family: one code, one class, and a message that can be shown wherever it is raised."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import translation

from bankops.core.errors import BankOpsError, CurrencyMismatch, InvalidAmount, error_codes

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
ROOT = Path(settings.BASE_DIR)
PACKAGES = ["bankops", *(config.name for config in apps.get_app_configs() if (ROOT / config.name).is_dir())]
SOURCES = sorted({path for package in PACKAGES for path in (ROOT / package.split(".")[0]).rglob("*.py")})


def _load_everything() -> None:
    for path in SOURCES:
        if path.name.endswith("errors.py") or path.parent.name == "errors":
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


_load_everything()
ERRORS = sorted(error_codes().values(), key=lambda error: error.code)


def _placeholders(error: type[BankOpsError]) -> set[str]:
    return set(_PLACEHOLDER.findall(str(error.message)))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_every_message_renders_in_every_language(error: type[BankOpsError]) -> None:
    instance = error(**dict.fromkeys(_placeholders(error), "§value§"))
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            text = str(instance)
            assert text.count("§value§") >= len(_placeholders(error))
            assert "%(" not in text
    assert re.fullmatch(r"[a-z][a-z0-9_]+", error.code)
    assert 400 <= error.http_status < 600


def _classes_by_name() -> dict[str, list[type[BankOpsError]]]:
    named: dict[str, list[type[BankOpsError]]] = {}
    for error in ERRORS:
        named.setdefault(error.__name__, []).append(error)
    return named


def _raised() -> Iterator[tuple[str, str, set[str]]]:
    """Yield where, which error class and with what context, for every error made in the product with keywords only."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and all(keyword.arg for keyword in node.keywords):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                yield f"{path.relative_to(ROOT)}:{node.lineno}", name, {str(keyword.arg) for keyword in node.keywords}
            elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Attribute | ast.Name):
                name = node.exc.attr if isinstance(node.exc, ast.Attribute) else node.exc.id
                yield f"{path.relative_to(ROOT)}:{node.lineno}", name, set()


def test_every_error_is_raised_with_what_its_message_needs() -> None:
    classes = _classes_by_name()
    raised = [(where, name, context) for where, name, context in _raised() if name in classes]
    assert len(raised) > 50
    missing = [
        f"{where} raises {name} without {sorted(lacking)}"
        for where, name, context in raised
        if (lacking := min((_placeholders(error) - context for error in classes[name]), key=len))
    ]
    assert missing == []


def test_a_code_belongs_to_one_class() -> None:
    with pytest.raises(TypeError, match="invalid_amount"):
        type("AnotherError", (BankOpsError,), {"code": "invalid_amount", "message": "x"})
    with pytest.raises(TypeError, match="invalid_amount"):
        type("InvalidAmount", (BankOpsError,), {"code": "invalid_amount", "message": "x"})  # in another module


def test_an_error_tells_machines_what_it_tells_people() -> None:
    assert InvalidAmount(value="1e3").as_dict() == {
        "code": "invalid_amount",
        "detail": "“1e3” is not an amount. Write digits with at most one decimal point, for example 1250.00.",
        "context": {"value": "1e3"},
    }


def test_an_error_survives_the_way_to_another_process() -> None:
    error = pickle.loads(pickle.dumps(CurrencyMismatch(left="CNY", right="JPY")))
    assert (type(error), error.context) == (CurrencyMismatch, {"left": "CNY", "right": "JPY"})
