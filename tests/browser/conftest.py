"""A real Chromium at a real server, by day and by dark, that notices every error on the console."""

from __future__ import annotations

import re
from base64 import b32decode
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from bankops.core import clock
from staff import one_time_codes

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_SECONDS = 60


class Person:
    """Somebody with a browser tab and a phone. `complaints` collects what the browser held against a page."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.base_url = base_url
        self.complaints: list[str] = []
        page.set_default_timeout(_SECONDS * 1000)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def open(self, path: str) -> None:
        self.page.goto(f"{self.base_url}{path}")

    def fill(self, **fields: str) -> None:
        """Fill in fields by their names."""
        for name, value in fields.items():
            self.page.locator(f"[name={name}]:not([type=hidden])").fill(value)

    def choose(self, **fields: str) -> None:
        """Choose an option of a drop-down by its words."""
        for name, label in fields.items():
            self.page.locator(f"select[name={name}]").select_option(label=label)

    def press(self, label: str) -> None:
        """Press the button or follow the link that begins with this label, and wait for the page it leads to."""
        name = re.compile(rf"^(\w+ )?{re.escape(label)}\b")  # the theme's icons are words to the browser
        button, link = self.page.get_by_role("button", name=name), self.page.get_by_role("link", name=name)
        with self.page.expect_navigation():
            button.or_(link).first.click()

    def enter(self) -> None:
        """Press Enter in the field at hand, and wait for the page it leads to."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def sees(self, *texts: str) -> None:
        """Expect the texts on the page, each in one piece."""
        for text in texts:
            self.page.get_by_text(text).first.wait_for()

    def code_of_secret(self) -> str:
        """Return what an authenticator app shows that was given the secret on the page."""
        secret = self.page.locator("#secret").text_content() or ""
        return one_time_codes.code_at(b32decode("".join(secret.split())), clock.now())

    def is_dark(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.classList.contains('dark')"))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{self.page.url}: {message.text}")


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path, args=_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def theme(request: pytest.FixtureRequest) -> str:
    """Return `light`, or what the test asks for: `@pytest.mark.parametrize("theme", [...], indirect=True)`."""
    return str(getattr(request, "param", "light"))


@pytest.fixture
def persons(browser: Browser, live_server: LiveServer, theme: str) -> Iterator[list[Person]]:
    """Two people at two computers. Nothing they do may leave an error or a CSP violation on a console."""
    contexts = [browser.new_context(color_scheme=theme, viewport={"width": 1366, "height": 900}) for _ in range(2)]  # type: ignore[arg-type]
    people = [Person(context.new_page(), live_server.url) for context in contexts]
    yield people
    complaints = [complaint for person in people for complaint in person.complaints]
    for context in contexts:
        context.close()
    assert complaints == []
