"""Batches of 1,000 transfers over HTTP, whole: each item with its rights, limits, twins, reference and outcome."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator, Sequence

from benchmarks.api_bank import api_bank
from benchmarks.load_client import Client, load, post
from benchmarks.measure import Bench, Measure, Measured, Target

ITEMS, CLIENTS = 1_000, 2
_AMOUNT_MAX = 40_00  # minor units: a batch stays below every threshold of the shipped policies


def _run(bench: Bench) -> Measured:
    with api_bank(bench, partners=CLIENTS, workers=2, threads=2) as bank:
        streams = [batches(number, bank.accounts, token=bank.tokens[number]) for number in range(CLIENTS)]
        posted = _posted_in_one(bank.server.port, next(streams[0]))
        loaded = load(port=bank.server.port, streams=streams, seconds=bench.seconds, expected=201, warm_up=2)
    about = {"clients": CLIENTS, "items": ITEMS, "posted_of_the_first": posted, "server": "gunicorn, 2 × 2 threads"}
    detail = {**about, **loaded.as_detail()}
    assert set(loaded.statuses) == {201}, detail
    return Measured(loaded.per_second * ITEMS, detail)


def batches(number: int, accounts: Sequence[str], *, token: str) -> Iterator[bytes]:
    """Yield requests for batches between random accounts, each under a key.

    Every item has a reference of its own, and an amount that no other item of its batch has: policies weigh each.
    """
    chance = random.Random(number)
    for count in itertools.count():
        amounts = chance.sample(range(1, _AMOUNT_MAX + 1), ITEMS)
        items = [_item(chance, accounts, cents, f"P-{number}-{count}-{place}") for place, cents in enumerate(amounts)]
        body = {"reference": f"P-{number}-{count}", "currency": "CNY", "items": items}
        yield post("/api/v1/transfer-batches", body, token=token, key=f"batch-{number}-{count}")


def _item(chance: random.Random, accounts: Sequence[str], cents: int, reference: str) -> dict[str, str]:
    payer, payee = chance.sample(accounts, 2)
    amount = f"{cents // 100}.{cents % 100:02}"
    return {"from_account": payer, "to_account": payee, "amount": amount, "reference": reference}


def _posted_in_one(port: int, request: bytes) -> int:
    """Send one batch and return how many of its items were posted: what is measured is to be what it says."""
    client = Client(port)
    try:
        told = json.loads(client.ask(request).body)
    finally:
        client.close()
    posted = int(told["counts"]["posted"])
    assert posted >= ITEMS - 5, told["counts"]
    return posted


MEASURE = Measure(name="api_batch_1000", unit="transfers/s", run=_run, target=Target(ratio_min=2), beside_pgbench=True)
