"""The three answers to a payment that comes twice: replay, refusal, and held back until somebody says that it is genuine."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Balance
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent, OutboxMessage
from tests.accounts.factories import NOW, OU_YAN, TANG_LING, TODAY, cny, ledger_of, make_account
from tests.partners.factories import make_partner
from tests.transactions.duplicate_cases import MACHINE, cancel, pay, policy, refund, release
from tests.transactions.factories import park_transfer, reverse, transfer
from tests.transactions.raw_books import execute
from tests.transactions.requests import make_request
from tests.unchanged import nothing_changes, refused, refused_by_database
from transactions import services as transaction_services
from transactions.models import Channel, HeldBecause, State, Transaction
from transactions.verification import verify_books

pytestmark = pytest.mark.django_db


def test_the_same_key_is_the_same_payment() -> None:
    partner, li, wang = make_partner(), make_account("100.00"), make_account()
    told = {"idempotency_key": "k", "external_reference": "INV-1"}
    first = pay(partner, li, wang, **told)
    with nothing_changes():
        assert pay(partner, li, wang, **told) == first
    assert ledger_of(wang) == "60.00"


def test_a_reference_is_used_once_whatever_became_of_the_payment() -> None:
    partner, li, wang = make_partner(), make_account("200.00"), make_account()
    first = pay(partner, li, wang, external_reference="INV-1")
    reverse(first)
    other = make_account()
    with refused("duplicate_reference") as caught:
        pay(partner, li, other, "5.00", external_reference="INV-1", now=NOW + timedelta(days=400))
    assert caught.value.context["transaction"] == first.public_id
    assert caught.value.http_status == 409


def test_a_reference_is_its_partners_own() -> None:
    li, wang = make_account("200.00"), make_account()
    pay(make_partner(), li, wang, "50.00", external_reference="INV-1")
    other = pay(make_partner(), li, wang, "60.00", external_reference="INV-1")
    transfer(li, wang, cny("70.00"), external_reference="INV-1")
    assert (other.state, ledger_of(wang)) == (State.POSTED, "180.00")


def test_the_database_refuses_a_second_payment_under_one_reference() -> None:
    partner, li, wang = make_partner(), make_account("200.00"), make_account()
    pay(partner, li, wang, external_reference="INV-1")
    other = pay(partner, li, wang, "61.00")
    with refused_by_database("transaction_reference_once_per_partner"):
        execute("SET LOCAL session_replication_role = replica")
        execute("UPDATE transactions_transaction SET external_reference = 'INV-1' WHERE id = %s", other.pk)


def test_a_parked_payment_has_used_its_reference_too() -> None:
    partner, li, wang = make_partner(), make_account("200.00"), make_account()
    told = {"partner_id": partner.pk, "channel": Channel.PARTNER, "external_reference": "INV-1"}
    parked = park_transfer(li, wang, cny("60.00"), make_request(cny("60.00")), **told)
    with refused("duplicate_reference") as caught:
        pay(partner, li, wang, "61.00", external_reference="INV-1")
    assert caught.value.context["where"] == "awaiting approval"
    second = make_request(cny("60.00"))
    with refused("duplicate_reference"):
        park_transfer(li, wang, cny("60.00"), second, **told)
    twin = park_transfer(li, wang, cny("60.00"), second, **{**told, "external_reference": "INV-2"})
    assert (twin.state, twin.twin) == (State.AWAITING_APPROVAL, parked)


def test_a_look_alike_is_held_and_moves_nothing() -> None:
    partner, li, wang = make_partner(), make_account("100.00"), make_account()
    first = pay(partner, li, wang, external_reference="INV-1")
    held = pay(partner, li, wang, external_reference="INV-2")
    assert (held.state, held.held_because, held.twin) == (State.HELD, HeldBecause.POSSIBLE_DUPLICATE, first)
    assert (held.entry_id, held.where_it_stands()) == (None, "held: possible duplicate")
    assert (ledger_of(li), ledger_of(wang), Balance.objects.get(pk=li.pk).held) == ("40.00", "60.00", 0)
    announced = OutboxMessage.objects.get(topic="transactions.transfer.held")
    assert announced.payload["possible_duplicate_of"] == first.public_id
    assert verify_books().ok


def test_the_key_of_a_held_payment_leads_to_it_again() -> None:
    partner, li, wang = make_partner(), make_account("100.00"), make_account()
    pay(partner, li, wang)
    told = {"idempotency_key": "again", "external_reference": "INV-again"}
    held = pay(partner, li, wang, **told)
    with nothing_changes():
        assert pay(partner, li, wang, **told) == held


@pytest.mark.parametrize(
    ("change", "held"),
    [
        ({}, True),
        ({"amount": "60.01"}, False),
        ({"now": NOW + timedelta(hours=23, minutes=59)}, True),
        ({"now": NOW + timedelta(hours=24, minutes=1)}, False),
        ({"narrative": "in other words"}, True),
    ],
)
def test_what_looks_alike_by_the_shipped_policy(change: dict[str, str], held: bool) -> None:
    partner, li, wang = make_partner(), make_account("200.00"), make_account()
    pay(partner, li, wang)
    assert pay(partner, li, wang, **change).state == (State.HELD if held else State.POSTED)


def test_the_other_way_or_to_somebody_else_is_another_payment() -> None:
    partner, li, wang = make_partner(), make_account("200.00"), make_account("200.00")
    pay(partner, li, wang)
    assert pay(partner, wang, li).state == State.POSTED
    assert pay(partner, li, make_account()).state == State.POSTED


def test_what_was_reversed_is_no_twin() -> None:
    partner, li, wang = make_partner(), make_account("100.00"), make_account()
    reverse(pay(partner, li, wang))
    assert pay(partner, li, wang).state == State.POSTED


def test_amounts_within_the_tolerance_look_the_same() -> None:
    partner, li, wang = make_partner(), make_account("900.00"), make_account()
    policy(amount_within_basis_points=100)
    pay(partner, li, wang, "100.00")
    assert pay(partner, li, wang, "101.01").state == State.HELD
    assert pay(partner, li, wang, "103.00").state == State.POSTED


def test_genuine_twins_are_counted_not_only_matched() -> None:
    """Two are usual for this partner; the third is held. One that was confirmed is no reason to hold the next."""
    partner, li, wang = make_partner(), make_account("900.00"), make_account()
    policy(partner, twins_tolerated=1)
    assert [pay(partner, li, wang).state for _ in range(2)] == [State.POSTED, State.POSTED]
    third = pay(partner, li, wang)
    assert third.state == State.HELD
    release(third)
    fourth = pay(partner, li, wang)
    assert (fourth.state, fourth.twin) == (State.HELD, third)  # the first two are still unexplained


def test_a_partners_policy_is_its_own() -> None:
    mine, other, li, wang = make_partner(), make_partner(), make_account("900.00"), make_account()
    policy(mine, twins_tolerated=5)
    pay(mine, li, wang)
    assert pay(mine, li, wang).state == State.POSTED
    assert pay(other, li, wang).state == State.HELD


def test_the_newest_policy_counts() -> None:
    partner, li, wang = make_partner(), make_account("900.00"), make_account()
    pay(partner, li, wang)
    policy(window_minutes=1)
    policy(window_minutes=60, now=NOW + timedelta(minutes=1))
    assert pay(partner, li, wang, now=NOW + timedelta(minutes=30)).state == State.HELD


def test_the_banks_own_people_are_compared_when_the_policy_says_so() -> None:
    li, wang = make_account("900.00"), make_account()
    transfer(li, wang, cny("60.00"))
    assert transfer(li, wang, cny("60.00")).state == State.POSTED
    policy(staff_too=True)
    assert transfer(li, wang, cny("60.00")).state == State.HELD
    assert ledger_of(wang) == "120.00"


def test_what_the_journal_would_not_take_is_refused_instead_of_held() -> None:
    partner, li, wang = make_partner(), make_account("100.00"), make_account()
    pay(partner, li, wang)
    execute("UPDATE accounts_account SET status = 'DORMANT' WHERE id = %s", li.pk)
    with refused("account_dormant"):
        pay(partner, li, wang)


def test_want_of_money_alone_does_not_keep_it_from_being_held() -> None:
    partner, li, wang = make_partner(), make_account("60.00"), make_account()
    pay(partner, li, wang)
    held = pay(partner, li, wang)
    assert held.state == State.HELD
    with refused("insufficient_funds"):
        release(held)


def test_released_it_is_posted_and_confirmed() -> None:
    partner, li, wang = make_partner(), make_account("200.00"), make_account()
    pay(partner, li, wang)
    held = pay(partner, li, wang)
    done = release(held, now=NOW + timedelta(hours=1))
    assert (done.state, done.confirmed_genuine_at, ledger_of(wang)) == (
        State.POSTED,
        NOW + timedelta(hours=1),
        "120.00",
    )
    event = AuditEvent.objects.filter(event_type="transactions.transfer.posted").latest("id")
    assert (event.reason, event.changes["state"]) == ("two invoices", ["HELD", "POSTED"])
    with refused("not_held"):
        release(held)
    with refused("not_held"):
        cancel(held)
    assert verify_books().ok


def test_whoever_made_it_does_not_release_it_but_a_partner_confirms_its_own() -> None:
    li, wang = make_account("900.00"), make_account()
    policy(staff_too=True)
    transfer(li, wang, cny("60.00"))
    by_staff = transfer(li, wang, cny("60.00"))
    with refused("not_by_its_maker"):
        release(by_staff, actor=TANG_LING)
    partner = make_partner()
    of_partner = pay(partner, li, wang)
    assert release(of_partner, actor=MACHINE).state == State.POSTED
    assert release(by_staff, actor=OU_YAN).state == State.POSTED


def test_cancelled_it_moves_nothing() -> None:
    partner, li, wang = make_partner(), make_account("200.00"), make_account()
    pay(partner, li, wang)
    held = pay(partner, li, wang)
    with refused("reason_required"):
        cancel(held, reason=" ")
    another = make_partner()
    with refused("unknown_transaction"):
        cancel(held, partner_id=another.pk)
    assert cancel(held, partner_id=partner.pk).state == State.DECLINED
    assert ledger_of(wang) == "60.00"
    with refused("not_held"):
        release(held)


def test_what_is_held_for_longer_keeps_nothing_else_from_expiring() -> None:
    patient, hasty, li, wang = make_partner(), make_partner(), make_account("200.00"), make_account()
    policy(patient, held_hours=720)
    pay(patient, li, wang)
    for _time in range(2):
        pay(patient, li, wang)
    held = pay(hasty, li, wang)
    later = NOW + timedelta(hours=73)
    assert transaction_services.expire_held(now=later, actor=Actor.system("end_of_held_payments"), limit=1) == 1
    held.refresh_from_db()
    assert held.state == State.EXPIRED


def test_what_nobody_speaks_for_expires() -> None:
    partner, li, wang = make_partner(), make_account("200.00"), make_account()
    pay(partner, li, wang)
    held, system = pay(partner, li, wang), Actor.system("end_of_held_payments")
    assert transaction_services.expire_held(now=NOW + timedelta(hours=71), actor=system) == 0
    assert transaction_services.expire_held(now=NOW + timedelta(hours=72), actor=system) == 1
    assert transaction_services.expire_held(now=NOW + timedelta(hours=73), actor=system) == 0
    held.refresh_from_db()
    assert (held.state, ledger_of(wang)) == (State.EXPIRED, "60.00")


_STUCK = """
CREATE FUNCTION tests_stuck() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'stuck' USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER tests_stuck BEFORE UPDATE ON transactions_transaction FOR EACH ROW
    WHEN (OLD.reference = '{}') EXECUTE FUNCTION tests_stuck();
