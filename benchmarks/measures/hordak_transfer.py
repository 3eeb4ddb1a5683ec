"""django-hordak's `Account.transfer_to`, on a database of its own with PostgreSQL triggers of its own.

One caller: its balances live in the legs, so there is nothing two callers would wait for; more callers scale with cores.
"""

from __future__ import annotations

import random
import time
from importlib.metadata import version

from benchmarks import django_processes
from benchmarks.measure import Bench, Measure, Measured

ACCOUNTS = 1_000


def _run(bench: Bench) -> Measured:
    with bench.databases.empty("hordak") as url:
        rate, transfers = django_processes.call(
            _transfer_for, bench.seconds, database_url=url, settings="benchmarks.hordak_settings"
        )
    return Measured(
        rate, {"callers": 1, "accounts": ACCOUNTS, "transfers": transfers, "version": version("django-hordak")}
    )


def _transfer_for(seconds: float) -> tuple[float, int]:
    from django.core.management import call_command
    from django.db import transaction
    from django.utils import timezone
    from hordak.models import Account
    from moneyed import Money

    call_command("migrate", verbosity=0)
    accounts = [
        Account.objects.create(name=f"Customer {number}", type="LI", currencies=["CNY"]) for number in range(ACCOUNTS)
    ]
    chance, today, transfers = random.Random(0), timezone.localdate(), 0
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        payer, payee = chance.sample(accounts, 2)
        with transaction.atomic():  # its triggers ask for both legs at commit
            payer.transfer_to(payee, Money(chance.randint(1, 100), "CNY"), date=today, description="Transfer")
        transfers += 1
    return transfers / (time.monotonic() - started), transfers


MEASURE = Measure(name="hordak_transfer", unit="transfers/s", run=_run, beside_pgbench=True)
