"""The API's description in a real browser: it loads to its end, with nothing from outside, and leads to the guide."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_description_loads_and_leads_to_the_guide(committed_db: None, persons: list[Person]) -> None:
    reader, _other = persons
    outside: list[str] = []
    reader.page.on("request", lambda asked: outside.append(asked.url))
    reader.open("/api/docs/")
    reader.page.locator(".opblock").nth(39).wait_for(timeout=60_000)  # a megabyte to lay out, beside two other tests
    reader.page.locator('.opblock-post:has([data-path="/api/v1/transfers"])').click()
    reader.sees("duplicate_reference")
    reader.press("The guide")
    reader.sees("From a token to the first reconciled transfer")
    assert [url for url in outside if not url.startswith((reader.base_url, "data:"))] == []
