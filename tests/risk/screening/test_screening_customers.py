"""Who is taken for somebody on a list, when, and what becomes of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from accounts.drafts import OwnerDraft
from accounts.models import Customer, CustomerKind, TaxResidence
from accounts.models.ownership import ControlKind
from bankops.core import clock
from risk.models import (
    Alert,
    HitState,
    HitStrength,
    Lapse,
    RescreenChunk,
    RescreenRun,
    ScreeningDue,
    ScreeningHit,
    ScreeningState,
)
from risk.screening import explaining
from risk.selectors.screening import Standing, standing
from risk.services.hits import decide_hit, seen_as
from risk.services.screening import rescreen_next, screen_due
from risk.services.screening_queue import queue_old
from tests.accounts.factories import make_customer
from tests.risk.screening.lists import KARAMAZOV, KEY, LINES, LOADER, NOW, load

pytestmark = pytest.mark.django_db

BORN = date(1974, 2, 17)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    load(tmp_path, *LINES)
    rescreened()
    return tmp_path


def rescreened() -> None:
    while rescreen_next(now=NOW):
        pass
    while screen_due(now=NOW):
        pass


def stands(customer: Customer) -> Standing:
    return standing([customer.public_id])[customer.public_id]


def moves_to_russia(customer: Customer) -> None:
    TaxResidence.objects.create(customer=customer, country="RU", valid_from=NOW, self_certified_on=NOW)
    Customer.objects.filter(pk=customer.pk).update(version=customer.version + 1)
    rescreened()


def cleared(hit: ScreeningHit) -> ScreeningHit:
    return decide_hit(
        hit_id=hit.pk, state=HitState.FALSE, seen=seen_as(hit), reason="born elsewhere", actor=LOADER, now=NOW
    )


def test_a_new_customer_is_screened_without_anybody_asking(listed: Path) -> None:
    customer = make_customer("Димитрий Карамазов", birth_date=BORN)
    assert ScreeningDue.objects.filter(customer_id=customer.pk, because="NEW").count() == 1
    assert screen_due(now=NOW) == 1
    assert screen_due(now=NOW) == 0
    hit = ScreeningHit.objects.get()
    assert (hit.customer, hit.entry_key, hit.state, hit.strength) == (
        customer, f"{KEY}:1", HitState.OPEN, HitStrength.STRONG,
    )  # fmt: skip
    assert standing([customer.public_id]) == {customer.public_id: Standing.POSSIBLE}
    assert ScreeningState.objects.get(customer=customer).customer_version == customer.version
    alert = Alert.objects.get()
    assert (alert.kind, alert.score, alert.state) == ("SCREENING", hit.score, "NEW")


def test_what_speaks_for_a_hit_is_kept_and_its_birth_date_masked(listed: Path) -> None:
    make_customer("Dmitri Karamazov", birth_date=BORN)
    rescreened()
    explanation = explaining.read(ScreeningHit.objects.get().explanation.reveal())
    assert "the same date of birth, 1974-02-17: +0.10" in explanation.lines()
    assert not any("1974-02-17" in line for line in explaining.masked(explanation).lines())


def test_somebody_else_is_clear(listed: Path) -> None:
    customer = make_customer("Wang Xiaoming")
    rescreened()
    assert not ScreeningHit.objects.exists()
    assert standing([customer.public_id])[customer.public_id] is Standing.CLEAR
    assert ScreeningState.objects.filter(customer=customer).exists()


def test_a_list_that_changes_finds_customers_who_were_there_before(tmp_path: Path) -> None:
    load(tmp_path, *LINES[1:])
    customer = make_customer("Dmitri Karamazov", birth_date=BORN)
    rescreened()
    assert not ScreeningHit.objects.exists()
    edition = load(tmp_path, *LINES)
    run = RescreenRun.objects.get(edition=edition)
    assert (run.entries, run.chunks_left, run.finished_at) == (1, 1, None)
    assert rescreen_next(now=NOW) is True
    assert rescreen_next(now=NOW) is False
    run.refresh_from_db()
    assert (run.hits, run.chunks_left, run.finished_at) == (1, 0, NOW)
    assert not RescreenChunk.objects.exists()
    assert ScreeningHit.objects.get().customer == customer


def test_what_is_corrected_while_a_run_is_under_way_is_not_missed(tmp_path: Path) -> None:
    """A correction of the programme moves an entry to the row of a later edition, which has no run of its own."""
    load(tmp_path, *LINES[1:])
    make_customer("Dmitri Karamazov", birth_date=BORN)
    rescreened()
    load(tmp_path, *LINES)
    corrected = load(tmp_path, KARAMAZOV.replace("ARSON", "THEFT"), *LINES[1:])
    assert not RescreenRun.objects.filter(edition=corrected).exists()
    rescreened()
    assert ScreeningHit.objects.get().entry.since == corrected.number


def test_an_owner_known_by_name_only_is_its_organisations_hit(listed: Path) -> None:
    owner = OwnerDraft(outsider_name="Dmitri Karamazov", country="RU", control=ControlKind.SHARES, share=5000)
    company = make_customer("Wholesome Foods", kind=CustomerKind.ORGANISATION, more=[owner])
    rescreened()
    hit = ScreeningHit.objects.get()
    assert (hit.customer, hit.owner) == (company, company.owners.get())
    assert standing([company.public_id])[company.public_id] is Standing.POSSIBLE


def test_an_owner_who_is_a_customer_taints_the_organisation(listed: Path) -> None:
    person = make_customer("Dmitri Karamazov", birth_date=BORN)
    owner = OwnerDraft(customer=person.number, control=ControlKind.SHARES, share=5000)
    company = make_customer("Wholesome Foods", kind=CustomerKind.ORGANISATION, more=[owner])
    rescreened()
    hit = ScreeningHit.objects.get()
    decide_hit(hit_id=hit.pk, state=HitState.TRUE, seen=seen_as(hit), reason="passport", actor=LOADER, now=NOW)
    assert set(standing([person.public_id, company.public_id]).values()) == {Standing.CONFIRMED}


def possible() -> ScreeningHit:
    """A customer of the same name, born a generation later: possible, and not strong."""
    make_customer("Dmitri Karamazov", birth_date=date(2004, 5, 5))
    rescreened()
    hit = ScreeningHit.objects.get()
    assert hit.strength == HitStrength.POSSIBLE
    return hit


def test_a_cleared_hit_stays_cleared_while_nothing_that_matters_changes(listed: Path) -> None:
    hit = cleared(possible())
    load(listed, KARAMAZOV.replace("ARSON", "THEFT"), *LINES[1:])
    rescreened()
    hit.refresh_from_db()
    assert (hit.state, hit.lapsed_at) == (HitState.FALSE, None)
    assert standing([hit.customer.public_id])[hit.customer.public_id] is Standing.CLEAR


def test_a_cleared_hit_opens_again_when_its_entry_changes(listed: Path) -> None:
    hit = cleared(possible())
    load(listed, KARAMAZOV.replace("1974-02-17", "2004-05-05"), *LINES[1:])
    rescreened()
    hit.refresh_from_db()
    assert (hit.state, hit.strength) == (HitState.OPEN, HitStrength.STRONG)
    assert Alert.objects.filter(state="NEW").count() == 1


def test_what_one_person_cleared_opens_again_when_it_becomes_strong(listed: Path) -> None:
    """Where somebody lives is no part of what a decision is about, and makes a possible hit a strong one."""
    customer = make_customer("Mitja Karamasov", birth_date=date(1978, 5, 5))
    rescreened()
    hit = ScreeningHit.objects.get()
    assert (hit.strength, hit.score) == (HitStrength.POSSIBLE, 831)
    cleared(hit)
    assert stands(customer) is Standing.CLEAR
    moves_to_russia(customer)
    hit.refresh_from_db()
    assert (hit.state, hit.strength, hit.approval_request_id) == (HitState.OPEN, HitStrength.STRONG, None)
    assert stands(customer) is Standing.POSSIBLE
    alert = Alert.objects.get(state="NEW")
    assert (alert.score, alert.priority) == (861, "high")


def test_what_one_person_cleared_stays_so_while_it_is_possible(listed: Path) -> None:
    hit = cleared(possible())
    moves_to_russia(hit.customer)
    hit.refresh_from_db()
    assert (hit.state, hit.strength, hit.score) == (HitState.FALSE, HitStrength.POSSIBLE, 750)


def test_the_alert_of_what_becomes_strong_is_raised_once_more(listed: Path) -> None:
    customer = make_customer("Mitja Karamasov", birth_date=date(1978, 5, 5))
    rescreened()
    before = Alert.objects.get()
    assert (before.score, before.priority, before.raised_count) == (settings.BANKOPS_RISK_HIGH_FROM - 1, "medium", 1)
    moves_to_russia(customer)
    alert = Alert.objects.get()
    assert (alert.score, alert.priority, alert.raised_count) == (861, "high", 2)
    assert alert.due_at < before.due_at


def test_what_one_person_may_decide_is_no_alert_of_high_risk(listed: Path) -> None:
    hit = possible()
    assert hit.score >= settings.BANKOPS_RISK_HIGH_FROM
    assert not hit.takes_two
    assert Alert.objects.get().priority == "medium"


def test_the_alert_of_a_hit_that_lapsed_is_closed(listed: Path) -> None:
    possible()
    load(listed, *LINES[1:])
    rescreened()
    alert = Alert.objects.get()
    assert (alert.state, alert.outcome, alert.settled_elsewhere) == ("CLOSED", "FALSE_POSITIVE", True)
    assert (alert.closed_by_name, alert.close_reason) == ("screening", "the entry is no longer listed")


def test_whoever_was_erased_is_never_queued_again(listed: Path) -> None:
    customer = make_customer("Wang Xiaoming")
    rescreened()
    Customer.objects.filter(pk=customer.pk).update(state="PSEUDONYMISED", version=customer.version + 1)
    rescreened()
    assert not ScreeningState.objects.filter(customer=customer).exists()
    assert queue_old(now=clock.now(), after_days=0) == 0
    assert stands(customer) is Standing.CLEAR


def test_a_hit_whose_entry_is_delisted_lapses_and_comes_back_with_it(listed: Path) -> None:
    hit = possible()
    load(listed, *LINES[1:])
    rescreened()
    hit.refresh_from_db()
    assert hit.lapsed_because == Lapse.DELISTED
    assert standing([hit.customer.public_id])[hit.customer.public_id] is Standing.CLEAR
    load(listed, *LINES, "5,person,Agrafena Alexandrovna Svetlova,,,,,")
    rescreened()
    hit.refresh_from_db()
    assert (hit.lapsed_at, hit.state) == (None, HitState.OPEN)


def test_a_true_hit_does_not_go_by_itself(listed: Path) -> None:
    hit = possible()
    decide_hit(hit_id=hit.pk, state=HitState.TRUE, seen=seen_as(hit), reason="passport", actor=LOADER, now=NOW)
    load(listed, *LINES[1:])
    rescreened()
    assert standing([hit.customer.public_id])[hit.customer.public_id] is Standing.CONFIRMED


def test_screening_twice_changes_nothing(listed: Path) -> None:
    hit = possible()
    before = ScreeningHit.objects.values().get()
    ScreeningDue.objects.create(customer_id=hit.customer_id, because="CHANGED")
    rescreened()
    after = ScreeningHit.objects.values().get()
    assert {key: str(value) for key, value in before.items()} == {key: str(value) for key, value in after.items()}
    assert Alert.objects.get().raised_count == 1


def test_a_customer_nobody_changed_is_not_due(listed: Path) -> None:
    customer = make_customer("Wang Xiaoming")
    rescreened()
    Customer.objects.filter(pk=customer.pk).update(state="REJECTED")
    assert not ScreeningDue.objects.exists()
