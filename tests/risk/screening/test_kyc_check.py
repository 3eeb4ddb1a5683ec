"""What screening says of an application: nobody is clear without the lists, or with a hit that nobody has decided."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from accounts.drafts import OwnerDraft
from accounts.kyc import checks
from accounts.kyc.checks import CheckSubject
from accounts.kyc.findings import CheckKind, CheckState, Finding
from accounts.models import Customer, CustomerKind
from accounts.models.ownership import ControlKind
from bankops.core import clock
from bankops.core.models import OutboxMessage
from risk.models import HitState, ScreeningDue, ScreeningHit, WatchList
from risk.selectors.lists import problems
from risk.services.hits import decide_hit, seen_as
from risk.services.list_ages import look_after_lists
from risk.services.screening import screen_due
from tests.accounts.factories import make_customer
from tests.risk.screening.lists import KEY, LINES, LOADER, load

pytestmark = pytest.mark.django_db

BORN = date(2004, 5, 5)  # possible, not strong


def asked(customer: Customer) -> Finding:
    return checks.run(CheckKind.SCREENING, CheckSubject(customer.pk, uuid4(), 1))


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    load(tmp_path, *LINES, now=clock.now())
    return tmp_path


def test_without_any_list_nobody_is_screened(db: None) -> None:
    assert asked(make_customer()) == Finding(CheckState.PENDING, ("not_screened",))


def test_a_required_list_that_was_never_loaded_screens_nobody_as_clear(listed: Path, settings: Any) -> None:
    settings.BANKOPS_REQUIRED_LISTS = ["un_consolidated"]
    assert asked(make_customer()) == Finding(CheckState.PENDING, ("lists_missing",))
    assert [one.key for one in problems(clock.now())] == ["un_consolidated"]


def test_a_list_that_is_too_old_screens_nobody_as_clear(listed: Path) -> None:
    WatchList.objects.filter(key=KEY).update(confirmed_at=clock.now() - timedelta(days=8))
    assert asked(make_customer()) == Finding(CheckState.PENDING, ("lists_missing",))


def test_somebody_on_no_list_passes(listed: Path) -> None:
    finding = asked(make_customer("Wang Fang"))
    assert (finding.state, finding.reasons) == (CheckState.PASSED, ())


def test_a_hit_needs_a_person_until_it_is_decided(listed: Path) -> None:
    customer = make_customer("Dmitri Karamazov", birth_date=BORN)
    finding = asked(customer)
    assert (finding.state, finding.reasons) == (CheckState.MANUAL, ("screening_hits_open",))
    hit = ScreeningHit.objects.select_related("entry").get()
    decide_hit(hit_id=hit.pk, state=HitState.FALSE, seen=seen_as(hit), reason="no", actor=LOADER, now=clock.now())
    assert asked(customer).state == CheckState.PASSED


def test_a_true_hit_fails(listed: Path) -> None:
    customer = make_customer("Dmitri Karamazov", birth_date=BORN)
    asked(customer)
    hit = ScreeningHit.objects.select_related("entry").get()
    decide_hit(hit_id=hit.pk, state=HitState.TRUE, seen=seen_as(hit), reason="yes", actor=LOADER, now=clock.now())
    assert asked(customer).state == CheckState.FAILED


def test_an_owner_who_is_a_customer_is_asked_about_too(listed: Path) -> None:
    person = make_customer("Dmitri Karamazov", birth_date=BORN)
    owner = OwnerDraft(customer=person.number, control=ControlKind.SHARES, share=5000)
    company = make_customer("Wholesome Foods", kind=CustomerKind.ORGANISATION, more=[owner])
    assert asked(company).state == CheckState.MANUAL


def test_what_is_kept_is_not_screened_again(listed: Path, django_assert_max_num_queries: Any) -> None:
    customer = make_customer("Wang Fang")
    while screen_due(now=clock.now()):
        pass
    with django_assert_max_num_queries(12):
        assert asked(customer).state == CheckState.PASSED
    assert not ScreeningDue.objects.exists()


def test_a_list_that_is_missing_is_told_of_once_and_once_when_it_is_there(settings: Any, tmp_path: Path) -> None:
    settings.BANKOPS_REQUIRED_LISTS = [KEY]
    now = clock.now()
    assert look_after_lists(now=now) == 1
    assert look_after_lists(now=now) == 0
    assert WatchList.objects.get(key=KEY).overdue_since == now
    load(tmp_path, *LINES, now=now)
    assert look_after_lists(now=now) == 1
    assert list(OutboxMessage.objects.filter(topic__startswith="risk.list").order_by("id").values_list("topic", flat=True)) == [
        "risk.list.overdue", "risk.list.recovered",
    ]  # fmt: skip
