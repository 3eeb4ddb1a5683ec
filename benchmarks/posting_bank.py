"""The database in which the ledger is measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import django_processes
from benchmarks.measure import Bench

ACCOUNTS = 10_000


@contextmanager
def posting_bank(bench: Bench) -> Iterator[str]:
    """Yield the address of a database with ten thousand funded accounts."""
    with bench.databases.filled("ledger", like="bank", fill=_fill) as url:
        yield url


def _fill(database_url: str) -> None:
    django_processes.call(_found, database_url=database_url)


def _found() -> None:
    from benchmarks import bench_bank

    bench_bank.found(ACCOUNTS)
