"""How long an assessment takes with thirty rules, in a bank with so many movements behind it. Needs Django."""

from __future__ import annotations

import random
from itertools import islice, product
from typing import Any

from bankops.core import clock
from benchmarks.bench_people import clocked
from benchmarks.bench_velocity import Past, spread
from risk.models import Family, Rule, RuleVersion, SourceKind, VersionState
from risk.outcomes import Outcome
from risk.services.assessing import assess

RULES = 30
_CONDITIONS = (
    'amount >= money("{n}0000 CNY") and payee.first_seen_days < 7 and count(payer, "24h") > {n}',
    'sum(customer, "24h") + amount >= money("{n}50000 CNY") and count(customer, "24h") >= {n} and channel == "partner"',
    'distinct_payers(payee, "24h") > {n}0 and amount < money("{n}00 CNY") and hour between 0 and 23',
    "payer.idle_days > {n}00 and payee.is_new and trailing_zeros >= 3",
    'count(pair, "30d") > {n} and multiple_of(amount, {n}00) and not same_customer',
)


def make_rules() -> None:
    """Make so many rules count, all of which look at the movement and hardly ever hit."""
    now = clock.now()
    for place, (number, condition) in enumerate(islice(product(range(1, 7), _CONDITIONS), RULES)):
        key = f"bench_{place}"
        rule = Rule.objects.create(
            key=key,
            name=key,
            purpose="measured",
            family=Family.BEHAVIOUR,
            source_kind=SourceKind.BANK,
            source="benchmarks",
            reason_code=key,
            owner="benchmarks",
            created_at=now,
        )
        version = RuleVersion.objects.create(
            rule=rule,
            number=1,
            condition=condition.format(n=number),
            weight=10,
            outcome=Outcome.REVIEW,
            explains="measured",
            note="measured",
            created_at=now,
            edited_at=now,
            author_id="usr_bench",
            author_name="Bench",
        )
        version.state, version.active_since = VersionState.ACTIVE, now
        version.save(update_fields=["state", "active_since"])


def measure(movements: int, samples: int) -> dict[str, Any]:
    """Return milliseconds of assessments, and that none of them failed.

    Everybody is asked for twice: what the counters of the first time may have to be read from the disc for is told apart.
    """
    if not Rule.objects.exists():
        make_rules()
    past, taken = Past(movements), {"first_ms": list[float](), "assess_ms": list[float]()}
    assess(facts=past.next(random.Random(), clock.now()), now=clock.now())  # compiles the rules
    for milliseconds in taken.values():
        chance = random.Random(2)
        for _sample in range(samples):
            facts = past.next(chance, clock.now())
            said = clocked(milliseconds, assess, facts=facts, now=clock.now())
            assert not said.failure, said.failure
    return {"movements": movements, "rules": RULES, **{name: spread(figures) for name, figures in taken.items()}}
