"""Signing in: password, then code; nobody is in before both."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.http import HttpResponse
from django.test import Client

from bankops.core import clock
from bankops.core.models import AuditEvent
from staff.models import OneTimeCodeDevice, RecoveryCode, User
from staff.services import disable_user, make_recovery_codes, mark_recovery_codes_stored
from tests.personas import PASSWORD, code_of
from tests.staff.conftest import Browser

pytestmark = pytest.mark.usefixtures("consented")

NOT_RIGHT = "Employee number or password is not right."


@pytest.fixture
def disabled_operator(teller: User, operator: User, administrator: User) -> User:
    return disable_user(user=operator, actor=administrator.as_actor(), reason="Left", now=clock.now())


def alerts(response: HttpResponse) -> list[str]:
    return re.findall(r'role="alert"[^>]*>\s*(.*?)\s*</div>', response.content.decode(), flags=re.DOTALL)


def events() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("event_type", flat=True))


def test_password_and_code_lead_to_the_work(browser: Browser, teller: User) -> None:
    response = browser.enter_password("t1001")
    assert (response.status_code, response.headers["Location"]) == (302, "/sign-in/code/")
    assert not browser.is_in()
    response = browser.enter_code(code_of(teller))
    assert (response.status_code, response.headers["Location"]) == (302, "/admin/")
    assert browser.is_in()
    assert events() == ["staff.user.signed_in"]
    event = AuditEvent.objects.get()
    assert (event.actor_id, event.subject_label, event.detail["method"]) == (teller.public_id, "T1001", "one_time_code")


def test_the_password_alone_signs_nobody_in(browser: Browser, teller: User) -> None:
    browser.enter_password("T1001")
    assert SESSION_KEY not in browser.session
    for address in ("/admin/", "/admin/staff/user/", "/my-sign-in/", "/my-sign-in/password/"):
        assert browser.get(address).headers["Location"].startswith("/sign-in/?next=")


def test_a_session_signed_in_without_a_code_is_not_let_into_the_admin(teller: User) -> None:
    from staff import session_clock

    client = Client()
    client.force_login(teller, backend="staff.backends.RoleBackend")
    session = client.session
    session_clock.start(session, clock.now())
    session.save()
    assert client.get("/admin/").headers["Location"] == "/sign-in/?next=%2Fadmin%2F"


def test_a_code_is_needed_at_every_sign_in(browser: Browser, teller: User) -> None:
    browser.sign_in(teller)
    browser.post("/sign-out/")
    assert browser.enter_password("T1001").headers["Location"] == "/sign-in/code/"
    assert not browser.is_in()


def test_the_session_key_changes_at_each_step(browser: Browser, teller: User) -> None:
    browser.get("/sign-in/")
    planted = browser.session
    planted["planted"] = "by somebody else"
    planted.save()
    browser.cookies["sessionid"] = str(planted.session_key)
    keys = [planted.session_key]
    browser.enter_password("T1001")
    keys.append(browser.session.session_key)
    browser.enter_code(code_of(teller))
    keys.append(browser.session.session_key)
    assert len(set(keys)) == 3
    assert "planted" not in browser.session


@pytest.mark.parametrize(
    ("number", "password", "why"),
    [
        ("T1001", "another password", "wrong_password"),
        ("T9999", PASSWORD, "unknown_user"),
        ("not a number!", PASSWORD, "unknown_user"),
        ("T1002", PASSWORD, "disabled"),
    ],
)
def test_every_failure_reads_the_same_and_is_recorded_with_its_reason(
    browser: Browser, disabled_operator: User, number: str, password: str, why: str
) -> None:
    response = browser.enter_password(number, password)
    assert response.status_code == 200
    assert alerts(response) == [NOT_RIGHT]
    event = AuditEvent.objects.latest("id")
    assert (event.event_type, event.detail["why"], event.actor_kind) == ("staff.user.sign_in_failed", why, "system")
    assert password not in str(event.__dict__)


def test_an_unknown_number_costs_a_password_hash_like_a_known_one(
    browser: Browser, disabled_operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed: list[str] = []
    plain = MD5PasswordHasher.encode

    def counting(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(salt)
        return plain(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    costs = []
    for number in ("T1001", "T9999", "T1002"):
        hashed.clear()
        browser.enter_password(number, "wrong")
        costs.append(len(hashed))
    assert costs == [1, 1, 1]


def test_what_was_typed_as_employee_number_is_not_kept(browser: Browser, db: None) -> None:
    browser.enter_password("my secret password", "x")
    event = AuditEvent.objects.get()
    assert (event.subject_id, event.subject_label) == ("unknown", "unknown")


def test_a_code_used_in_one_browser_is_refused_in_another(
    browser: Browser, other_browser: Browser, teller: User
) -> None:
    code = code_of(teller)
    browser.enter_password("T1001")
    other_browser.enter_password("T1001")
    browser.enter_code(code)
    response = other_browser.enter_code(code)
    assert response.status_code == 422
    assert "used already" in response.content.decode()
    assert browser.is_in()
    assert not other_browser.is_in()


@pytest.mark.parametrize("gap", ["", " ", "\t", "\u2003", "\u00a0"])
@pytest.mark.parametrize("zero", ["0", "０", "٠"], ids=["plain", "full-width", "arabic"])
def test_a_code_is_understood_as_keyboards_write_it(browser: Browser, teller: User, zero: str, gap: str) -> None:
    digits = "".join(chr(ord(zero) + int(digit)) for digit in code_of(teller))
    browser.enter_password("T1001")
    assert browser.enter_code(f" {digits[:3]}{gap}{digits[3:]} ").headers["Location"] == "/admin/"


def test_the_password_counts_for_five_minutes(browser: Browser, teller: User) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        browser.enter_password("T1001")
        now.shift(timedelta(minutes=5))
        response = browser.enter_code(code_of(teller))
    assert response.headers["Location"] == "/sign-in/?ended=pending"
    assert not browser.is_in()


def test_a_password_reset_ends_a_half_finished_sign_in(browser: Browser, teller: User, administrator: User) -> None:
    from staff.services import reset_password

    browser.enter_password("T1001")
    reset_password(user=teller, actor=administrator.as_actor(), reason="Forgotten", now=clock.now())
    assert browser.enter_code(code_of(teller)).headers["Location"] == "/sign-in/?ended=pending"


def test_a_step_cannot_be_jumped(browser: Browser, teller: User) -> None:
    browser.enter_password("T1001")
    for step in ("password", "set-up", "recovery-codes"):
        assert browser.get(f"/sign-in/{step}/").headers["Location"] == "/sign-in/code/"
        assert browser.post(f"/sign-in/{step}/", {"make": "1"}).headers["Location"] == "/sign-in/code/"
    assert not RecoveryCode.objects.exists()


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/admin/staff/branch/", "/admin/staff/branch/"),
        ("https://elsewhere.example/admin/", "/admin/"),
        ("//elsewhere.example/", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
        ("http:///elsewhere.example", "/admin/"),
        ("admin", "/admin/"),  # not the name of a view either
        ("?q=riverside", "/admin/"),
        ("../staff/", "/admin/"),
        ("\\\\elsewhere.example", "/admin/"),
    ],
)
def test_it_goes_on_to_pages_of_this_site_only(browser: Browser, teller: User, target: str, lands: str) -> None:
    browser.enter_password("T1001", next=target)
    assert browser.enter_code(code_of(teller)).headers["Location"] == lands


def test_a_recovery_code_stands_for_the_phone_once(browser: Browser, other_browser: Browser, teller: User) -> None:
    codes = make_recovery_codes(user=teller, now=clock.now())
    mark_recovery_codes_stored(user=teller, now=clock.now())
    browser.enter_password("T1001")
    assert browser.enter_recovery_code(f" {codes[3].upper()} ").headers["Location"] == "/admin/"
    assert browser.is_in()
    other_browser.enter_password("T1001")
    response = other_browser.enter_recovery_code(codes[3])
    assert (response.status_code, "used before" in response.content.decode()) == (422, True)
    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 1


def test_somebody_with_few_recovery_codes_left_is_told(browser: Browser, teller: User) -> None:
    codes = make_recovery_codes(user=teller, now=clock.now())
    mark_recovery_codes_stored(user=teller, now=clock.now())
    RecoveryCode.objects.filter(pk__in=RecoveryCode.objects.values("pk")[:10]).exclude(
        digest=_digest(teller, codes[0])
    ).update(used_at=clock.now())
    browser.enter_password("T1001")
    browser.enter_recovery_code(codes[0])
    assert "0 recovery codes are left" in browser.get("/admin/staff/branch/").content.decode()


def _digest(user: User, code: str) -> str:
    from bankops.core import encryption

    return encryption.fingerprint(code.replace("-", ""), context=f"staff.recovery_code:{user.public_id}")


def test_recovery_codes_are_not_stored_in_clear(teller: User) -> None:
    codes = make_recovery_codes(user=teller, now=clock.now())
    assert len(set(codes)) == 10
    stored = " ".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


def test_signing_out_is_a_post(browser: Browser, teller: User) -> None:
    browser.sign_in(teller)
    assert browser.get("/sign-out/").status_code == 405
    assert browser.get("/admin/logout/").status_code == 405
    assert browser.is_in()
    assert browser.post("/admin/logout/").headers["Location"] == "/sign-in/?ended=signed_out"
    assert not browser.is_in()
    assert events() == ["staff.user.signed_in", "staff.user.signed_out"]


def test_signing_in_and_out_need_the_forms_token(teller: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/sign-in/", {"employee_number": "T1001", "password": PASSWORD}).status_code == 403
    assert strict.post("/sign-out/").status_code == 403


def test_djangos_own_sign_in_leads_to_ours(browser: Browser, db: None) -> None:
    assert browser.get("/admin/login/?next=/admin/staff/").headers["Location"] == "/sign-in/?next=%2Fadmin%2Fstaff%2F"
    assert browser.post("/admin/login/", {"username": "x", "password": "y"}).status_code == 302
    assert browser.get("/admin/password_change/").status_code == 302


def test_pages_are_not_cached_and_carry_the_content_policy(browser: Browser, teller: User) -> None:
    response = browser.get("/sign-in/")
    assert "no-store" in response.headers["Cache-Control"]
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "<script>" not in response.content.decode()


def test_a_second_factor_taken_away_meanwhile_does_not_end_in_an_error(browser: Browser, teller: User) -> None:
    browser.enter_password("T1001")
    OneTimeCodeDevice.objects.filter(user=teller).delete()
    assert browser.get("/sign-in/code/").headers["Location"] == "/sign-in/set-up/"
