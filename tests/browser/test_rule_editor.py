"""Writing a rule in a real browser: completed, underlined and said in words while it is typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from risk.models import Rule
from staff.models import User
from tests.browser.conftest import Person
from tests.browser.test_journey import sign_in
from tests.desk import address
from tests.risk.rules.kept import keeping, stored
from tests.risk.rules.wishes import create

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NEW = "admin:risk_rule_new_rule"
MEASURED = """() => {
    const field = document.querySelector("[name=condition]"), mirror = document.querySelector(".bk-editor__mirror");
    const line = parseFloat(getComputedStyle(field).lineHeight);
    return {
        width: field.clientWidth - mirror.clientWidth,
        page: document.documentElement.scrollWidth,
        height: Math.trunc((field.scrollHeight - mirror.scrollHeight) / (1.5 * line)),
    };
}"""


@pytest.fixture
def past() -> Iterator[None]:
    with keeping([stored(25)]):
        yield


def underlined(person: Person) -> list[str]:
    return person.page.locator(".bk-editor__mirror .bk-wrong-here").all_text_contents()


def test_an_analyst_writes_a_rule(committed_db: None, persons: list[Person], risk_analyst: User, past: None) -> None:
    analyst = persons[0]
    sign_in(analyst, risk_analyst)
    analyst.open(reverse(NEW))
    page = analyst.page
    analyst.fill(key="large_at_night", name="Large amount at night", purpose="Nobody looks.", source="Our cases")
    analyst.fill(reason_code="unusual_time", owner="Fraud desk", explains="Large, at night.", note="First words")

    condition = page.locator("[name=condition]")
    condition.click()
    page.keyboard.type("amo")
    page.get_by_role("option", selected=True).get_by_text("amount", exact=True).wait_for()
    page.keyboard.press("Enter")
    expect(condition).to_have_value("amount ")
    page.locator(".bk-editor__list li").first.wait_for()
    page.keyboard.press("Escape")
    page.keyboard.type('> money("20000 CNY") and huor < 6')
    page.locator(".bk-editor__mirror .bk-wrong-here").wait_for()
    assert underlined(analyst) == ["huor"]
    analyst.sees("There is no fact “huor”. Did you mean hour?")

    page.keyboard.press("Escape")
    page.get_by_role("button", name="Line 1, column 33:").click()
    assert page.evaluate("window.getSelection().toString()") == "huor"
    page.keyboard.type("hour")
    analyst.sees("Hits when amount is more than CNY 20,000.00 and hour of the day is less than 6.")
    assert underlined(analyst) == []

    page.keyboard.press("Escape")
    analyst.fill(movement="TR-25")
    analyst.press("Try")
    analyst.sees("it hits.", "amount CNY 25,000.00 is more than CNY 20,000.00: yes")
    expect(page.locator("[name=condition]")).to_have_value('amount > money("20000 CNY") and hour < 6')
    analyst.press("Save draft")
    analyst.sees("The draft is saved.")
    assert Rule.objects.get().versions.get().condition == 'amount > money("20000 CNY") and hour < 6'


def test_what_is_underlined_lies_under_its_word(committed_db: None, persons: list[Person], risk_analyst: User) -> None:
    """On a narrow screen and in many lines, too: the text behind wraps as the field does."""
    analyst = persons[0]
    sign_in(analyst, risk_analyst)
    analyst.page.set_viewport_size({"width": 390, "height": 844})
    analyst.open(address(create().rule, "edit_draft"))
    text = " and\n".join(['kind == "transfer" and payee.country not in ["CN", "HK", "MO"]'] * 4 + ["huor < 6"])
    analyst.fill(condition=text)
    analyst.page.locator(".bk-editor__mirror .bk-wrong-here").wait_for()
    assert analyst.page.evaluate(MEASURED) == {"width": 0, "page": 390, "height": 0}
