"""A bank whose customers are compared with lists: one name against all, and everybody against what changed. Needs Django."""

from __future__ import annotations

import random
from itertools import product
from statistics import quantiles
from time import perf_counter
from typing import Any

from bankops.core import clock
from bankops.core.actor import Actor
from benchmarks.bench_people import clocked, superuser
from benchmarks.django_processes import wait_for_the_others
from risk.lists.known import KnownList
from risk.lists.published import Published
from risk.models import ListFormat, ListKind, RescreenRun, ScreeningHit
from risk.names.entry import BirthDate, Entry, Kind, Name, Subject
from risk.screening import listed
from risk.services.list_editions import take_on
from risk.services.screening import rescreen_next
from staff.services import open_branch

CUSTOMERS, ENTRIES, CHANGED = 1_000_000, 20_000, 50
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
    """Screen names, one of ten listed, half of those misspelt; return milliseconds of one against all entries."""
    screener = listed.all_lists().screener
    chance = random.Random(7)
    unlisted = [f"{one} {other}" for one, other in zip(_names("a"), chance.sample(_names("ov"), 1_000), strict=False)]
    on_list = chance.sample(_listed_names(ENTRIES), len(unlisted) // 10)
    names = [*unlisted, *on_list[::2], *(_misspelt(name, chance) for name in on_list[1::2])]
    chance.shuffle(names)
    taken = list[float]()
    met = sum(bool(clocked(taken, screener.screen, Subject(name, Kind.PERSON))) for name in names)
    cut = quantiles(taken, n=100)
    return {
        "median_ms": round(cut[49], 2),
        "p99_ms": round(cut[98], 2),
        "names": len(names),
        "met": met,
        "entries": ENTRIES,
    }


def _misspelt(name: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(name) - 1)
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def change() -> None:
    """Change fifty entries of the list: all customers are to be screened against them."""
    _load(ENTRIES, changed=CHANGED)


def rescreen() -> dict[str, float]:
    """Screen customers beside the other workers until nobody is left; return the seconds it took, and chunks of them."""
    listed.all_lists()  # a worker that is up has the lists in memory
    wait_for_the_others()
    done, began = 0, perf_counter()
    while rescreen_next(now=clock.now()):
        done += 1
    return {"seconds": round(perf_counter() - began, 1), "chunks": done}


def found_out() -> dict[str, Any]:
    """Return what there is to tell of it when all are done."""
    run = RescreenRun.objects.latest("started_at")
    assert run.chunks_left == 0
    return {"customers": CUSTOMERS, "entries": run.entries, "hits": ScreeningHit.objects.count()}


def _load(entries: int, *, changed: int) -> None:
    born = [BirthDate.of_years(1940 + number % 60 + (1 if number < changed else 0)) for number in range(entries)]
    made = [
        Entry(f"b:{number}", _KNOWN.label, str(number), Kind.PERSON, (Name(name),), (born[number],))
        for number, name in enumerate(_listed_names(entries))
    ]
    take_on(_KNOWN, Published(made, f"{changed:064d}"), actor=_ACTOR, now=clock.now())


def _listed_names(entries: int) -> list[str]:
    chance = random.Random(11)
    given, family = _names("i"), _names("sky")
    return [f"{chance.choice(given)} {chance.choice(given)} {chance.choice(family)}" for _entry in range(entries)]


def _names(ending: str) -> list[str]:
    return [f"{first}{middle}{last}{ending}".capitalize() for first, middle, last in product(_SYLLABLES, repeat=3)][::4]
