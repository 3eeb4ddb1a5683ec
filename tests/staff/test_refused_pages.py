"""Pages for whoever is not served: in the product's look, with a way on, and without repeating what was sent."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from django.test import Client

from bankops.core.errors import BankOpsError
from bankops.core.uploads import TooLargeFile
from staff.models import User
from tests.personas import PASSWORD, SignIn, code_of
from tests.staff.conftest import Browser


def token_on(page: bytes) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.decode())
    assert found
    return found[1]


def test_a_form_left_open_in_another_tab_while_signing_in_is_explained(teller: User) -> None:
    tabs = Client(enforce_csrf_checks=True)
    left_open = token_on(tabs.get("/sign-in/").content)
    form = {"employee_number": "T1001", "password": PASSWORD, "csrfmiddlewaretoken": left_open}
    step = tabs.post("/sign-in/", form)
    token = token_on(tabs.get(step.headers["Location"]).content)
    tabs.post("/sign-in/code/", {"code": code_of(teller), "csrfmiddlewaretoken": token})
    answer = tabs.post("/sign-in/", form)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "This page is out of date" in page
    assert 'href="/sign-in/"' in page
    assert PASSWORD not in page


@pytest.mark.parametrize("address", ["/nowhere/", "/admin/nowhere/", "/%3Cscript%3E"])
def test_what_is_not_there_is_said_in_words(signed_in_client: SignIn, teller: User, address: str) -> None:
    answer = signed_in_client(teller).get(address)
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "There is no such page" in page
    assert "<script>" not in page
    assert answer.headers["Content-Security-Policy"]


def test_a_stranger_learns_no_addresses(client: Client, db: None) -> None:
    assert client.get("/nowhere/").status_code == 404
    assert client.get("/admin/nowhere/").headers["Location"].startswith("/sign-in/")


def test_a_fault_of_ours_shows_nothing_of_it(browser: Browser, teller: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_fields: object) -> BankOpsError:
        raise RuntimeError("the-secret-of-the-fault")

    monkeypatch.setattr("staff.views.signing_in.verify_code", broken)
    browser.raise_request_exception = False
    browser.enter_password("T1001")
    answer = browser.enter_code(code_of(teller))
    assert answer.status_code == 500
    assert "Something went wrong" in answer.content.decode()
    assert "the-secret" not in answer.content.decode()


def test_a_big_file_is_read_past_and_not_kept(client: Client, db: None) -> None:
    file = BytesIO(bytes(8_000_000))
    file.name = "big.bin"
    answer = client.post("/sign-in/", {"employee_number": "T1001", "password": "x", "file": file})
    assert answer.status_code == 200
    # Its name and size are known, so that a door can say what is wrong; of its content nothing was kept.
    assert isinstance(answer.wsgi_request.FILES["file"], TooLargeFile)
