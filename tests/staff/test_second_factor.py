"""The second factor through its services: used once, by one, within a minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from bankops.core import encryption
from bankops.core.models import AuditEvent
from staff.errors import CodeAlreadyUsed, CodeRefused, NoSecondFactor, SecondFactorExists, TooManyWrongCodes
from staff.models import OneTimeCodeDevice, User
from staff.one_time_codes import code_at
from staff.services import begin_enrolment, confirm_enrolment, reset_second_factor, verify_code
from staff.services.second_factor import secret_of
from tests.committed import at_once
from tests.personas import code_of

pytestmark = pytest.mark.usefixtures("consented")

NOON = datetime(2026, 3, 2, 12, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)


def wrong(user: User) -> str:
    """Return six digits that are no code of this minute or the next."""
    near = {code_of(user, NOON + STEP * steps) for steps in range(-2, 5)}
    return next(code for code in (f"{number:06}" for number in range(20)) if code not in near)


def test_a_code_is_good_once(teller: User) -> None:
    code = code_of(teller, NOON)
    verify_code(user=teller, code=code, now=NOON)
    with pytest.raises(CodeAlreadyUsed) as refusal:
        verify_code(user=teller, code=code, now=NOON)
    assert refusal.value.code == "code_already_used"


def test_an_older_code_is_refused_after_a_newer_one(teller: User) -> None:
    verify_code(user=teller, code=code_of(teller, NOON), now=NOON)
    with pytest.raises(CodeAlreadyUsed):
        verify_code(user=teller, code=code_of(teller, NOON - STEP), now=NOON)
    verify_code(user=teller, code=code_of(teller, NOON + STEP), now=NOON)


def test_a_code_of_two_steps_ago_is_refused(teller: User) -> None:
    with pytest.raises(CodeRefused):
        verify_code(user=teller, code=code_of(teller, NOON - 2 * STEP), now=NOON)


def test_spaces_as_apps_show_them_do_not_matter(teller: User) -> None:
    code = code_of(teller, NOON)
    verify_code(user=teller, code=f"{code[:3]} {code[3:]}", now=NOON)


def test_wrong_codes_make_wait_twice_as_long_each_time_and_a_right_one_does_not_help_before(teller: User) -> None:
    now = NOON
    for wait in (1, 2, 4):
        with pytest.raises(CodeRefused):
            verify_code(user=teller, code=wrong(teller), now=now)
        with pytest.raises(TooManyWrongCodes) as refusal:
            verify_code(user=teller, code=code_of(teller, now), now=now)
        assert refusal.value.context["seconds"] == wait + 1
        now += timedelta(seconds=wait)
    verify_code(user=teller, code=code_of(teller, now), now=now)
    assert OneTimeCodeDevice.objects.get(user=teller).failure_count == 0


def test_a_refusal_is_kept_although_it_is_raised(teller: User) -> None:
    with pytest.raises(CodeRefused):
        verify_code(user=teller, code=wrong(teller), now=NOON)
    assert OneTimeCodeDevice.objects.get(user=teller).failure_count == 1


def test_codes_are_not_checked_inside_a_transaction_that_could_forget_the_failure(
    committed_db: None, teller: User
) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        verify_code(user=teller, code=wrong(teller), now=NOON)


def test_of_two_sessions_with_one_code_exactly_one_wins(committed_db: None, teller: User) -> None:
    code = code_of(teller, NOON)
    results = at_once(*[lambda: verify_code(user=teller, code=code, now=NOON)] * 4)
    assert sorted(type(result).__name__ for result in results) == ["CodeAlreadyUsed"] * 3 + ["OneTimeCodeDevice"]


def test_without_the_lock_two_sessions_would_both_win(
    committed_db: None, teller: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin of the test above: what the lock is for."""
    from threading import Barrier

    both_have_read = Barrier(2)

    def read_without_lock(user: User) -> OneTimeCodeDevice:
        device = OneTimeCodeDevice.objects.get(user=user)
        both_have_read.wait(timeout=60)
        return device

    monkeypatch.setattr("staff.locks.lock_device", read_without_lock)
    code = code_of(teller, NOON)
    results = at_once(*[lambda: verify_code(user=teller, code=code, now=NOON)] * 2)
    assert [type(result).__name__ for result in results] == ["OneTimeCodeDevice"] * 2


def test_parallel_wrong_guesses_win_one_guess_only(committed_db: None, teller: User) -> None:
    guess = wrong(teller)
    results = at_once(*[lambda: verify_code(user=teller, code=guess, now=NOON)] * 5)
    assert sorted(type(result).__name__ for result in results) == ["CodeRefused"] + ["TooManyWrongCodes"] * 4


def test_the_secret_at_rest_is_neither_in_clear_nor_good_in_another_row(teller: User, operator: User) -> None:
    device = OneTimeCodeDevice.objects.get(user=teller)
    secret = secret_of(device)
    assert len(secret) == 20
    assert secret not in bytes(device.encrypted_secret)
    OneTimeCodeDevice.objects.filter(user=operator).update(encrypted_secret=device.encrypted_secret)
    with pytest.raises(encryption.CannotDecrypt):
        verify_code(user=operator, code=code_at(secret, NOON), now=NOON)


def test_showing_the_enrolment_page_twice_shows_one_secret(outsider: User) -> None:
    outsider.one_time_code_device.delete()
    first = begin_enrolment(user=outsider)
    assert secret_of(begin_enrolment(user=outsider, shown=first.pk)) == secret_of(first)
    assert secret_of(begin_enrolment(user=outsider)) != secret_of(first)


def test_enrolment_needs_a_right_code_and_then_is_closed(outsider: User) -> None:
    outsider.one_time_code_device.delete()
    with pytest.raises(NoSecondFactor):
        confirm_enrolment(user=outsider, code="000000", now=NOON)
    secret = secret_of(begin_enrolment(user=outsider))
    with pytest.raises(NoSecondFactor):
        verify_code(user=outsider, code=code_at(secret, NOON), now=NOON)
    confirm_enrolment(user=outsider, code=code_at(secret, NOON), now=NOON)
    with pytest.raises(SecondFactorExists):
        begin_enrolment(user=outsider)
    with pytest.raises(SecondFactorExists):
        confirm_enrolment(user=outsider, code=code_at(secret, NOON + STEP), now=NOON)
    with pytest.raises(CodeAlreadyUsed):
        verify_code(user=outsider, code=code_at(secret, NOON), now=NOON)
    assert AuditEvent.objects.get().event_type == "staff.user.second_factor_set_up"


def test_a_reset_takes_phone_and_recovery_codes_away(teller: User, administrator: User) -> None:
    reset_second_factor(user=teller, actor=administrator.as_actor(), reason="Lost phone", now=NOON)
    assert not OneTimeCodeDevice.objects.filter(user=teller).exists()
    event = AuditEvent.objects.get()
    assert (event.event_type, event.reason) == ("staff.user.second_factor_reset", "Lost phone")
    with pytest.raises(NoSecondFactor):
        reset_second_factor(user=teller, actor=administrator.as_actor(), reason="Again", now=NOON)
