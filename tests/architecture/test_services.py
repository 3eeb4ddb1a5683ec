"""Services are explicit: keyword-only, typed, described, and never reading the clock or a request."""

from __future__ import annotations

import builtins
import inspect
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bankops.core.errors import BankOpsError
from tests.architecture.source import APPS, ROOT, trees

_CLOCK = re.compile(
    r"\b(clock\.now|clock\.business_date\(\)|timezone\.(now|localdate)|datetime\.now|date\.today|time\.time)"
)


def service_modules() -> Iterator[Any]:
    for config in APPS:
        package = Path(config.path) / "services"
        paths = sorted(package.glob("*.py")) if package.is_dir() else [Path(config.path) / "services.py"]
        for path in filter(Path.exists, paths):
            yield import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))


def services() -> list[Callable[..., Any]]:
    """Return what every app's `services` offers by name."""
    offered: list[Callable[..., Any]] = []
    for module in service_modules():
        names = getattr(module, "__all__", [])
        offered += [getattr(module, name) for name in names if inspect.isfunction(getattr(module, name))]
    return offered


SERVICES = services()


def test_there_are_services_to_look_at() -> None:
    names = {service.__name__ for service in SERVICES}
    assert {"open_account", "freeze_account", "register_customer", "transfer", "reverse", "open_branch"} <= names


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: f"{service.__module__}.{service.__name__}")
def test_a_service_takes_keywords_has_types_and_says_what_it_does(service: Callable[..., Any]) -> None:
    signature = inspect.signature(service)
    loose = [
        name
        for name, parameter in signature.parameters.items()
        if parameter.kind not in (parameter.KEYWORD_ONLY, parameter.VAR_KEYWORD)
    ]
    untyped = [name for name, parameter in signature.parameters.items() if parameter.annotation is parameter.empty]
    assert (loose, untyped) == ([], [])
    assert signature.return_annotation is not signature.empty
    assert (service.__doc__ or "").strip()
    assert "request" not in signature.parameters


def test_services_never_read_the_clock() -> None:
    names = {module.__name__.replace(".", "/") for module in service_modules()}
    inner = {
        "transactions/ledger.py",
        "transactions/states.py",
        "accounts/chart.py",
        "bankops/core/audit.py",
        "bankops/core/outbox.py",
    }
    reading = [
        name
        for name, _tree in trees()
        if (name.removesuffix(".py").removesuffix("/__init__") in names or name in inner)
        and _CLOCK.search((ROOT / name).read_text())
    ]
    assert reading == []


def test_errors_named_by_services_exist() -> None:
    """A docstring that says `:raises X` names a class of the error family, or of Python."""
    named = {
        (service.__name__, name)
        for service in SERVICES
        for line in re.findall(r":raises ([A-Za-z, ]+):", service.__doc__ or "")
        for name in re.split(r",\s*", line)
    }
    known = {error.__name__ for error in _family(BankOpsError)} | set(dir(builtins))
    assert [pair for pair in sorted(named) if pair[1] not in known] == []


def _family(error: type[BankOpsError]) -> Iterator[type[BankOpsError]]:
    yield error
    for child in error.__subclasses__():
        yield from _family(child)
