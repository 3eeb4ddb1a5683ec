"""Tries in several processes, each with a copy of the scratch database, so that none stands in another's way."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from django.db import connection, connections

from bankops.core import clock
from bankops.matrix.report import Plan, Row
from bankops.matrix.stage import Stage
from bankops.matrix.tries import Bench

_MOST, _WORTH_A_PROCESS = 4, 25


def carry_out(stage: Stage, plans: Sequence[Plan]) -> list[Row]:
    """Try everything that is planned on the stage, and return the rows in the order of the plans.

    In several processes where that is worth it, but never out of a process with threads: a fork copies their locks as they
    are held, and nobody there to release them.
    """
    count = 1 if threading.active_count() > 1 else min(os.cpu_count() or 1, _MOST, len(plans) // _WORTH_A_PROCESS)
    if count <= 1:
        return _rows(stage, plans)
    with _copies(count) as names:
        context, running = get_context("fork"), []
        for place, name in enumerate(names):
            mine, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(stage, plans[place::count], name, theirs))
            process.start()
            theirs.close()
            running.append((process, mine))
        shares = [_received(mine) for _process, mine in running]
        for process, _mine in running:
            process.join()
    rows: list[Row | None] = [None] * len(plans)
    for place, share in enumerate(shares):
        rows[place::count] = share
    return [row for row in rows if row is not None]


@contextmanager
def _copies(count: int) -> Iterator[list[str]]:
    """Copy the database that is in use now, and return the copies' names; nobody may be connected meanwhile."""
    creation, original = connection.creation, connection.settings_dict["NAME"]
    suffixes = [str(place + 1) for place in range(count)]
    connections.close_all()
    made = []
    try:
        for suffix in suffixes:
            creation.clone_test_db(suffix=suffix, verbosity=0, autoclobber=True)
            made.append(suffix)
        connections.close_all()
        yield [f"{original}_{suffix}" for suffix in suffixes]
    finally:
        for suffix in made:
            creation.destroy_test_db(suffix=suffix, verbosity=0)


def _work(stage: Stage, plans: Sequence[Plan], database: str, answer: Connection) -> None:
    connection.settings_dict["NAME"] = database
    answer.send(_rows(stage, plans))
    answer.close()
    connections.close_all()


def _rows(stage: Stage, plans: Sequence[Plan]) -> list[Row]:
    bench, rows = Bench(), []
    for plan in plans:
        stage.keep_awake(clock.now())
        rows.append(plan.carried_out(bench))
    return rows


def _received(answer: Connection) -> list[Row]:
    try:
        rows: list[Row] = answer.recv()
    except EOFError:
        raise RuntimeError("a process of the matrix ended before it had tried everything") from None
    return rows
