"""Whom a movement concerns, and the keys under which their counters are kept.

A key is a digest: it is as long for another bank's account as for one of ours, says nothing about anybody to who reads the
table, and nobody can make up a device whose counters are somebody else's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final

from risk.facts import Facts, MovementKind, Party
from risk.models import VelocityKind

SLOT = timedelta(seconds=5)
"""How exactly the counters tell time."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The beginning of the first slot."""
RECEIVED: Final = "received"
"""What came into the account that pays now: its counter as a payee."""
OTHER: Final = "other_"
"""What the token of an account at another bank begins with."""

_CASH = (MovementKind.DEPOSIT, MovementKind.WITHDRAWAL)


def slot_of(moment: datetime) -> int:
    """Return the number of the slot that a moment lies in."""
    return (moment - EPOCH) // SLOT


def identity(party: Party) -> str | None:
    """Return what tells a party from all others: our account, else account and bank, else name, bank and country.

    None for nobody: the other side of cash.
    """
    if party.account:
        return party.account if party.ours else _joined(party.account, party.bank)
    return _joined(" ".join(party.name.casefold().split()), party.bank, party.country) if party.name else None


def token_of(party: Party) -> str:
    """Return a name for a party that tells it from all others and can be kept: our account's id, else a digest.

    Empty for nobody: the other side of cash.
    """
    if party.ours and party.account:
        return party.account
    told = identity(party)
    return f"{OTHER}{_digest('token', told, 16).hex()}" if told else ""


def counted(facts: Facts) -> dict[str, str]:
    """Return the keys of all that a movement is counted for, in hexadecimal, by kind."""
    concerned = _concerned(facts)
    if facts.kind in _CASH:
        concerned[VelocityKind.CASH] = (facts.customer,)
    if facts.kind is MovementKind.REFUND:
        concerned[VelocityKind.REFUNDED] = (identity(facts.payee),)
    return _keys(concerned)


def asked(facts: Facts) -> dict[str, str]:
    """Return the keys of all who are looked up before a movement: those, and who else tells something about it."""
    concerned = _concerned(facts)
    concerned[VelocityKind.CASH] = (facts.customer,)
    concerned[VelocityKind.REFUNDED] = (identity(facts.payee),)
    keys = _keys(concerned)
    if payer := identity(facts.payer):
        keys[RECEIVED] = _digest(VelocityKind.PAYEE, payer, 16).hex()
    return keys


def side_of(party: Party) -> int | None:
    """Return the number by which a counter tells one payee or payer from another, as a signed 64-bit integer."""
    told = identity(party)
    return int.from_bytes(_digest("side", told, 8), "big", signed=True) if told else None


def _concerned(facts: Facts) -> dict[VelocityKind, tuple[str | None, ...]]:
    payer, payee, customer = identity(facts.payer), identity(facts.payee), facts.customer
    return {
        VelocityKind.PAYER: (payer,),
        VelocityKind.PAYEE: (payee,),
        VelocityKind.PAIR: (payer, payee),
        VelocityKind.DEVICE: (facts.device,),
        VelocityKind.CUSTOMER: (customer,),
        VelocityKind.CUSTOMER_DEVICE: (customer, facts.device),
        VelocityKind.CUSTOMER_COUNTRY: (customer, facts.country),
    }


def _keys(concerned: Mapping[VelocityKind, tuple[str | None, ...]]) -> dict[str, str]:
    """Return a key for each of whom all is known."""
    known = ((kind.value, parts) for kind, parts in concerned.items() if all(parts))
    return {kind: _digest(kind, _joined(*parts), 16).hex() for kind, parts in known}


def _joined(*parts: str | None) -> str:
    return "\0".join(part or "" for part in parts)


def _digest(kind: str, told: str, size: int) -> bytes:
    return blake2b(f"{kind}\0{told}".encode(), digest_size=size, person=b"bankops velocity").digest()
