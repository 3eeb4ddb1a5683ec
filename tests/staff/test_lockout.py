"""Five failures and the door stays shut, whatever was guessed at and whoever it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.http import HttpResponse

from bankops.core import clock
from bankops.core.models import AuditEvent
from staff.models import OneTimeCodeDevice, User
from staff.services import unlock_user
from tests.committed import at_once
from tests.personas import PASSWORD, code_of
from tests.staff.conftest import Browser


def count(event: str) -> int:
    return AuditEvent.objects.filter(event_type=f"staff.user.{event}").count()


def guess_passwords(browser: Browser, number: str, times: int) -> HttpResponse:
    for _ in range(times - 1):
        browser.enter_password(number, "wrong")
    return browser.enter_password(number, "wrong")


@pytest.mark.parametrize("number", ["T1001", "T9999"])
def test_five_wrong_passwords_lock_a_number_whether_somebody_has_it_or_not(
    browser: Browser, teller: User, number: str
) -> None:
    assert guess_passwords(browser, number, 4).status_code == 200
    response = browser.enter_password(number, "wrong")
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "900"
    page = response.content.decode()
    assert "locked" in page
    assert "administrator" in page
    assert (count("sign_in_failed"), count("locked_out")) == (5, 1)


def test_the_right_password_does_not_open_a_locked_sign_in(
    browser: Browser, other_browser: Browser, teller: User
) -> None:
    guess_passwords(browser, "T1001", 5)
    assert other_browser.enter_password("t1001").status_code == 429
    assert count("locked_out") == 1
    assert AuditEvent.objects.latest("id").detail["why"] == "locked"


def test_wrong_codes_count_and_entering_the_password_again_wins_no_new_guesses(browser: Browser, teller: User) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        for attempt in range(1, 6):
            browser.enter_password("T1001")
            now.shift(timedelta(seconds=20))
            response = browser.enter_code(wrong_code(teller))
            assert response.status_code == (429 if attempt == 5 else 422)
        assert browser.enter_password("T1001").status_code == 429
        assert not browser.is_in()


def wrong_code(user: User) -> str:
    now = clock.now()
    near = {code_of(user, now + timedelta(seconds=30 * steps)) for steps in (-1, 0, 1)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in near)


def test_wrong_passwords_and_wrong_codes_add_up(browser: Browser, teller: User) -> None:
    guess_passwords(browser, "T1001", 4)
    browser.enter_password("T1001")
    assert browser.enter_code(wrong_code(teller)).status_code == 429


def test_wrong_recovery_codes_count_too(browser: Browser, teller: User) -> None:
    guess_passwords(browser, "T1001", 4)
    browser.enter_password("T1001")
    assert browser.enter_recovery_code("aaaaa-aaaaa").status_code == 429


def test_a_finished_sign_in_forgets_the_failures_before_it(browser: Browser, teller: User) -> None:
    guess_passwords(browser, "T1001", 4)
    browser.sign_in(teller)
    assert browser.is_in()
    browser.post("/sign-out/")
    assert guess_passwords(browser, "T1001", 4).status_code == 200


def test_after_a_quarter_of_an_hour_one_can_try_again(browser: Browser, teller: User) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        guess_passwords(browser, "T1001", 5)
        now.shift(timedelta(minutes=14))
        assert browser.enter_password("T1001").status_code == 429
        now.shift(timedelta(minutes=2))
        assert browser.enter_password("T1001").status_code == 302


def test_an_administrator_unlocks_at_once(browser: Browser, teller: User, administrator: User) -> None:
    guess_passwords(browser, "T1001", 5)
    unlock_user(user=teller, actor=administrator.as_actor(), reason="Called, was them", now=clock.now())
    browser.sign_in(teller)
    assert browser.is_in()
    event = AuditEvent.objects.get(event_type="staff.user.unlocked")
    assert event.detail == {"failed_attempts": 1}  # one row of attempts, with five failures in it


def test_unlocking_does_not_end_the_wait_after_wrong_codes(browser: Browser, teller: User, administrator: User) -> None:
    """Otherwise an administrator who knows a password, unlocking again and again, could guess the codes."""
    browser.enter_password("T1001")
    browser.enter_code(wrong_code(teller))
    before = OneTimeCodeDevice.objects.get(user=teller)
    unlock_user(user=teller, actor=administrator.as_actor(), reason="Called, was them", now=clock.now())
    after = OneTimeCodeDevice.objects.get(user=teller)
    assert (after.failure_count, after.failed_at) == (1, before.failed_at)
    assert not AccessAttempt.objects.exists()


def test_the_attempt_log_keeps_no_password_and_no_code(browser: Browser, teller: User) -> None:
    browser.enter_password("T1001", "my-wrong-password")
    browser.enter_password("T1001")
    code = wrong_code(teller)
    browser.enter_code(code)
    kept = " ".join(AccessAttempt.objects.values_list("post_data", flat=True))
    assert "my-wrong-password" not in kept
    assert f"code={code}" not in kept


def test_guessing_the_present_password_on_the_change_page_locks_too(browser: Browser, teller: User) -> None:
    browser.sign_in(teller)
    form = {"present": "wrong", "new": "a wholly new password", "again": "a wholly new password"}
    statuses = [browser.post("/my-sign-in/password/", form).status_code for _ in range(6)]
    assert statuses == [200, 200, 200, 200, 429, 429]
    assert (count("sign_in_failed"), count("locked_out")) == (5, 1)
    assert AuditEvent.objects.filter(detail__why="wrong_password", subject_id=teller.public_id).count() == 5


def test_the_attempt_log_keeps_nothing_of_a_refused_change_of_password(browser: Browser, teller: User) -> None:
    browser.sign_in(teller)
    form = {"present": "almost-my-password", "new": "my-next-password", "again": "my-next-passwort"}
    browser.post("/my-sign-in/password/", {**form, "again": form["new"]})
    kept = AccessAttempt.objects.get().post_data
    assert not any(typed in kept for typed in form.values())


def test_guesses_sent_all_at_once_are_counted_one_by_one(committed_db: None, teller: User) -> None:
    guesses = [f"guess {number}" for number in range(11)]
    answers = at_once(*[lambda guess=guess: Browser().enter_password("T1001", guess).status_code for guess in guesses])
    assert sorted(map(str, answers)) == ["200"] * 4 + ["429"] * 7
    tried = list(
        AuditEvent.objects.filter(event_type="staff.user.sign_in_failed").values_list("detail__why", flat=True)
    )
    assert (tried.count("wrong_password"), tried.count("locked"), count("locked_out")) == (5, 6, 1)
    assert Browser().enter_password("T1001", PASSWORD).status_code == 429
