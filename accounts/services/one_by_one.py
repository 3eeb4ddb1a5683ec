"""Nightly work on many rows, where one bad row must not keep the others from being done."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import DatabaseError

from bankops.core.errors import BankOpsError

_log = logging.getLogger(__name__)
Row = TypeVar("Row")


def one_by_one(rows: Iterable[Row], do: Callable[[Row], int], *, doing: str) -> int:
    """Do something for each row, and return the sum of what it says; one that fails is logged, and tried again next time.

    :param do: works in a transaction of its own.
    :param doing: what the log calls it.
    """
    done, failed = 0, 0
    for row in rows:
        try:
            done += do(row)
        except (BankOpsError, DatabaseError):
            failed += 1
            _log.exception("one row failed", extra={"doing": doing, "row": str(row)})
    if failed:
        _log.error("rows failed", extra={"doing": doing, "failed": failed, "done": done})
    return done
