"""The first sign-in: an own password, an authenticator app, recovery codes; only then the work."""

from __future__ import annotations

import re
from base64 import b32decode

import pytest

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent
from staff.models import OneTimeCodeDevice, RecoveryCode, User
from staff.one_time_codes import code_at
from staff.roles import Role
from staff.services import Hired, hire_user, reset_second_factor
from staff.services.second_factor import secret_of
from tests.staff.conftest import Browser

pytestmark = pytest.mark.usefixtures("consented")

NEW = {"new": "a wholly new password", "again": "a wholly new password"}


@pytest.fixture
def newcomer(administrator: User) -> Hired:
    return hire_user(
        employee_number="T2000",
        full_name="Xin Ren",
        branch=administrator.branch,
        roles=[Role.TELLER],
        actor=Actor.system("test"),
        reason="New teller",
        now=clock.now(),
    )


def secret_on(page: str) -> bytes:
    shown = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    assert shown
    return b32decode(shown[1].replace(" ", ""))


def test_from_temporary_password_to_work(browser: Browser, newcomer: Hired) -> None:
    assert browser.enter_password("T2000", newcomer.temporary_password).headers["Location"] == "/sign-in/password/"
    assert "Xin Ren" in browser.get("/sign-in/password/").content.decode()
    assert browser.post("/sign-in/password/", NEW).headers["Location"] == "/sign-in/set-up/"

    page = browser.get("/sign-in/set-up/").content.decode()
    assert 'src="data:image/svg+xml' in page
    response = browser.post("/sign-in/set-up/", {"code": code_at(secret_on(page), clock.now())})
    codes = re.findall(r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>", response.content.decode())
    assert len(codes) == 10
    assert not browser.is_in()

    refused = browser.post("/sign-in/recovery-codes/", {})
    assert "Store the codes first" in refused.content.decode()
    assert not any(code in refused.content.decode() for code in codes)
    assert browser.post("/sign-in/recovery-codes/", {"stored": "on"}).headers["Location"] == "/admin/"
    assert browser.is_in()
    recorded = list(AuditEvent.objects.order_by("id").values_list("event_type", flat=True))
    assert recorded == [
        "staff.user.hired",
        "staff.user.role_granted",
        "staff.user.password_changed",
        "staff.user.second_factor_set_up",
        "staff.user.recovery_codes_made",
        "staff.user.signed_in",
    ]


@pytest.mark.parametrize(
    ("new", "again", "says"),
    [
        ("short", "short", "too short"),
        ("a wholly new password", "another one altogether", "not the same"),
        ("123456789012", "123456789012", "numeric"),
    ],
)
def test_a_weak_or_mistyped_password_is_refused(
    browser: Browser, newcomer: Hired, new: str, again: str, says: str
) -> None:
    browser.enter_password("T2000", newcomer.temporary_password)
    page = browser.post("/sign-in/password/", {"new": new, "again": again}).content.decode()
    assert says in page
    assert User.objects.get(employee_number="T2000").must_change_password


def test_the_temporary_password_is_not_replaced_by_itself(browser: Browser, newcomer: Hired) -> None:
    same = {"new": newcomer.temporary_password, "again": newcomer.temporary_password}
    browser.enter_password("T2000", newcomer.temporary_password)
    assert "same as before" in browser.post("/sign-in/password/", same).content.decode()


def test_a_wrong_code_confirms_nothing(browser: Browser, newcomer: Hired) -> None:
    browser.enter_password("T2000", newcomer.temporary_password)
    browser.post("/sign-in/password/", NEW)
    page = browser.get("/sign-in/set-up/").content.decode()
    response = browser.post("/sign-in/set-up/", {"code": "12345"})
    assert "six digits" in response.content.decode()
    wrong = f"{(int(code_at(secret_on(page), clock.now())) + 1) % 1_000_000:06}"
    assert "not right" in browser.post("/sign-in/set-up/", {"code": wrong}).content.decode()
    assert not OneTimeCodeDevice.objects.get(user=newcomer.user).confirmed
    assert not RecoveryCode.objects.exists()


def test_whoever_saw_the_qr_code_and_left_does_not_share_the_owners_phone(
    browser: Browser, other_browser: Browser, teller: User, administrator: User
) -> None:
    """Somebody who knows the password of a person without a phone signs in first, and stops at the QR code."""
    reset_second_factor(user=teller, actor=administrator.as_actor(), reason="Lost phone", now=clock.now())
    pages = []
    for each in (other_browser, browser):
        each.enter_password("T1001")
        pages.append(each.get("/sign-in/set-up/").content.decode())
    seen, own = map(secret_on, pages)
    assert own != seen
    assert secret_on(browser.get("/sign-in/set-up/").content.decode()) == own, "a reload shows the same"
    browser.post("/sign-in/set-up/", {"code": code_at(own, clock.now())})
    assert secret_of(OneTimeCodeDevice.objects.get(user=teller, confirmed=True)) == own
    assert other_browser.get("/sign-in/set-up/").headers["Location"] == "/sign-in/code/"
    assert other_browser.enter_code(code_at(seen, clock.now())).status_code == 422


def test_whoever_lost_the_page_with_the_codes_gets_new_ones_at_the_next_sign_in(
    browser: Browser, other_browser: Browser, newcomer: Hired
) -> None:
    browser.enter_password("T2000", newcomer.temporary_password)
    browser.post("/sign-in/password/", NEW)
    secret = secret_on(browser.get("/sign-in/set-up/").content.decode())
    browser.post("/sign-in/set-up/", {"code": code_at(secret, clock.now())})
    old = set(RecoveryCode.objects.values_list("digest", flat=True))

    device = OneTimeCodeDevice.objects.get(user=newcomer.user)
    device.last_step -= 2  # half a minute later
    device.save()
    other_browser.enter_password("T2000", NEW["new"])
    assert (
        other_browser.enter_code(code_at(secret_of(device), clock.now())).headers["Location"]
        == "/sign-in/recovery-codes/"
    )
    page = other_browser.post("/sign-in/recovery-codes/", {"make": "1"}).content.decode()
    assert len(re.findall(r"<li>[a-z2-9]{5}-[a-z2-9]{5}</li>", page)) == 10
    assert not old & set(RecoveryCode.objects.values_list("digest", flat=True))
    other_browser.post("/sign-in/recovery-codes/", {"stored": "on"})
    assert other_browser.is_in()


def test_somebody_with_a_phone_and_a_reset_password_shows_the_code_before_changing_it(
    browser: Browser, teller: User, administrator: User
) -> None:
    from staff.services import reset_password
    from tests.personas import code_of

    password = reset_password(user=teller, actor=administrator.as_actor(), reason="Forgotten", now=clock.now())
    assert browser.enter_password("T1001", password).headers["Location"] == "/sign-in/code/"
    assert browser.get("/sign-in/password/").headers["Location"] == "/sign-in/code/"
    assert browser.enter_code(code_of(teller)).headers["Location"] == "/sign-in/password/"
    assert browser.post("/sign-in/password/", NEW).headers["Location"] == "/admin/"
    assert browser.is_in()
