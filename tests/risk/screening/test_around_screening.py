"""What stands around screening: erasing, the demo's list, the warning of production, names of other banks' payees."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from accounts import personal_data
from bankops.core import clock
from risk.checks import lists_are_required
from risk.demo import load_fictional_list
from risk.models import ScreeningHit, ScreeningState
from risk.names.entry import Subject
from risk.screening.listed import all_lists
from risk.services.screening import screen_customers, screen_due
from risk.services.screening_queue import queue_old
from tests.accounts.factories import make_customer
from tests.risk.screening.lists import LINES, NOW, load

pytestmark = pytest.mark.django_db


def test_what_was_compared_is_erased_with_the_customer_and_what_was_found_stays(tmp_path: Path) -> None:
    load(tmp_path, *LINES)
    customer = make_customer("Dmitri Karamazov", birth_date=date(1974, 2, 17))
    screen_customers(customer_ids=[customer.pk], now=NOW)
    with transaction.atomic():
        assert personal_data.erase(customer, NOW)["screening_hits"] == 1
    hit = ScreeningHit.objects.get()
    assert (bool(hit.explanation), hit.strength, hit.state) == (False, "STRONG", "OPEN")


def test_nothing_of_it_is_in_what_a_customer_is_told(tmp_path: Path) -> None:
    load(tmp_path, *LINES)
    customer = make_customer("Dmitri Karamazov", birth_date=date(1974, 2, 17))
    screen_customers(customer_ids=[customer.pk], now=NOW)
    told = [(name, [dict(row) for row in rows]) for name, rows in personal_data.sections(customer)]
    assert "Fyodorovich" not in str(told)
    assert "screening" not in str(told).casefold()


def test_the_demos_list_meets_people_from_novels_only(settings: Any) -> None:
    assert load_fictional_list(now=clock.now()).entries == 13
    screener = all_lists().screener
    (hit,) = screener.screen(Subject("Митя Карамазов", countries=frozenset({"RU"})))
    assert hit.entry.primary == "Dmitri Fyodorovich Karamazov"
    assert screener.screen(Subject("Wang Fang")) == []


def test_production_is_warned_while_it_requires_no_list(settings: Any) -> None:
    assert [one.id for one in lists_are_required()] == ["risk.W001"]
    settings.BANKOPS_REQUIRED_LISTS = ["un_consolidated"]
    assert lists_are_required() == []


def test_whoever_was_not_screened_for_long_has_a_turn_again(tmp_path: Path) -> None:
    load(tmp_path, *LINES)
    customer = make_customer("Wang Fang")
    while screen_due(now=NOW):
        pass
    assert queue_old(now=NOW, after_days=0) == 0  # not before the moment itself
    later = clock.now()
    assert queue_old(now=later, after_days=90) == 1
    assert queue_old(now=later, after_days=90) == 0  # who waits is not queued twice
    assert screen_due(now=later) == 1
    assert ScreeningState.objects.get(customer=customer).screened_at == later
