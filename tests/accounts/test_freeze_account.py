"""Freezing and releasing: by order of the bank or of a court, with a reason, and on the record; each for itself."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from accounts import migrations
from accounts.admin.restriction_doors import FreezeForm
from accounts.models import Account, AccountRestriction, AccountStatus, Restriction, RestrictionReason
from accounts.services import freeze_account, release_account, release_ended
from accounts.services.restricting import lift, restrict
from accounts.tasks import release_ended_restrictions
from bankops.core import end_of_day, operations
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent, OutboxMessage
from bankops.core.operations import ConsentRequired
from tests.accounts.factories import NOW, OU_YAN, TANG_LING, TODAY, freeze, make_account, own_account, release
from tests.consent import OpenGate
from tests.unchanged import check_deferred, refused, refused_by_database

pytestmark = pytest.mark.django_db

TOMORROW = NOW + timedelta(days=1)
COURT = {"reason_code": RestrictionReason.COURT_ORDER, "legal_reference": "(2026) Hu 0101 Zhi 77"}


def restriction_of(account: Account) -> str:
    return Account.objects.get(pk=account.pk).restriction


def test_an_account_is_frozen_and_released() -> None:
    account = make_account()
    placed = freeze(account, reason="looks stolen")
    assert (placed.kind, placed.placed_by_name, placed.starts_at) == ("BLOCK_DEBIT", "Tang Ling", NOW)
    assert restriction_of(account) == Restriction.BLOCK_DEBIT
    (lifted,) = release(account, actor=OU_YAN, now=TOMORROW)
    assert (lifted.ending, lifted.ended_by_name, lifted.ended_at) == ("LIFTED", "Ou Yan", TOMORROW)
    assert restriction_of(account) == Restriction.NONE
    assert list(account.history.order_by("history_id").values_list("restriction", flat=True)) == [
        "NONE",
        "BLOCK_DEBIT",
        "NONE",
    ]
    check_deferred()


def test_the_trail_and_the_outside_hear_of_it() -> None:
    account = make_account()
    placed = freeze(account, reason="looks stolen")
    release(account)
    events = AuditEvent.objects.filter(event_type__in=["accounts.account.frozen", "accounts.account.released"])
    assert [(event.reason, event.changes["restriction"]) for event in events.order_by("id")] == [
        ("looks stolen", ["NONE", "BLOCK_DEBIT"]),
        ("order lifted", ["BLOCK_DEBIT", "NONE"]),
    ]
    assert {event.detail["restriction_id"] for event in events} == {placed.public_id}
    told = OutboxMessage.objects.filter(subject_id=account.public_id).order_by("id")
    assert [message.topic for message in told][1:] == [event.event_type for event in events.order_by("id")]


def test_several_stand_at_once_and_lifting_one_lifts_no_other() -> None:
    account = make_account()
    fraud = freeze(account, Restriction.BLOCK_DEBIT)
    court = freeze(account, Restriction.BLOCK_DEBIT, **COURT)
    assert restriction_of(account) == "BLOCK_DEBIT"
    no_credit = freeze(account, Restriction.BLOCK_CREDIT, reason_code=RestrictionReason.DECEASED)
    assert restriction_of(account) == "BLOCK_ALL"
    for one, left in ((fraud, "BLOCK_ALL"), (court, "BLOCK_CREDIT"), (no_credit, "NONE")):
        lift(restriction_id=one.pk, reason="over", actor=OU_YAN, now=NOW)
        assert restriction_of(account) == left
        check_deferred()


@pytest.mark.parametrize(
    ("standing", "union"),
    [
        (["BLOCK_DEBIT"], "BLOCK_DEBIT"),
        (["BLOCK_CREDIT"], "BLOCK_CREDIT"),
        (["BLOCK_DEBIT", "BLOCK_CREDIT"], "BLOCK_ALL"),
        (["BLOCK_ALL", "BLOCK_CREDIT"], "BLOCK_ALL"),
        (["BLOCK_ALL"], "BLOCK_ALL"),
    ],
)
def test_the_account_says_the_strictest_union_as_the_database_forms_it(standing: list[str], union: str) -> None:
    account = make_account()
    for kind in standing:
        freeze(account, Restriction(kind))
    assert restriction_of(account) == union
    check_deferred()


def test_the_same_order_twice_is_one_restriction() -> None:
    account = make_account()
    first = freeze(account, idempotency_key="one click")
    assert freeze(account, idempotency_key="one click") == first
    assert account.restrictions.count() == 1
    with refused("freeze_conflict"):
        freeze(account, Restriction.BLOCK_ALL, idempotency_key="one click")


def test_a_reason_is_needed() -> None:
    account = make_account(restriction=Restriction.BLOCK_ALL)
    with refused("reason_required"):
        freeze(account, Restriction.BLOCK_DEBIT, reason=" \n")
    with refused("reason_required"):
        release(account, reason="")
    with refused("text_too_long"):
        freeze(account, Restriction.BLOCK_DEBIT, reason="x" * 501)


def test_what_changes_nothing_or_makes_no_sense_is_refused() -> None:
    account = make_account()
    with refused("restriction_unchanged"):
        freeze(account, Restriction.NONE)
    with refused("legal_reference_required"):
        freeze(account, reason_code=RestrictionReason.COURT_ORDER, legal_reference=" ")
    with refused("restriction_ends_too_soon"):
        freeze(account, ends_at=NOW)
    with refused("text_too_long"):
        freeze(account, legal_reference="x" * 121)
    freeze(account)
    with refused("restriction_unchanged"):
        freeze(account)
    (lifted,) = release(account)
    with refused("restriction_over"):
        lift(restriction_id=lifted.pk, reason="once more", actor=OU_YAN, now=NOW)
    with refused("restriction_not_found"):
        lift(restriction_id=uuid4(), reason="gone", actor=OU_YAN, now=NOW)


def test_only_an_open_customers_account_can_be_frozen() -> None:
    closed, cash = make_account(status=AccountStatus.CLOSED), own_account()
    for code, account in (
        ("account_not_open", closed),
        ("own_account_protected", cash),
        ("account_not_found", Account(pk=uuid4())),
    ):
        with refused(code):
            freeze(account)


def test_both_services_refuse_without_the_gate() -> None:
    account = make_account(restriction=Restriction.BLOCK_DEBIT)
    by: dict[str, Any] = {"reason": "quickly", "actor": TANG_LING, "now": NOW}
    with pytest.raises(ConsentRequired):
        freeze_account(account_id=account.pk, restriction=Restriction.BLOCK_ALL, **by)
    with pytest.raises(ConsentRequired):
        release_account(restriction_id=account.restrictions.get().pk, **by)


# -- Ending by itself ------------------------------------------------------------------------------------------------


def test_a_restriction_ends_by_itself_at_its_end_and_once() -> None:
    account = make_account()
    ending = freeze(account, ends_at=TOMORROW)
    lasting = freeze(account, Restriction.BLOCK_CREDIT)
    assert release_ended(now=TOMORROW - timedelta(seconds=1)) == 0
    assert release_ended(now=TOMORROW) == 1
    assert release_ended(now=TOMORROW) == 0
    ending.refresh_from_db()
    lasting.refresh_from_db()
    assert (ending.ending, ending.ended_by_id, lasting.is_open) == ("EXPIRED", "end_of_restrictions", True)
    assert restriction_of(account) == Restriction.BLOCK_CREDIT
    events = AuditEvent.objects.filter(event_type="accounts.account.released")
    assert [(event.actor_kind, event.detail["ending"]) for event in events] == [("system", "EXPIRED")]
    check_deferred()


def test_the_banks_own_rules_place_and_lift_without_reviewers() -> None:
    account, rule = make_account(), Actor.system("kyc")
    placed = restrict(
        account_id=account.pk,
        restriction=Restriction.BLOCK_DEBIT,
        reason_code=RestrictionReason.DOCUMENT_EXPIRED,
        reason="Passport expired",
        actor=rule,
        now=NOW,
    )
    assert (placed.placed_by_kind, restriction_of(account)) == ("system", "BLOCK_DEBIT")
    lift(restriction_id=placed.pk, reason="New passport verified", actor=rule, now=NOW)
    assert restriction_of(account) == "NONE"


# -- The database is the last line -----------------------------------------------------------------------------------


def test_the_account_cannot_say_what_its_restrictions_do_not() -> None:
    frozen, free = make_account(restriction=Restriction.BLOCK_DEBIT), make_account()
    for account, word in ((frozen, "NONE"), (frozen, "BLOCK_ALL"), (free, "BLOCK_CREDIT")):
        with refused_by_database("restriction_is_union"):
            Account.objects.filter(pk=account.pk).update(restriction=word)


def test_a_restriction_cannot_end_or_begin_behind_the_accounts_back() -> None:
    account = make_account(restriction=Restriction.BLOCK_DEBIT)
    standing = AccountRestriction.objects.filter(account=account)
    with refused_by_database("restriction_is_union"):
        standing.update(ended_at=NOW, ending="LIFTED")
    with refused_by_database("restriction_is_union"):
        AccountRestriction.objects.create(**terms(account), kind="BLOCK_CREDIT")


def test_nothing_of_a_restriction_changes_but_its_ending_and_that_once() -> None:
    account = make_account(restriction=Restriction.BLOCK_DEBIT)
    standing = AccountRestriction.objects.filter(account=account)
    changes: list[dict[str, Any]] = [
        {"kind": "BLOCK_ALL"},
        {"reason": "another"},
        {"ends_at": TOMORROW},
        {"placed_by_name": "Nobody"},
    ]
    for change in changes:
        with refused_by_database("restriction_fixed"):
            standing.update(**change)
    with refused_by_database("append_only"):
        standing._raw_delete(standing.db)
    release(account)
    with refused_by_database("restriction_fixed"):
        standing.update(end_reason="another")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"kind": "NONE"}, "restriction_kind_known"),
        ({"reason_code": "WHIM"}, "restriction_reason_known"),
        ({"reason_code": "COURT_ORDER", "legal_reference": ""}, "restriction_order_has_reference"),
        ({"ends_at": NOW}, "restriction_ends_after_start"),
        ({"ending": "LIFTED"}, "restriction_ended_somehow"),
        ({"ended_at": NOW, "ending": "LIFTED"}, "restriction_begins_open"),
    ],
)
def test_a_restriction_cannot_be_written_so(change: dict[str, Any], rule: str) -> None:
    account = make_account()
    with refused_by_database(rule):
        AccountRestriction.objects.create(**{"kind": "BLOCK_DEBIT", **terms(account), **change})


def test_the_database_keeps_an_order_from_freezing_twice() -> None:
    account = make_account()
    freeze(account, idempotency_key="one click")
    with refused_by_database("restriction_order_once"):
        AccountRestriction.objects.create(**terms(account), kind="BLOCK_DEBIT", order_key="staff:usr_tang:one click")


def terms(account: Account) -> dict[str, Any]:
    return {
        "account": account,
        "reason_code": "OTHER",
        "reason": "raw",
        "starts_at": NOW,
        "placed_by_kind": "staff",
        "placed_by_id": "usr_tang",
        "placed_by_name": "Tang Ling",
    }


# -- Background ------------------------------------------------------------------------------------------------------


def test_the_minutes_run_and_the_end_of_the_day_end_what_is_due() -> None:
    by_the_minute, by_the_day = make_account(), make_account()
    freeze(by_the_minute, ends_at=TOMORROW)
    release_ended_restrictions()  # NOW is long ago
    assert restriction_of(by_the_minute) == "NONE"
    freeze(by_the_day, ends_at=TOMORROW)
    steps = {step.name: step for step in end_of_day.registered()}
    assert (steps["restrictions"].order, steps["dormancy"].order) == (50, 60)
    assert steps["restrictions"].run(TODAY, TOMORROW) == {"released": 1}
    assert steps["restrictions"].run(TODAY, TOMORROW) == {"released": 0}
    assert steps["dormancy"].run(TODAY, TOMORROW) == {"dormant": 0}


def test_an_account_blocked_before_restrictions_had_rows_gets_one() -> None:
    """The statement of the migration, on an account as it was then."""
    account = make_account(restriction=Restriction.BLOCK_DEBIT)
    since = account.history.latest().history_date
    sql = (Path(migrations.__file__ or "").parent / "restriction_guards.sql").read_text()
    (taking_over,) = re.findall(r"INSERT INTO accounts_accountrestriction .*?;", sql, re.DOTALL)
    with connection.cursor() as cursor:
        check_deferred()
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM accounts_accountrestriction")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        cursor.execute(taking_over)
    taken = account.restrictions.get()
    assert (taken.kind, taken.reason_code, taken.starts_at, taken.ends_at) == ("BLOCK_DEBIT", "OTHER", since, None)
    check_deferred()


def test_nobody_places_a_block_of_the_watch_over_documents(open_gate: OpenGate) -> None:
    payload = {
        "account": make_account().public_id,
        "restriction": "BLOCK_DEBIT",
        "reason_code": "DOCUMENT_EXPIRED",
    }
    with refused("reason_of_the_watch"):
        operations.submit("accounts.freeze_account", payload, operations.Order(actor=TANG_LING, now=NOW, reason="x"))
    offered: Any = FreezeForm.base_fields["reason_code"]
    assert "DOCUMENT_EXPIRED" not in [code for code, _label in offered.choices]


def test_everybody_has_keys_of_their_own() -> None:
    account = make_account()
    first = freeze(account, idempotency_key="one click")
    again = freeze(account, idempotency_key="one click", actor=OU_YAN, restriction=Restriction.BLOCK_CREDIT)
    assert first != again
