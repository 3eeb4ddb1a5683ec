"""Lists and hits on a telephone: nothing pushes the page sideways, and the browser holds nothing against them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from bankops.core import clock
from risk.models import ListEdition, ScreeningHit
from risk.screening import listed
from risk.services.screening import rescreen_next, screen_due
from staff.models import User
from tests.accounts.factories import make_customer
from tests.browser.conftest import Person
from tests.browser.test_journey import sign_in
from tests.browser.test_webhook_screens import HEIGHT, WIDTH
from tests.desk import address
from tests.personas import head_office
from tests.risk.screening.lists import KARAMAZOV, LINES, LISTS, load

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_CLIPPED = """[...document.querySelectorAll('.data-row > *')]
    .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.className.split(' ')[0])"""
_SHOWN_IN = os.environ.get("BANKOPS_SCREENSHOTS", "")
"""A folder that pictures of the pages are put into, for who wants to look at them."""


@pytest.fixture
def telephone(browser: Browser, live_server: LiveServer) -> Iterator[Person]:
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, is_mobile=True, has_touch=True)
    person = Person(context.new_page(), live_server.url)
    yield person
    context.close()
    assert person.complaints == []


@pytest.fixture
def hit(committed_db: None, settings: Any, tmp_path: Path) -> Iterator[ScreeningHit]:
    """Return a strong hit; beside it a list with editions, one of them refused, and one list that is missing."""
    settings.BANKOPS_LISTS, settings.BANKOPS_REQUIRED_LISTS = LISTS, ["un_consolidated"]
    listed.forget()
    load(tmp_path, *LINES, now=clock.now())
    make_customer("Dmitri Karamazov", branch=head_office(), birth_date=date(1974, 2, 17))
    make_customer("Dmitri Fyodorovitsch Karamasow", branch=head_office(), birth_date=date(2004, 5, 5))
    while rescreen_next(now=clock.now()) or screen_due(now=clock.now()):
        pass
    load(
        tmp_path, KARAMAZOV.replace("ARSON", "THEFT"), *LINES[1:-1], "7,person,Agrafena Svetlova,,,,,", now=clock.now()
    )
    load(tmp_path, *LINES[:9], now=clock.now())
    yield ScreeningHit.objects.order_by("-score")[0]
    listed.forget()


def test_lists_and_hits_fit_a_telephone(hit: ScreeningHit, telephone: Person, risk_analyst: User) -> None:
    sign_in(telephone, risk_analyst)
    found = {}
    for page in _pages(hit):
        telephone.open(page)
        width = telephone.page.evaluate("document.documentElement.scrollWidth")
        found[page] = (width, telephone.page.evaluate(_CLIPPED))
        if _SHOWN_IN:
            name = page.strip("/").replace("/", "_").replace("?", "_") + ".png"
            telephone.page.screenshot(path=str(Path(_SHOWN_IN, name)), full_page=True)
    assert found == dict.fromkeys(found, (WIDTH, []))


def _pages(hit: ScreeningHit) -> list[str]:
    lists = [f"/admin/risk/{name}/" for name in ("screeninghit", "watchlist", "listedition")]
    refused = ListEdition.objects.get(state="REFUSED")
    changed = ListEdition.objects.get(state="CURRENT")
    records = [address(one) for one in (hit, hit.watch_list, refused)]
    doors = [address(hit, "decide_hit")]
    return [*lists, *records, f"{address(changed)}?changes=changed", *doors]
