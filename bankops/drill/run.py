"""The duplicate drill: many attempts at fewer payments, from several clients, while the server's workers are killed.

`manage.py duplicate_drill` calls `run` through the setting `BANKOPS_DUPLICATE_DRILL`, because only the composition root
knows every app. The bank in which it happens has a database of its own, which is dropped; the bank's own is not touched.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, connections

from accounts.models import Account
from bankops.core import embedded, ids
from bankops.core.money import Money
from bankops.drill import bank, clients, oracle, plan
from bankops.drill.plan import Attempt, Payment
from bankops.drill.report import Report, answers_of
from bankops.drill.server import WebServer, web_server
from bankops.drill.system import System

_ACCOUNTS = 200
_OPENING = Money(1_000_000_000_00, bank.CURRENCY)


def run(
    *,
    attempts: int,
    payments: int,
    clients_count: int,
    workers: int,
    kills_every: float,
    seed: int,
    say: Callable[[str], object],
) -> Report:
    """Drill, and return what came of it.

    :param kills_every: seconds between two kills; 0 for none.
    :raises ValueError: for fewer attempts than payments.
    """
    with scratch_database() as url:
        say("A bank of its own …")
        accounts = bank.found(accounts=_ACCOUNTS, opening_balance=_OPENING)
        systems = bank.systems_of_partners(plan.PARTNERS, accounts=accounts, credentials=plan.CREDENTIALS)
        named = [ids.encode(Account.ID_PREFIX, account) for account in accounts]
        asked_for = plan.payments(payments, accounts=named, currency=bank.CURRENCY, seed=seed)
        shares = plan.dealt(asked_for, attempts=attempts, clients=clients_count, seed=seed)
        connections.close_all()
        say(f"{attempts} attempts …")
        return _drilled(shares, asked_for, systems, url, workers=workers, kills_every=kills_every, seed=seed, say=say)


def _drilled(
    shares: Sequence[Sequence[Attempt]],
    asked_for: Sequence[Payment],
    systems: Sequence[System],
    url: str,
    *,
    workers: int,
    kills_every: float,
    seed: int,
    say: Callable[[str], object],
) -> Report:
    with web_server(database_url=url, settings=settings.SETTINGS_MODULE, workers=workers) as server:
        started = time.monotonic()
        with _killing(server, every=kills_every, seed=seed) as killed:
            answered = clients.attempt_all(shares, netloc=server.netloc, systems=systems)
        seconds = time.monotonic() - started
    say("The books are asked …")
    judgement = oracle.judge(
        asked_for, answered.told, attempts=sum(map(len, shares)), kills=len(killed) if kills_every else None
    )
    return Report(
        attempts=len(answered.told),
        payments=len(asked_for),
        clients=len(shares),
        workers=workers,
        kills=len(killed),
        seed=seed,
        seconds=seconds,
        answers=answers_of(answered.told),
        replays=sum(each.is_replay for each in answered.told),
        seen=answered.seen,
        judgement=judgement,
    )


@contextmanager
def _killing(server: WebServer, *, every: float, seed: int) -> Iterator[list[int]]:
    """Kill a worker every so often, as no worker can prevent, until the block ends; yield whom."""
    killed: list[int] = []
    over = threading.Event()
    chance = random.Random(seed)  # noqa: S311 - for repeating a run, not for secrets

    def kill() -> None:
        while not over.wait(every * chance.uniform(0.5, 1.5)):
            if alive := server.workers():
                victim = chance.choice(alive)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                    killed.append(victim)

    killer = threading.Thread(target=kill)
    if every:
        killer.start()
    try:
        yield killed
    finally:
        over.set()
        if every:
            killer.join()


@contextmanager
def scratch_database() -> Iterator[str]:
    """Let Django use a new, migrated, empty database on the same server inside; yield its address, and drop it."""
    own = connection.settings_dict["NAME"]
    wanted = connection.settings_dict["TEST"].get("NAME")
    name = f"{own}_drill_{os.getpid()}"
    connection.settings_dict["TEST"]["NAME"] = name
    creation = connection.creation
    try:
        creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield address_of(name)
        finally:
            creation.destroy_test_db(own, verbosity=0)
    finally:
        connection.settings_dict["TEST"]["NAME"] = wanted


def address_of(name: str) -> str:
    """Return the address of a database of this name on the server that is in use."""
    server = os.environ.get("DATABASE_URL") or embedded.database_url()
    address, question_mark, options = server.partition("?")
    return f"{address.rpartition('/')[0]}/{name}{question_mark}{options}"
