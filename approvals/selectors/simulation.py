"""Looking ahead: what happened lately, to try other policies on; and who could decide a request that nobody has made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import F

from approvals.models import RequestVersion
from approvals.policies.chain import Chain
from approvals.policies.facts import PolicyFacts
from bankops.core import clock
from staff.models import User
from staff.selectors import active_holders

LAST_MONTH = timedelta(days=30)
REPLAYED_MAX = 5_000


@dataclass(frozen=True, slots=True)
class Past:
    """The day a request was made, and what policies saw of it."""

    made_on: date
    facts: PolicyFacts


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who holds a stage's role; `excluded` is the code why they could not decide, empty when they could."""

    person: User
    excluded: str


def past_requests(*, now: datetime) -> list[Past]:
    """Return what policies saw of the requests of `LAST_MONTH`, newest first, at most `REPLAYED_MAX` of them."""
    versions = RequestVersion.objects.filter(
        request__created_at__gte=now - LAST_MONTH, request__created_at__lte=now, number=F("request__version")
    )
    newest = versions.order_by("-request__created_at", "-request_id").values_list("request__created_at", "facts")
    return [
        Past(clock.business_date(made_at), PolicyFacts.from_json(facts)) for made_at, facts in newest[:REPLAYED_MAX]
    ]


def candidates(*, chain: Chain, maker: User | None) -> list[list[Candidate]]:
    """Return, for each stage of a chain, who holds its role and whether they could decide a request of `maker` now.

    The database's own rule answers (`approvals_exclusion`), on a request that does not exist.
    """
    return [_at_stage(chain, number, maker) for number in range(1, len(chain.stages) + 1)]


def _at_stage(chain: Chain, number: int, maker: User | None) -> list[Candidate]:
    people = list(active_holders(chain.stages[number - 1].role).order_by("full_name"))
    imagined: dict[str, object] = {
        "stage": number,
        "maker_user_id": str(maker.pk) if maker else None,
        "maker_id": maker.public_id if maker else "",
    }
    excluded = _excluded(imagined, chain, people)
    return [Candidate(person, excluded.get(str(person.pk), "")) for person in people]


def _excluded(imagined: dict[str, object], chain: Chain, people: Sequence[User]) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id::text, approvals_exclusion(jsonb_populate_record(NULL::approvals_approvalrequest, %s::jsonb),"
            " %s::jsonb, p.id) FROM unnest(%s::uuid[]) p (id)",
            [json.dumps(imagined), json.dumps(chain.to_json()), [person.pk for person in people]],
        )
        return {person: code for person, code in cursor.fetchall() if code}
