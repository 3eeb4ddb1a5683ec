"""Reading payloads: what came in, made canonical, so that the same wish is the same payload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from accounts.models import Account
from bankops.core import ids, texts
from bankops.core.money import Money
from partners.models import Partner
from transactions import errors
from transactions.models import Transaction

Payload = Mapping[str, Any]


def text(payload: Payload, field: str) -> str:
    """Return a field's text without space around it.

    :raises FieldMissing: when it is empty, not there, or no text.
    """
    value = payload.get(field)
    if not isinstance(value, str) or not value.strip():
        raise errors.FieldMissing(field=field)
    return value.strip()


def words(payload: Payload, field: str) -> str:
    """Return the text of a field that may be empty, without space around it.

    :raises FieldMissing: when it is there and no text.
    :raises TextTooLong, UnstorableText: when the transaction's column of this name cannot hold it.
    """
    value = payload.get(field, "")
    if not isinstance(value, str):
        raise errors.FieldMissing(field=field)
    texts.check_fits(Transaction, **{field: value.strip()})
    return value.strip()


def public_id(payload: Payload, field: str, prefix: str) -> str:
    """Return the id in a field as we write it.

    :raises FieldMissing: when it is not there.
    :raises InvalidId: when it is none of this kind.
    """
    return ids.encode(prefix, ids.decode(prefix, text(payload, field)))


def partner_in(payload: Payload) -> dict[str, str]:
    """Return the partner that orders, as we write it: `{"partner": "ptn_…"}`, or nothing where the bank's people order.

    :raises InvalidId: when it is no partner's id.
    """
    return {"partner": public_id(payload, "partner", Partner.ID_PREFIX)} if "partner" in payload else {}


def genuine_in(payload: Payload) -> dict[str, bool]:
    """Return `{"genuine": True}` where the maker says that it is no duplicate; the order says why. Partners say so later."""
    return {"genuine": True} if payload.get("genuine") is True and "partner" not in payload else {}


def partner_pk(payload: Payload) -> UUID | None:
    """Return the key of the partner that a clean payload names, or None."""
    return ids.decode(Partner.ID_PREFIX, payload["partner"]) if "partner" in payload else None


def amount(payload: Payload) -> dict[str, str]:
    """Return amount and currency as we write them: `{"amount": "1250.00", "currency": "CNY"}`.

    :raises FieldMissing: when one is not there.
    :raises InvalidAmount, AmountTooPrecise, AmountTooLarge, UnknownCurrency: when they are not an amount.
    :raises AmountNotPositive: when it is zero or less.
    """
    money = Money.parse(text(payload, "amount"), text(payload, "currency").upper())
    if money.minor <= 0:
        raise errors.AmountNotPositive
    return {"amount": str(money), "currency": money.currency}


def money_of(payload: Payload) -> Money:
    """Return the amount of a clean payload."""
    return Money.parse(payload["amount"], payload["currency"])


def account_pk(payload: Payload, field: str) -> UUID:
    """Return the key of the account that a clean payload names."""
    return ids.decode(Account.ID_PREFIX, payload[field])


def customer_accounts(payload: Payload, *fields: str) -> list[Account]:
    """Return the customers' accounts that these fields of a clean payload name, in their order, as they are now.

    With balance, customer and branch; one query.

    :raises UnknownAccount: when there is none.
    :raises NotACustomerAccount: when it is the bank's own.
    """
    wanted = [account_pk(payload, field) for field in fields]
    return customers_among(
        Account.objects.select_related("balance", "customer", "branch").in_bulk(wanted), payload, *fields
    )


def customers_among(found: Mapping[UUID, Account], payload: Payload, *fields: str) -> list[Account]:
    """Return those of the accounts that these fields of a clean payload name, in their order.

    :raises UnknownAccount, NotACustomerAccount: as `customer_accounts`.
    """
    wanted = [account_pk(payload, field) for field in fields]
    for field, pk in zip(fields, wanted, strict=True):
        if pk not in found:
            raise errors.UnknownAccount(account=payload[field])
        if not found[pk].is_customer_account:
            raise errors.NotACustomerAccount(account=found[pk].number)
    return [found[pk] for pk in wanted]
