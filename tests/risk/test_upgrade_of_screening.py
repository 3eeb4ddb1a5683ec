"""What a bank has that decided hits, excepted customers and kept its own lists before the upgrade, and what it has after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import Customer
from bankops.core import clock, ids
from risk.models import Family, HitState, HitStrength, OwnListMember, RuleSnooze, ScreeningHit, WatchList
from risk.screening import listed
from risk.selectors import lists
from risk.services.screening import screen_customers
from staff.models import User
from tests.accounts.factories import make_customer
from tests.partners.factories import guards_asleep
from tests.risk.rules.made import make_rule
from tests.risk.screening.lists import LINES, LISTS, load

pytestmark = pytest.mark.usefixtures("committed_db")

BEFORE = ("risk", "0011_unscreened")
ACCOUNTS = ("1234 5678", "8765 4321", "87654321", "11112222")


@pytest.fixture(autouse=True)
def _known_lists(settings: Any) -> Iterator[None]:
    settings.BANKOPS_LISTS = LISTS
    listed.forget()
    lists.forget()
    yield
    listed.forget()
    lists.forget()


def upgraded() -> None:
    """Take the migrations back to where they were, with what the tables hold, and make them again."""
    try:
        MigrationExecutor(connection).migrate([BEFORE])
    finally:
        call_command("migrate", verbosity=0)


def make_hit(customer: Customer, strength: HitStrength, state: HitState) -> ScreeningHit:
    screen_customers(customer_ids=[customer.pk], now=clock.now())
    hit = ScreeningHit.objects.get(customer=customer)
    hit.strength, hit.state, hit.approval_request_id = strength, state, uuid4()
    hit.decided_by, hit.decided_at, hit.reason = "Rao Min", clock.now(), "not him"
    hit.decided_entry, hit.decided_subject = hit.entry.matter, hit.subject_matter
    hit.save()
    return hit


def make_member(account: str, owner: User) -> OwnListMember:
    member = OwnListMember(
        id=ids.uuid7(),
        watch_list=WatchList.objects.get(key="own.black"),
        value_type="ACCOUNT",
        reason="fraud",
        owner=owner,
        added_at=clock.now(),
        approval_request_id=uuid4(),
    )
    member.written = member.value = account
    member.save(force_insert=True)
    return member


def make_snooze(family: Family, customer: Customer, now: datetime) -> RuleSnooze:
    return RuleSnooze.objects.create(
        rule=make_rule(f"rule_{family.lower()}", family=family),
        customer=customer,
        since=now,
        until=now + timedelta(days=80),
        reason="a false alarm",
    )


def test_an_upgrade_keeps_no_consent_snooze_or_spelling_that_does_not_count_any_more(
    tmp_path: Path, risk_analyst: User
) -> None:
    load(tmp_path, *LINES)
    customers = [make_customer("Dmitri Karamazov", birth_date=date(1974, 2, 17)) for _number in range(3)]
    with guards_asleep():
        agreed = make_hit(customers[0], HitStrength.STRONG, HitState.FALSE)
        decided_later = make_hit(customers[1], HitStrength.POSSIBLE, HitState.FALSE)
        open_again = make_hit(customers[2], HitStrength.STRONG, HitState.OPEN)
        members = [make_member(account, risk_analyst) for account in ACCOUNTS]
        of_a_list = make_snooze(Family.LISTED, customers[0], clock.now())
        other = make_snooze(Family.BEHAVIOUR, customers[0], clock.now())

    upgraded()

    kept = dict(ScreeningHit.objects.values_list("pk", "approval_request_id"))
    assert kept == {agreed.pk: agreed.approval_request_id, decided_later.pk: None, open_again.pk: None}

    ended = dict(RuleSnooze.objects.values_list("pk", "ended_by_name"))
    assert ended == {of_a_list.pk: "upgrade", other.pk: ""}

    found = lists.holding(frozenset({"own.black"}), ("12345678", "87654321", "11112222"), clock.now())
    assert found["own.black"] == {"12345678", "87654321", "11112222"}
    written = [OwnListMember.objects.get(pk=member.pk).written.reveal() for member in members]
    assert written == ["12345678", "8765 4321", "87654321", "11112222"], "who is there already stays as it is"
