"""A journal entry as it is drawn on paper: one T per account, debits left, credits right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.safestring import SafeString

from accounts.admin.links import holder, may_see, number_link
from accounts.models import Account
from bankops.core.money import Money
from transactions.models import Posting, Side


@dataclass(frozen=True, slots=True)
class TAccount:
    """One account and what an entry books on each of its sides."""

    account: Account
    link: SafeString
    holder: str
    debits: list[Money] = field(default_factory=list)
    credits: list[Money] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """One posting as a row: its amount stands on one side; `balance_after` is None for who may not see the account."""

    number: int
    link: SafeString
    holder: str
    debit: Money | None
    credit: Money | None
    balance_after: Money | None


def t_accounts(request: HttpRequest, postings: Iterable[Posting], *, mirrored: bool = False) -> list[TAccount]:
    """Return the T-accounts of an entry's postings, in the order in which accounts first appear.

    :param mirrored: draw the entry that reverses this one.
    """
    left = Side.CREDIT if mirrored else Side.DEBIT
    drawn: dict[object, TAccount] = {}
    for posting in postings:
        account = posting.account
        drawing = drawn.setdefault(
            account.pk, TAccount(account, number_link(request, account), holder(request, account))
        )
        (drawing.debits if posting.side == left else drawing.credits).append(posting.money)
    return list(drawn.values())


def lines(request: HttpRequest, postings: Iterable[Posting]) -> list[Line]:
    """Return an entry's postings as rows."""
    return [
        Line(
            number=posting.line,
            link=number_link(request, posting.account),
            holder=holder(request, posting.account),
            debit=posting.money if posting.side == Side.DEBIT else None,
            credit=posting.money if posting.side == Side.CREDIT else None,
            balance_after=posting.balance_after_money if may_see(request, posting.account) else None,
        )
        for posting in postings
    ]
