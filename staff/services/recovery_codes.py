"""Recovery codes: ten, each good once, kept only as keyed hashes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bankops.core import audit, encryption
from bankops.core.errors import BankOpsError
from staff import events, locks
from staff.errors import NoSecondFactor, RecoveryCodeRefused
from staff.models import OneTimeCodeDevice, RecoveryCode, User
from staff.passwords import random_text
from staff.services.second_factor import count_wrong_code, refuse_while_waiting

HOW_MANY = 10
_GROUP = 5  # a code is two groups of five: 49 bits, far beyond guessing at the rate a locked-out sign-in allows


@transaction.atomic
def make_recovery_codes(*, user: User, now: datetime) -> list[str]:
    """Replace the person's recovery codes by ten new ones and return them, to be shown once.

    They count as not stored until `mark_recovery_codes_stored`. Writes `staff.user.recovery_codes_made`.

    :raises NoSecondFactor: without a second factor in use.
    """
    device = _locked(user)
    user.recovery_codes.all().delete()
    codes = [f"{random_text(_GROUP)}-{random_text(_GROUP)}" for _ in range(HOW_MANY)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=encryption.fingerprint(_plain(code), context=_context(user)), created_at=now)
        for code in codes
    )
    device.recovery_codes_stored_at = None
    device.save(update_fields=["recovery_codes_stored_at"])
    audit.record(events.RECOVERY_CODES_MADE, actor=user.as_actor(), subject=events.about(user), now=now)
    return codes


@transaction.atomic
def mark_recovery_codes_stored(*, user: User, now: datetime) -> OneTimeCodeDevice:
    """Remember that the person says to have put the codes away."""
    device = _locked(user)
    device.recovery_codes_stored_at = now
    device.save(update_fields=["recovery_codes_stored_at"])
    return device


def use_recovery_code(*, user: User, code: str, now: datetime) -> OneTimeCodeDevice:
    """Use up a recovery code in place of a one-time code and return the device it stands for.

    Writes `staff.user.recovery_code_used`. Not to be called inside a transaction, like `verify_code`.

    :raises RecoveryCodeRefused: when it is wrong or used. Also `NoSecondFactor`, `TooManyWrongCodes`.
    """
    with transaction.atomic(durable=True):
        device = _locked(user)
        refusal = refuse_while_waiting(device, now) or _use(device, code, now)
    if refusal:
        raise refusal
    return device


def codes_left(user: User) -> int:
    """Return how many unused recovery codes somebody has."""
    return user.recovery_codes.filter(used_at__isnull=True).count()


def _use(device: OneTimeCodeDevice, code: str, now: datetime) -> BankOpsError | None:
    user = device.user
    digests = encryption.fingerprints(_plain(code), context=_context(user))
    found = RecoveryCode.objects.select_for_update().filter(user=user, digest__in=digests, used_at__isnull=True).first()
    if found is None:
        count_wrong_code(device, now)
        return RecoveryCodeRefused()
    found.used_at = now
    found.save(update_fields=["used_at"])
    device.failure_count, device.failed_at = 0, None
    device.save(update_fields=["failure_count", "failed_at"])
    detail = {"codes_left": codes_left(user)}
    audit.record(events.RECOVERY_CODE_USED, actor=user.as_actor(), subject=events.about(user), now=now, detail=detail)
    return None


def _locked(user: User) -> OneTimeCodeDevice:
    device = locks.lock_device(user)
    if device is None or not device.confirmed:
        raise NoSecondFactor(name=user.full_name)
    return device


def _plain(code: str) -> str:
    """Return the code without what people add or change when they copy it."""
    return "".join(code.lower().split()).replace("-", "")


def _context(user: User) -> str:
    return f"staff.recovery_code:{user.public_id}"
