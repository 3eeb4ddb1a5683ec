"""A bank whose customers are compared with lists: one name against all, and everybody against what changed. Needs Django."""

from __future__ import annotations

import random
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context
from statistics import quantiles
from time import perf_counter
from typing import Any

from django.db import connection, connections

from bankops.core import clock
from bankops.core.actor import Actor
from benchmarks.bench_people import superuser
from risk.lists.known import KnownList
from risk.lists.published import Published
from risk.models import ListFormat, ListKind, RescreenRun, ScreeningHit
from risk.names.entry import BirthDate, Entry, Kind, Name, Subject
from risk.screening import listed
from risk.services.list_editions import take_on
from risk.services.screening import rescreen_next
from staff.services import open_branch

CUSTOMERS, ENTRIES, CHANGED, WORKERS = 1_000_000, 20_000, 50, 2
_KNOWN = KnownList("sanctions.benchmark", ListKind.SANCTIONS, ListFormat.PARTIES_CSV, "Benchmark", 400)
_ACTOR = Actor.system("benchmark")
_SYLLABLES = ("ka", "ri", "mo", "ten", "sha", "lu", "bor", "vi", "zan", "del", "ost", "han", "mei", "rad", "fu", "gar")
_FILL = """
    INSERT INTO accounts_customer (id, number, kind, name, branch_id, created_at, risk_rating, ownership_note, version, state)
    SELECT gen_random_uuid(), 'S' || n, 'PERSON',
           (%(given)s::text[])[1 + n %% %(names)s] || ' '
           || (%(family)s::text[])[1 + n / %(names)s %% %(names)s],
           (SELECT id FROM staff_branch LIMIT 1), now(), 'MEDIUM', '', 1, 'ACTIVE'
      FROM generate_series(1, %(customers)s) n
"""


def found() -> None:
    """Make customers of made-up names, and a list of twenty thousand others."""
    given, family = _names("a"), _names("ov")
    open_branch(code="001", name="Head Office", actor=_ACTOR, reason="benchmark", now=clock.now())
    with superuser() as cursor:
        cursor.execute("SET session_replication_role = replica")
        told = {"given": given, "family": family, "names": len(given), "customers": CUSTOMERS}
        cursor.execute(_FILL, told)
    with superuser() as cursor:
        cursor.execute("VACUUM ANALYZE accounts_customer")
    _load(ENTRIES, changed=0)
    RescreenRun.objects.all().update(finished_at=clock.now(), chunks_left=0)
    with superuser() as cursor:
        cursor.execute("DELETE FROM risk_rescreenchunk")


def one_name() -> dict[str, float]:
    """Screen names, some listed and misspelt, most not; return milliseconds of one against all entries."""
    screener = listed.all_lists().screener
    rng = random.Random(7)
    given, family = _names("a"), _names("ov")
    taken = []
    for _round in range(2_000):
        subject = Subject(f"{rng.choice(given)} {rng.choice(family)}", Kind.PERSON)
        began = perf_counter()
        screener.screen(subject)
        taken.append((perf_counter() - began) * 1_000)
    cut = quantiles(taken, n=100)
    return {"median_ms": round(cut[49], 2), "p99_ms": round(cut[98], 2), "entries": len(listed.all_lists().rows)}


def everybody() -> dict[str, Any]:
    """Change fifty entries, and let two workers screen all customers against them; return the seconds it took."""
    _load(ENTRIES, changed=CHANGED)
    connections.close_all()
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("fork")) as workers:
        list(workers.map(_warm, range(WORKERS)))  # a worker that is up has the lists in memory
        began = perf_counter()
        parts = list(workers.map(_work, range(WORKERS)))
        seconds = perf_counter() - began
    run = RescreenRun.objects.latest("started_at")
    assert run.chunks_left == 0
    return {"seconds": round(seconds, 1), "workers": WORKERS, "customers": CUSTOMERS, "entries": run.entries,
            "hits": ScreeningHit.objects.count(), "parts": parts}  # fmt: skip


def _warm(_worker: int) -> None:
    connection.close()
    listed.all_lists()


def _work(_worker: int) -> int:
    done = 0
    while rescreen_next(now=clock.now()):
        done += 1
    return done


def _load(entries: int, *, changed: int) -> None:
    rng = random.Random(11)
    given, family = _names("i"), _names("sky")
    listed_names = [f"{rng.choice(given)} {rng.choice(given)} {rng.choice(family)}" for _entry in range(entries)]
    born = [BirthDate.of_years(1940 + number % 60 + (1 if number < changed else 0)) for number in range(entries)]
    made = [
        Entry(f"b:{number}", _KNOWN.label, str(number), Kind.PERSON, (Name(name),), (born[number],))
        for number, name in enumerate(listed_names)
    ]
    take_on(_KNOWN, Published(made, f"{changed:064d}"), actor=_ACTOR, now=clock.now())


def _names(ending: str) -> list[str]:
    return [f"{first}{middle}{last}{ending}".capitalize() for first, middle, last in product(_SYLLABLES, repeat=3)][::4]
