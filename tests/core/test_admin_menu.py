"""The frame around every page: a menu of what this person may open, and nothing that is worked out and not shown."""

from __future__ import annotations

import re
from typing import Any, NoReturn

import pytest
from django.contrib.admin import AdminSite
from django.test import Client
from unfold.settings import get_config
from unfold.utils import convert_color

from staff.models import User
from tests.architecture.source import ROOT
from tests.personas import SignIn

ENTRY = re.compile(r'<li>\s*<a href="(/admin/[^"]*)" class="([^"]*)"')


def entries(client: Client, page: str) -> dict[str, bool]:
    """Return the links of the menu on a page: whether each is marked as the place one is at."""
    menu = client.get(page).content.decode().partition('id="nav-sidebar-apps"')[2].partition("</nav>")[0]
    return {link: words.endswith(" active") for link, words in ENTRY.findall(menu)}


def declared() -> list[dict[str, Any]]:
    return [item for group in get_config()["SIDEBAR"]["navigation"] for item in group["items"]]


@pytest.mark.parametrize("who", ["teller", "administrator", "outsider"])
def test_it_has_what_somebody_may_open_and_no_more(
    signed_in_client: SignIn, who: str, request: pytest.FixtureRequest
) -> None:
    client = signed_in_client(request.getfixturevalue(who))
    shown = entries(client, "/admin/")
    opened = {str(item["link"]) for item in declared() if client.get(str(item["link"])).status_code == 200}
    assert shown == dict.fromkeys(opened, False)
    assert 0 < len(shown) < len(declared())


def test_groups_with_nothing_in_them_are_not_shown(signed_in_client: SignIn, outsider: User) -> None:
    (group,) = re.findall(
        r"<h2[^>]*select-none[^>]*>(.*?)</h2>", signed_in_client(outsider).get("/admin/").content.decode()
    )
    assert group == "Approvals"  # with the notices, which everybody may have


@pytest.mark.parametrize(
    ("page", "at"),
    [
        ("/admin/accounts/account/", "/admin/accounts/account/"),
        ("/admin/accounts/account/?q=Li", "/admin/accounts/account/"),
        ("/admin/transactions/journalentry/trial_balance/", "/admin/transactions/journalentry/trial_balance/"),
    ],
)
def test_it_marks_where_one_is(signed_in_client: SignIn, finance: User, page: str, at: str) -> None:
    assert [link for link, active in entries(signed_in_client(finance), page).items() if active] == [at]


def test_no_page_works_out_the_list_of_all_apps(
    signed_in_client: SignIn, auditor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in_client(auditor)
    assert b"/admin/staff/user/" in client.get("/admin/staff/").content  # an app's own page has its list

    def asked(*_anything: object) -> NoReturn:
        raise AssertionError("somebody looks at every app's list")

    monkeypatch.setattr(AdminSite, "_build_app_dict", asked)
    for page in ("/admin/", "/admin/staff/user/", f"/admin/staff/user/{auditor.pk}/change/", "/admin/search/?q=x"):
        assert client.get(page).status_code == 200, page


def test_the_themes_colours_come_from_a_file_and_are_its_own(signed_in_client: SignIn, outsider: User) -> None:
    page = signed_in_client(outsider).get("/admin/").content.decode()
    assert "/static/bankops/colours.css" in page
    assert "--color-base-500:" not in page
    written = dict(re.findall(r"(--[\w-]+): ([^;]+);", (ROOT / "static/bankops/colours.css").read_text()))
    assert written == {
        f"--color-{name}-{weight}": convert_color(value)
        for name, weights in get_config()["COLORS"].items()
        for weight, value in weights.items()
    }