"""


def test_one_that_cannot_be_ended_keeps_no_other_from_expiring() -> None:
    stuck, other = _held(), _held()
    execute(_STUCK.format(stuck.reference))
    assert transaction_services.expire_held(now=NOW + timedelta(hours=73), actor=OU_YAN) == 1
    stuck.refresh_from_db()
    other.refresh_from_db()
    assert (stuck.state, other.state) == (State.HELD, State.EXPIRED)


def _held() -> Transaction:
    partner, li, wang = make_partner(), make_account("200.00"), make_account()
    pay(partner, li, wang)
    return pay(partner, li, wang)


def test_the_database_posts_nothing_held_that_nobody_confirmed() -> None:
    held = _held()
    other = transfer(held.debit_account, held.credit_account, cny("1.00"))
    with refused_by_database("transaction_held_is_confirmed"):
        execute("SET LOCAL session_replication_role = replica")
        execute("UPDATE transactions_transaction SET held_because = 'possible_duplicate' WHERE id = %s", other.pk)


@pytest.mark.parametrize(
    "change", ["confirmed_genuine_at = now()", "twin_id = NULL", "held_because = ''", "partner_id = NULL"]
)
def test_the_database_keeps_what_a_held_payment_says(change: str) -> None:
    held = _held()
    with refused_by_database("transaction_fixed"):
        execute(f"UPDATE transactions_transaction SET {change} WHERE id = %s", held.pk)


def test_the_database_wants_to_know_why_it_is_held() -> None:
    held = _held()
    with refused_by_database("transaction_held_says_why"):
        execute("SET LOCAL session_replication_role = replica")
        execute("UPDATE transactions_transaction SET held_because = '' WHERE id = %s", held.pk)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("window_minutes = 0", "duplicate_window_sane"),
        ("twins_tolerated = 101", "duplicate_twins_sane"),
        ("amount_within_basis_points = 1001", "duplicate_tolerance_at_most_a_tenth"),
        ("held_hours = 0", "duplicate_held_hours_sane"),
    ],
)
def test_the_database_holds_policies_within_reason(change: str, constraint: str) -> None:
    row = policy()
    with refused_by_database(constraint):
        execute("SET LOCAL session_replication_role = replica")
        execute(f"UPDATE transactions_duplicatepolicy SET {change} WHERE id = %s", row.pk)


def test_a_policy_is_never_changed_or_deleted() -> None:
    row = policy()
    with refused_by_database("append"):
        execute("UPDATE transactions_duplicatepolicy SET held_hours = 1 WHERE id = %s", row.pk)
    with refused_by_database("append"):
        execute("DELETE FROM transactions_duplicatepolicy WHERE id = %s", row.pk)


def test_a_policy_is_told_with_what_it_changes() -> None:
    policy(window_minutes=60)
    event = AuditEvent.objects.get(event_type="transactions.duplicate_policy.changed")
    assert (event.reason, event.changes) == ("as agreed", {"window_minutes": ["1440", "60"]})


def test_refunds_and_what_the_system_pays_are_not_compared() -> None:
    partner, li, wang = make_partner(), make_account("900.00"), make_account()
    original = pay(partner, li, wang)
    parts = [refund(original, cny("10.00")) for _ in range(2)]
    paid = [transfer(li, wang, cny("7.00"), channel=Channel.SYSTEM) for _ in range(2)]
    assert {row.state for row in (*parts, *paid)} == {State.POSTED}
    assert parts[0].booking_date == TODAY
