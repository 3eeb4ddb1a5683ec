"""The bank whose API is measured: ten thousand accounts with money, and partners whose systems may use some of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bankops.drill.server import WebServer, web_server
from bankops.drill.system import System
from benchmarks import django_processes
from benchmarks.django_processes import PRODUCT
from benchmarks.measure import Bench
from benchmarks.posting_bank import posting_bank

GRANTED = 1_000  # accounts that a partner may use


@dataclass(frozen=True, slots=True)
class ApiBank:
    """A server, the accounts (`acc_…`) its callers may use, and a token for each partner."""

    database_url: str
    server: WebServer
    accounts: list[str]
    tokens: list[str]


@contextmanager
def api_bank(
    bench: Bench, *, partners: int, workers: int = 2, threads: int = 3, settings: str = PRODUCT
) -> Iterator[ApiBank]:
    """Serve a bank with so many partners by gunicorn; their tokens are asked for from the product in any case."""
    with posting_bank(bench) as url:
        accounts, systems = django_processes.call(_partners, partners, database_url=url)
        with web_server(database_url=url, settings=PRODUCT, workers=1) as server:
            tokens = [system.token(server.netloc) for system in systems]
        with web_server(database_url=url, settings=settings, workers=workers, threads=threads) as server:
            yield ApiBank(url, server, accounts, tokens)


def _partners(count: int) -> tuple[list[str], list[System]]:
    from accounts.models import Account, AccountPartnerGrant
    from bankops.core import ids
    from bankops.core.bulk_insert import refresh_statistics
    from bankops.drill import bank
    from benchmarks import bench_bank

    accounts = bench_bank.customer_accounts()[:GRANTED]
    systems = bank.systems_of_partners(count, accounts=accounts)
    refresh_statistics(AccountPartnerGrant)  # as they are in a bank at work
    return [ids.encode(Account.ID_PREFIX, account) for account in accounts], systems
