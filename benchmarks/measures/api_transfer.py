"""One transfer over HTTP, whole: token, rate, rights, idempotency, duplicates, policy, posting, audit, outbox, answer."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence

from benchmarks.api_bank import api_bank
from benchmarks.django_processes import PRODUCT
from benchmarks.load_client import load, post
from benchmarks.measure import Bench, Measure, Measured, Target

CLIENTS, PARTNERS = 16, 4
_AMOUNT_MAX = 100_00  # minor units; below every threshold of the shipped policies


def _run(bench: Bench) -> Measured:
    return _measured(bench, settings=PRODUCT)


def _run_bare(bench: Bench) -> Measured:
    return _measured(bench, settings="benchmarks.bare_view_settings")


def _measured(bench: Bench, *, settings: str) -> Measured:
    with api_bank(bench, partners=PARTNERS, settings=settings) as bank:
        streams = [transfers(number, bank.accounts, token=bank.tokens[number % PARTNERS]) for number in range(CLIENTS)]
        loaded = load(port=bank.server.port, streams=streams, seconds=bench.seconds, expected=201)
    detail = {"clients": CLIENTS, "partners": PARTNERS, "server": "gunicorn, 2 × 3 threads", **loaded.as_detail()}
    assert set(loaded.statuses) == {201}, detail
    return Measured(loaded.per_second, detail)


def transfers(number: int, accounts: Sequence[str], *, token: str) -> Iterator[bytes]:
    """Yield requests for transfers between random accounts, each under a key and a reference of its own."""
    chance = random.Random(number)
    for count in itertools.count():
        payer, payee = chance.sample(accounts, 2)
        cents = chance.randint(1, _AMOUNT_MAX)
        body = {
            "from_account": payer,
            "to_account": payee,
            "amount": f"{cents // 100}.{cents % 100:02}",
            "currency": "CNY",
            "reference": f"B-{number}-{count}",
        }
        yield post("/api/v1/transfers", body, token=token, key=f"bench-{number}-{count}")


# Only the posting function behind a view: what the rest costs is the difference.
BARE = Measure(name="bare_drf_posting", unit="transfers/s", run=_run_bare, beside_pgbench=True)
MEASURE = Measure(
    name="api_transfer",
    unit="transfers/s",
    run=_run,
    target=Target(ratio_min=0.1, p99_max=150),
    beside_pgbench=True,
)
