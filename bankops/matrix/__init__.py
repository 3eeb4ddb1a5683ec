"""The approval matrix: who gets through which door, tried and not believed.

The composition root knows every app, so the tries live here; `manage.py approval_matrix` (approvals) calls `run` through
the setting `BANKOPS_APPROVAL_MATRIX`.

`listing`, `listed` and a `listed_…` for every subject say who may go through which door. `pages`, `api_tries`,
`submissions`, `deciding`, `attempts` and `sql` plan the tries, `tries` does and judges them. The bank in which they are done
is made by `stage` and `people`, with `applicants`, `arrangements`, `systems` and `orders`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.utils import translation

from bankops.matrix.report import Plan, Report

if TYPE_CHECKING:
    from bankops.matrix.stage import Stage


def run(*, about: str = "") -> Report:
    """Try every door in a database of its own, and return what came of it. The bank's own database is not touched.

    :param about: only doors whose name contains it; the listing is compared with what is there in any case.
    """
    from bankops.matrix import stage
    from bankops.matrix.scratch import scratch_database

    with quietly(), scratch_database():
        bank = stage.build()
        return tried(bank, planned(bank, about=about))


def planned(bank: Stage, *, about: str = "") -> list[Plan]:
    """Return what will be tried in the bank that was made for it, in the order of the page; see `run`."""
    from bankops.matrix import api_tries, attempts, deciding, pages, sql, submissions

    parts = (pages, api_tries, submissions, deciding, attempts, sql)
    return [plan for part in parts for plan in part.plans(bank) if about in plan.door]


def tried(bank: Stage, plans: Sequence[Plan]) -> Report:
    """Try all this, or a part of it, and return what came of it."""
    from bankops.matrix import pages, submissions, workers

    rows = workers.carry_out(bank, plans)
    unlisted, vanished = [*pages.unlisted(), *submissions.unlisted()], [*pages.vanished(), *submissions.vanished()]
    return Report(rows, unlisted, vanished)


@contextmanager
def quietly() -> Iterator[None]:
    """Keep thousands of refusals out of the logs, and the report in one language."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with translation.override("en"):
            yield
    finally:
        logging.disable(before)
