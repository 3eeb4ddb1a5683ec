"""Django in processes of its own, each with its own settings and database: this process stays without."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from typing import TypeVar

T = TypeVar("T")

PRODUCT = "bankops.settings.dev"
_READY_SECONDS = 120.0
_start_line: Barrier | None = None


def call(function: Callable[..., T], *arguments: object, database_url: str, settings: str = PRODUCT) -> T:
    """Call a function of a module where Django is ready, and return what it returned."""
    return call_at_once(function, [arguments], database_url=database_url, settings=settings)[0]


def call_at_once(
    function: Callable[..., T], jobs: list[tuple[object, ...]], *, database_url: str, settings: str = PRODUCT
) -> list[T]:
    """Call a function once per job, each in a process of its own; return the results in the order of the jobs.

    A function may call `wait_for_the_others`, once, when it is ready for what is measured.
    """
    # Spawned, not forked: nothing of this process, in particular no open connection, is in the others.
    context = multiprocessing.get_context("spawn")
    start_line = context.Barrier(len(jobs))
    with context.Pool(len(jobs), initializer=_begin, initargs=(start_line,)) as pool:
        return pool.starmap(_call, [(database_url, settings, function, job) for job in jobs], chunksize=1)


def wait_for_the_others() -> None:
    """Wait until every process of this call is ready."""
    assert _start_line is not None
    _start_line.wait(_READY_SECONDS)


def _begin(start_line: Barrier) -> None:
    global _start_line  # noqa: PLW0603 - a barrier can only be handed over while the process is born
    _start_line = start_line
    # Linux shares the processor out between sessions first (`man 7 sched`, autogroups). Services have one each, and so has
    # every PostgreSQL process; callers that shared one would wait for each other as they never do in earnest.
    os.setsid()


def _call(database_url: str, settings: str, function: Callable[..., T], arguments: tuple[object, ...]) -> T:
    os.environ["DATABASE_URL"] = database_url
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    try:
        import django

        django.setup()
        return function(*arguments)
    except BaseException:
        assert _start_line is not None
        _start_line.abort()  # the others must not wait for one who will not come
        raise
