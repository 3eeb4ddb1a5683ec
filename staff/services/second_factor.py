"""The second factor: set it up, prove it, take it away.

Codes are checked under a lock on the device's row, so of two sessions with one code exactly one wins. A refusal must
survive (it counts), so these services open the outermost transaction themselves and raise after it has committed.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from django.db import transaction

from bankops.core import audit, encryption, operations
from bankops.core.actor import Actor
from bankops.core.errors import BankOpsError
from bankops.core.texts import require_reason
from staff import events, locks, one_time_codes, rules
from staff.errors import CodeAlreadyUsed, CodeRefused, NoSecondFactor, SecondFactorExists, TooManyWrongCodes
from staff.models import OneTimeCodeDevice, User

_LONGEST_WAIT = timedelta(minutes=15)


@transaction.atomic
def begin_enrolment(*, user: User, shown: int = 0) -> OneTimeCodeDevice:
    """Return the person's unconfirmed device: the one this sign-in was `shown` already, or else a new one.

    A secret that another sign-in saw is thrown away. Whoever knows the password could otherwise look at the QR code,
    leave, and from then on show the same codes as the owner, who finishes later.

    :raises SecondFactorExists: when a confirmed one is in use.
    """
    locks.lock_user(user)
    device = locks.lock_device(user)
    if device and device.confirmed:
        raise SecondFactorExists
    if device and device.pk == shown:
        return device
    if device:
        device.delete()
    sealed = encryption.encrypt(os.urandom(one_time_codes.SECRET_BYTES), context=_context(user))
    return OneTimeCodeDevice.objects.create(user=user, name="app", confirmed=False, encrypted_secret=sealed)


def confirm_enrolment(*, user: User, code: str, now: datetime) -> OneTimeCodeDevice:
    """Put the device into use when its owner enters a right code. Writes `staff.user.second_factor_set_up`.

    :raises NoSecondFactor: before `begin_enrolment`.
    :raises SecondFactorExists: when it is in use already.
    :raises CodeRefused: for a wrong code. Also `CodeAlreadyUsed`, `TooManyWrongCodes`.
    """
    with transaction.atomic(durable=True):
        device = _locked(user)
        if device.confirmed:
            raise SecondFactorExists
        refusal = _check(device, code, now)
        if refusal is None:
            device.confirmed, device.confirmed_at = True, now
            device.save(update_fields=["confirmed", "confirmed_at"])
            audit.record(events.SECOND_FACTOR_SET_UP, actor=user.as_actor(), subject=events.about(user), now=now)
    if refusal:
        raise refusal
    return device


def verify_code(*, user: User, code: str, now: datetime) -> OneTimeCodeDevice:
    """Use up a one-time code and return the device that showed it. Not to be called inside a transaction.

    :raises NoSecondFactor: when none is in use.
    :raises CodeRefused: for a code that is wrong or more than one step old.
    :raises CodeAlreadyUsed: for one that this or any other session used, or an older one.
    :raises TooManyWrongCodes: while waiting; the wait doubles with every wrong code.
    """
    with transaction.atomic(durable=True):
        device = _locked(user)
        if not device.confirmed:
            raise NoSecondFactor(name=user.full_name)
        refusal = _check(device, code, now)
    if refusal:
        raise refusal
    return device


@operations.only_through_gate("staff.reset_second_factor")
@transaction.atomic
def reset_second_factor(*, user: User, actor: Actor, reason: str, now: datetime) -> User:
    """Take away a lost phone: the next sign-in, with the password, sets up a new one. Ends the person's sessions.

    Recovery codes go with it. Writes `staff.user.second_factor_reset`.

    :raises ConsentRequired: outside the gate.
    :raises CannotChangeOwnRights: for oneself.
    :raises NoSecondFactor: when there is none.
    """
    reason = require_reason(reason)
    rules.refuse_own(actor, user)
    user = locks.lock_user(user)
    _locked(user).delete()
    user.recovery_codes.all().delete()
    user.session_epoch += 1
    user._change_reason = reason[:100]  # type: ignore[attr-defined]
    user.save(update_fields=["session_epoch"])
    audit.record(events.SECOND_FACTOR_RESET, actor=actor, subject=events.about(user), now=now, reason=reason)
    return user


def secret_of(device: OneTimeCodeDevice) -> bytes:
    """Return the device's secret in clear, for the enrolment page and for checking codes."""
    return encryption.decrypt(bytes(device.encrypted_secret), context=_context(device.user))


def refuse_while_waiting(device: OneTimeCodeDevice, now: datetime) -> BankOpsError | None:
    """Return the refusal for somebody who has to wait after wrong codes, or None."""
    if not device.failure_count or device.failed_at is None:
        return None
    wait = min(timedelta(seconds=2 ** min(device.failure_count - 1, 20)), _LONGEST_WAIT)
    left = device.failed_at + wait - now
    return TooManyWrongCodes(seconds=int(left.total_seconds()) + 1) if left > timedelta(0) else None


def count_wrong_code(device: OneTimeCodeDevice, now: datetime) -> None:
    """Remember a wrong code; the caller holds the device's row."""
    device.failure_count, device.failed_at = device.failure_count + 1, now
    device.save(update_fields=["failure_count", "failed_at"])


def _check(device: OneTimeCodeDevice, code: str, now: datetime) -> BankOpsError | None:
    """Use the code up, or count it as wrong and return the refusal."""
    if waiting := refuse_while_waiting(device, now):
        return waiting
    step = one_time_codes.matching_step(secret_of(device), code.replace(" ", ""), now)
    if step is None:
        count_wrong_code(device, now)
        return CodeRefused()
    if step <= device.last_step:
        return CodeAlreadyUsed()
    device.last_step, device.failure_count, device.failed_at = step, 0, None
    device.save(update_fields=["last_step", "failure_count", "failed_at"])
    return None


def _locked(user: User) -> OneTimeCodeDevice:
    device = locks.lock_device(user)
    if device is None:
        raise NoSecondFactor(name=user.full_name)
    device.user = user  # its secret is read next, and belongs to them
    return device


def _context(user: User) -> str:
    return OneTimeCodeDevice.secret_context(user.pk)
