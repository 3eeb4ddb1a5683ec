"""Reading payloads about accounts: what came in, made canonical, so that the same wish is the same payload."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import TextChoices
from django.utils.dateparse import parse_datetime

from accounts import errors
from accounts.models import Account
from bankops.core import ids, texts

Payload = Mapping[str, Any]
C = TypeVar("C", bound=TextChoices)


def account_id(payload: Payload, field: str = "account") -> UUID:
    """Return the key of the account that a field names.

    :raises InvalidId: when it is no account's id.
    """
    return ids.decode(Account.ID_PREFIX, str(payload.get(field, "")))


def account_of(payload: Payload, field: str = "account") -> Account:
    """Return the account that a field names as it is now, with balance, customer, product and branch.

    :raises InvalidId: when it is no account's id.
    :raises AccountNotFound: when there is none.
    """
    known = Account.objects.select_related("balance", "customer", "product", "branch")
    account = known.filter(pk=account_id(payload, field)).first()
    if account is None:
        raise errors.AccountNotFound
    return account


def choice(payload: Payload, field: str, choices: type[C], default: C | None = None) -> C:
    """Return one of `choices`, or `default` where the field is empty.

    :raises UnknownChoice: when it is none, naming those there are.
    """
    value = payload.get(field) or default
    if value not in choices.values:
        raise errors.UnknownChoice(value=value, field=field, choices=", ".join(choices.values))
    return choices(value)


def words(payload: Payload, field: str) -> str:
    """Return a field's text without space around it, empty where it is not there.

    :raises UnstorableText: when it cannot be kept.
    """
    value = payload.get(field, "")
    text = value.strip() if isinstance(value, str) else ""
    texts.check_storable(text)
    return text


def moment(payload: Payload, field: str) -> str:
    """Return a point in time as we write it, in UTC, or an empty string where the field is empty.

    :raises InvalidMoment: when it is none, or says no time zone.
    """
    text = words(payload, field)
    if not text:
        return ""
    try:
        read = parse_datetime(text)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise errors.InvalidMoment(value=text)
    return read.astimezone(UTC).isoformat()


def moment_of(text: str) -> datetime | None:
    """Return the point in time that a clean payload holds, or None."""
    return datetime.fromisoformat(text) if text else None
