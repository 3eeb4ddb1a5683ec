"""Reads of what monitoring found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from accounts.models import Account
from bankops.core import ids
from bankops.core.errors import InvalidId
from risk.models import MovedMoney, Pattern
from risk.patterns import Account as Node
from risk.patterns import Family, PatternAlert


def movements_of(pattern: Pattern) -> list[MovedMoney]:
    """Return what a pattern is made of, in order of time."""
    return list(MovedMoney.objects.filter(pk__in=pattern.movements).order_by("moment", "id"))


def accounts_of(tokens: Iterable[str]) -> Mapping[str, Account]:
    """Return the accounts of ours among those that patterns and movements name, by how they are named there."""
    keys = {token: key for token in set(tokens) if (key := _key(token))}
    found = Account.objects.select_related("branch", "customer").in_bulk(keys.values())
    return {token: found[key] for token, key in keys.items() if key in found}


def sentence(pattern: Pattern, subject: str) -> str:
    """Return why a pattern is suspicious, in a sentence in the reader's language.

    :param subject: what the reader calls the account that it is about.
    """
    return PatternAlert(
        key=pattern.key,
        family=Family(pattern.family),
        subject=Node("", subject),
        accounts=tuple(Node("", token) for token in pattern.accounts),
        transfers=tuple(pattern.movements),
        began=pattern.began,
        ended=pattern.ended,
        amount=pattern.amount,
        score=pattern.score,
        usual=pattern.usual / 10,
    ).why


def _key(token: str) -> UUID | None:
    try:
        return ids.decode(Account.ID_PREFIX, token)
    except InvalidId:
        return None
