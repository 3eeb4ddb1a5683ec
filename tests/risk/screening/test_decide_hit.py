"""Deciding hits: one person with a reason, two for what is strong; and what the database itself refuses."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bankops.core import clock
from bankops.core.models import AuditEvent
from risk.models import Alert, AlertOutcome, AlertState, HitState, ListEdition, ListEntry, ScreeningHit, WatchList
from risk.selectors.screening import Standing, standing
from risk.services.hits import decide_hit, seen_as
from risk.services.screening import rescreen_next, screen_customers, screen_due
from staff.models import User
from tests.accounts.factories import make_customer
from tests.risk.screening.consent import agreed, submit
from tests.risk.screening.lists import KARAMAZOV, LINES, load
from tests.unchanged import refused, refused_by_database

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bank", "shipped_policies")]

STRONG, POSSIBLE = date(1974, 2, 17), date(2004, 5, 5)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    load(tmp_path, *LINES)
    return tmp_path


def met(born: date) -> ScreeningHit:
    customer = make_customer("Dmitri Karamazov", birth_date=born)
    screen_customers(customer_ids=[customer.pk], now=clock.now())
    return ScreeningHit.objects.get(customer=customer)


def decide(
    hit: ScreeningHit, state: HitState, by: User, *, seen: str = "", reason: str = "passport seen"
) -> ScreeningHit:
    return decide_hit(
        hit_id=hit.pk, state=state, seen=seen or seen_as(hit), reason=reason, actor=by.as_actor(), now=clock.now()
    )


def standing_of(hit: ScreeningHit) -> Standing:
    return standing([hit.customer.public_id])[hit.customer.public_id]


def test_one_person_clears_a_possible_hit_and_its_alert_is_closed(listed: Path, risk_analyst: User) -> None:
    hit = met(POSSIBLE)
    cleared = decide(hit, HitState.FALSE, risk_analyst)
    assert (cleared.state, cleared.decided_by, cleared.reason) == ("FALSE", risk_analyst.full_name, "passport seen")
    assert cleared.decided_entry == hit.entry.matter
    assert standing_of(hit) is Standing.CLEAR
    alert = Alert.objects.get()
    assert (alert.state, alert.outcome) == (AlertState.CLOSED, AlertOutcome.FALSE_POSITIVE)
    event = AuditEvent.objects.get(event_type="risk.hit.decided")
    assert (event.reason, event.changes) == ("passport seen", {"state": ["OPEN", "FALSE"]})


def test_a_true_hit_confirms_the_customer(listed: Path, risk_analyst: User) -> None:
    hit = decide(met(STRONG), HitState.TRUE, risk_analyst)
    assert standing_of(hit) is Standing.CONFIRMED
    assert Alert.objects.get().outcome == AlertOutcome.CONFIRMED


def test_a_hit_that_needs_more_stays_open(listed: Path, risk_analyst: User) -> None:
    hit = decide(met(STRONG), HitState.NEEDS_MORE, risk_analyst)
    assert standing_of(hit) is Standing.POSSIBLE
    assert Alert.objects.get().state == AlertState.NEW


def test_a_strong_hit_is_cleared_by_two_people_only(listed: Path, risk_analyst: User) -> None:
    hit = met(STRONG)
    with refused("risk_takes_two_people"):
        decide(hit, HitState.FALSE, risk_analyst)
    with refused_by_database("hit_under_consent"):
        ScreeningHit.objects.update(
            state="FALSE", decided_by="x", decided_at=clock.now(), reason="x", decided_entry="x", decided_subject="x"
        )
    agreed(risk_analyst, "clear_strong_hit", hit=hit.public_id)
    hit.refresh_from_db()
    assert (hit.state, hit.decided_by) == (HitState.FALSE, risk_analyst.full_name)
    assert hit.approval_request_id is not None
    assert standing_of(hit) is Standing.CLEAR


def test_what_was_taken_for_true_is_cleared_by_two_people_too(listed: Path, risk_analyst: User) -> None:
    hit = decide(met(POSSIBLE), HitState.TRUE, risk_analyst)
    with refused("risk_takes_two_people"):
        decide(hit, HitState.FALSE, risk_analyst)
    with refused("risk_hit_not_decidable"):
        decide(hit, HitState.NEEDS_MORE, risk_analyst)
    agreed(risk_analyst, "clear_strong_hit", hit=hit.public_id)
    assert standing_of(hit) is Standing.CLEAR


def test_consent_belongs_to_one_decision_and_outlives_what_becomes_strong(listed: Path, risk_analyst: User) -> None:
    """Two agreed while it was possible: nobody is asked again when it becomes strong, and nobody uses their consent again."""
    hit = met(POSSIBLE)
    agreed(risk_analyst, "clear_strong_hit", hit=hit.public_id)
    hit.refresh_from_db()
    consent = hit.approval_request_id
    ScreeningHit.objects.update(strength="STRONG")
    ScreeningHit.objects.update(strength="POSSIBLE")
    load(listed, KARAMAZOV.replace("1974-02-17", "1991-08-17"), *LINES[1:])
    while rescreen_next(now=clock.now()) or screen_due(now=clock.now()):
        pass
    hit.refresh_from_db()
    assert (hit.state, hit.strength, hit.approval_request_id) == ("OPEN", "POSSIBLE", None)
    with refused_by_database("hit_consent_once"):
        ScreeningHit.objects.update(state="FALSE", approval_request_id=consent)
    assert decide(hit, HitState.FALSE, risk_analyst).approval_request_id is None
    with refused_by_database("hit_consent_once"):
        ScreeningHit.objects.update(approval_request_id=consent)
    with refused_by_database("hit_under_consent"):
        ScreeningHit.objects.update(strength="STRONG")


def test_what_changed_since_it_was_seen_is_looked_at_again(listed: Path, risk_analyst: User) -> None:
    hit = met(POSSIBLE)
    seen = seen_as(hit)
    load(listed, KARAMAZOV.replace("1974-02-17", "2003-05-05"), *LINES[1:])
    while rescreen_next(now=clock.now()) or screen_due(now=clock.now()):
        pass
    with refused("risk_hit_moved"):
        decide(hit, HitState.FALSE, risk_analyst, seen=seen)


def test_a_request_to_clear_is_stale_when_the_list_changes_meanwhile(listed: Path, risk_analyst: User) -> None:
    from tests.approvals.factories import approve_all

    hit = met(STRONG)
    request = submit(risk_analyst, "clear_strong_hit", hit=hit.public_id).request
    load(listed, KARAMAZOV.replace("Mitya Karamazov", "Mitya Karamazov;Mitenka"), *LINES[1:])
    while rescreen_next(now=clock.now()) or screen_due(now=clock.now()):
        pass
    assert approve_all(request).state == "STALE"
    assert standing_of(hit) is Standing.POSSIBLE


def test_without_a_reason_nothing_is_decided(listed: Path, risk_analyst: User) -> None:
    hit = met(POSSIBLE)
    with refused("reason_required"):
        decide(hit, HitState.FALSE, risk_analyst, reason="  ")


def test_the_database_keeps_what_was_found(listed: Path) -> None:
    hit = met(STRONG)
    other = make_customer("Wang Fang")
    with refused_by_database("hit_fixed"):
        ScreeningHit.objects.update(customer=other)
    with refused_by_database("append_only: DELETE on risk_screeninghit"):
        ScreeningHit.objects.all().delete()
    with refused_by_database("hit_decision_on_record"):
        ScreeningHit.objects.update(state="NEEDS_MORE")
    with refused_by_database("hit_born_open"):
        ScreeningHit(
            customer=other, watch_list=hit.watch_list, entry_key=hit.entry_key, entry=hit.entry, score=900, strength="STRONG",
            subject_matter="x", found_at=clock.now(), opened_at=clock.now(), state="TRUE", decided_by="x", reason="x",
            decided_at=clock.now(), decided_entry="x",
        ).save(force_insert=True)  # fmt: skip
    with refused_by_database("entry_only_ending"):
        ListEntry.objects.update(matter="x")
    with refused_by_database("edition_fixed"):
        ListEdition.objects.update(entries=5)
    with refused_by_database("list_fixed"):
        WatchList.objects.filter(pk=hit.watch_list_id).update(edition=None)


def test_two_people_take_on_an_edition_that_was_refused(listed: Path, risk_analyst: User) -> None:
    refused_one = load(listed, *LINES[:12])
    with refused_by_database("edition_under_consent"):
        ListEdition.objects.filter(state="CURRENT").update(state="REPLACED")
        ListEdition.objects.filter(pk=refused_one.pk).update(state="CURRENT")
    agreed(risk_analyst, "accept_list_edition", edition=refused_one.public_id)
    refused_one.refresh_from_db()
    assert (refused_one.state, refused_one.number, refused_one.removed) == ("CURRENT", 3, 11)
    assert ListEntry.objects.in_force().count() == 12
    assert ListEntry.objects.of_edition(1).count() == 23
    assert AuditEvent.objects.get(event_type="risk.list.accepted").reason


def test_a_refused_file_that_comes_again_after_a_later_edition_is_looked_at_afresh(
    listed: Path, risk_analyst: User
) -> None:
    """Editions 2 and 3 are refused, and 2 is accepted as 4. The publisher's file is still that of 3."""
    second, third = load(listed, *LINES[:12]), load(listed, *LINES[:11])
    assert load(listed, *LINES[:11]) == third
    agreed(risk_analyst, "accept_list_edition", edition=second.public_id)
    fresh = load(listed, *LINES[:11])
    assert (fresh.state, fresh.number, fresh.removed) == ("CURRENT", 5, 1)
    assert ListEntry.objects.in_force().count() == 11


def test_an_edition_that_a_later_one_overtook_is_not_accepted(listed: Path, risk_analyst: User) -> None:
    refused_one = load(listed, *LINES[:12])
    load(listed, *LINES, "5,person,Agrafena Svetlova,,,,,")
    with refused("risk_edition_overtaken"):
        submit(risk_analyst, "accept_list_edition", edition=refused_one.public_id)
