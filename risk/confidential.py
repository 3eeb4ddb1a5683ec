"""What somebody without a grant reads of a confidential account in alerts, cases, reports and registers: that there is one.

An alert or a case about such an account is worked like any other, because hiding it would hide whoever paid into the account.
Its number, and whose it is, is for those to whom the account was granted (`accounts.access`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts import numbers
from accounts.access import Person, granted_to, may_read_name
from accounts.models import Account
from risk.models import AlertAccount, AlertCustomer
from staff.models import User

_LETTER: Final = r"[^\W\d_\u0590-\u1dff\u2000-\U0010ffff]"
"""A letter of a script that puts spaces between words: Latin, Greek, Cyrillic, Armenian. Chinese has none, so a Chinese name is
found wherever it stands.
"""


@dataclass(frozen=True, slots=True)
class Veil:
    """What of some accounts one person may not read.

    Attributes:
        accounts: those that are confidential and not theirs to see.
        holders: the customers whose accounts those are, unless another one of the accounts, or a link, names them anyway.
        numbers: numbers of accounts that no text shows.
        names: names and numbers of holders that no text shows.

    """

    accounts: frozenset[UUID] = frozenset()
    holders: frozenset[UUID] = frozenset()
    numbers: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def number(self, account: Account) -> str:
        """Return what this person may call an account."""
        return hidden_account() if account.pk in self.accounts else numbers.display(account.number)

    def text(self, text: str) -> str:
        """Return a text without what it must not show; a name that is part of a longer word is none."""
        words = dict.fromkeys(self.numbers, hidden_account()) | dict.fromkeys(self.names, hidden_holder())
        if not words:
            return text
        secrets = sorted(words, key=lambda secret: (-len(secret), secret))
        found = "|".join(_as_word(one) if one in self.names else re.escape(one) for one in secrets)
        return re.sub(found, lambda match: words[match[0]], text)


def hidden_account() -> str:
    """Return what stands for the number of an account that somebody may not see."""
    return _("Confidential account")


def hidden_holder() -> str:
    """Return what stands for the holder of one."""
    return _("Holder of a confidential account")


def veil_over(
    person: Person, accounts: Iterable[Account], *, named: Collection[UUID] = (), beside: Iterable[Account] = ()
) -> Veil:
    """Return what of these accounts, with their customers, somebody may not read; one query a person at most, for their grants.

    :param named: customers who are named for another reason.
    :param beside: accounts of which the number alone is told, as of those that a movement went from and to: what is hidden of
        them is the same, but one that is read names nobody.
    """
    read: list[Account] = []
    hidden: list[Account] = [account for account in beside if not may_read_name(person, account)]
    for account in accounts:
        (read if may_read_name(person, account) else hidden).append(account)
    shown = {account.customer_id for account in read} | set(named)
    holders = {one.customer for one in hidden if one.customer and one.customer_id not in shown}
    return Veil(
        accounts=frozenset(one.pk for one in hidden),
        holders=frozenset(one.pk for one in holders),
        numbers=frozenset(text for one in hidden for text in (numbers.display(one.number), one.number) if text),
        names=frozenset(text for one in holders for text in (one.name, one.number) if text),
    )


def _as_word(name: str) -> str:
    """Return a pattern that finds a name where no letter of its own script goes on before or behind it."""
    before = f"(?<!{_LETTER})" if re.match(_LETTER, name[0]) else ""
    behind = f"(?!{_LETTER})" if re.match(_LETTER, name[-1]) else ""
    return f"{before}{re.escape(name)}{behind}"


def with_veil(rows: QuerySet[AlertCustomer], person: Person) -> QuerySet[AlertCustomer]:
    """Let each customer of an alert say whether they are `veiled`: named by nothing but a confidential account."""
    theirs = AlertAccount.objects.filter(alert=OuterRef("alert"), account__customer=OuterRef("customer"))
    granted = granted_to(person) if isinstance(person, User) else ()
    hidden = theirs.filter(account__is_confidential=True).exclude(account__in=granted)
    shown = theirs.filter(Q(account__is_confidential=False) | Q(account__in=granted))
    return rows.annotate(veiled=Exists(hidden) & ~Exists(shown))
