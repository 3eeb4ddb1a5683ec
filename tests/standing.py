"""What the tests of a module find in place: made once, in a transaction around each test's own.

Every test starts from it as it was made; what it writes is taken back to there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import is_dataclass, replace
from typing import Any, TypeVar

import pytest
from django.db import transaction
from django.db.models import Model
from pytest_django.plugin import DjangoDbBlocker

T = TypeVar("T")


@contextmanager
def in_place(request: pytest.FixtureRequest, blocker: DjangoDbBlocker, make: Callable[[], T]) -> Iterator[T | None]:
    """Make something for all tests of `request`'s module; nothing where one of them commits, which would lay it open."""
    if any(_commits(item) for item in request.session.items if item.path == request.path):
        yield None
        return
    around: Any = transaction.atomic()
    around._from_testcase = True  # as Django marks its own, which does not count as a transaction of the product's
    with blocker.unblock(), around:
        yield make()
        transaction.set_rollback(True)


def own(made: T) -> T:
    """Return what stands in place for one test alone: records that remember nothing of the tests before."""
    return replace(made, **{name: _own(value) for name, value in vars(made).items()})  # type: ignore[type-var]


def _own(value: Any) -> Any:
    if isinstance(value, list):
        return [_own(one) for one in value]
    if isinstance(value, Model):
        return copy(value)
    return own(value) if is_dataclass(value) else value


def _commits(item: pytest.Item) -> bool:
    names, marker = getattr(item, "fixturenames", ()), item.get_closest_marker("django_db")
    marked = marker is not None and bool(marker.kwargs.get("transaction") or any(marker.args[:1]))
    return marked or bool({"transactional_db", "live_server"}.intersection(names))
