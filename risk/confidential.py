"""What somebody without a grant reads of a confidential account in alerts, cases, reports and registers: that there is one.

An alert or a case about such an account is worked like any other, because hiding it would hide whoever paid into the account.
Its number, and whose it is, is for those to whom the account was granted (`accounts.access`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts import numbers
from accounts.access import Person, granted_to, may_read_name
from accounts.models import Account
from risk.models import AlertAccount, AlertCustomer
from staff.models import User


@dataclass(frozen=True, slots=True)
class Veil:
    """What of some accounts one person may not read.

    Attributes:
        accounts: those that are confidential and not theirs to see.
        holders: the customers whose accounts those are, unless another one of the accounts, or a link, names them anyway.
        secrets: numbers and names that no text shows.

    """

    accounts: frozenset[UUID] = frozenset()
    holders: frozenset[UUID] = frozenset()
    secrets: tuple[str, ...] = ()

    def number(self, account: Account) -> str:
        """Return what this person may call an account."""
        return hidden_account() if account.pk in self.accounts else numbers.display(account.number)

    def text(self, text: str) -> str:
        """Return a text without what it must not show."""
        for secret in self.secrets:
            text = text.replace(secret, hidden_account())
        return text


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
    secrets = [text for one in hidden for text in (numbers.display(one.number), one.number)]
    secrets += [text for one in holders for text in (one.name, one.number)]
    return Veil(frozenset(one.pk for one in hidden), frozenset(one.pk for one in holders), tuple(filter(None, secrets)))


def with_veil(rows: QuerySet[AlertCustomer], person: Person) -> QuerySet[AlertCustomer]:
    """Let each customer of an alert say whether they are `veiled`: named by nothing but a confidential account."""
    theirs = AlertAccount.objects.filter(alert=OuterRef("alert"), account__customer=OuterRef("customer"))
    granted = granted_to(person) if isinstance(person, User) else ()
    hidden = theirs.filter(account__is_confidential=True).exclude(account__in=granted)
    shown = theirs.filter(Q(account__is_confidential=False) | Q(account__in=granted))
    return rows.annotate(veiled=Exists(hidden) & ~Exists(shown))
