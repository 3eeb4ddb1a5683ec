"""Which accounts a partner's systems may see and move, one account and one right at a time.

Nothing follows from a role or a branch here: every right was asked for and agreed to by two people
(`accounts.grant_partner_access`). A partner is its group, so that django-guardian reads the same rows. Confidential
accounts are as all others: only a grant of their own opens them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.errors import UnknownAccount
from accounts.models import Account, AccountPartnerGrant
from bankops.core import ids, sql_arrays
from bankops.core.db import prepared
from partners.errors import UnknownCredential
from partners.models import Credential, Partner

_RIGHTS = """
    SELECT g.content_object_id, array_agg(p.codename::text)
      FROM accounts_accountpartnergrant g
      JOIN auth_permission p ON p.id = g.permission_id
      JOIN accounts_account a ON a.id = g.content_object_id AND a.customer_id IS NOT NULL
     WHERE g.group_id = %(group)s AND g.content_object_id = ANY ({accounts})
     GROUP BY g.content_object_id
"""

_RIGHTS_BEHIND = """
    SELECT p.id, p.may_credit_any, r.account, r.codenames
      FROM partners_credential c
      JOIN partners_partner p ON p.id = c.partner_id
      LEFT JOIN LATERAL (
            SELECT g.content_object_id, array_agg(q.codename::text)
              FROM accounts_accountpartnergrant g
              JOIN auth_permission q ON q.id = g.permission_id
              JOIN accounts_account a ON a.id = g.content_object_id AND a.customer_id IS NOT NULL
             WHERE g.group_id = p.group_id AND g.content_object_id = ANY ({accounts})
             GROUP BY g.content_object_id) r (account, codenames) ON true
     WHERE c.id = %(credential)s
"""


class Right(StrEnum):
    """What a partner may do with an account: the name of the permission in `accounts`."""

    READ = "partner_read"
    DEBIT = "partner_debit"
    CREDIT = "partner_credit"
    FLOAT = "partner_float"


LABELS = {
    Right.READ: _("read balance and postings"),
    Right.DEBIT: _("pay from it"),
    Right.CREDIT: _("pay into it"),
    Right.FLOAT: _("use it as the agent's own, which stands for the cash at its counter"),
}


class Needs(NamedTuple):
    """Which right a movement asks of its payer's account, and which of its payee's."""

    debit: Right
    credit: Right

    def met_by(self, granted: Collection[Right], wanted: Right, *, may_credit_any: bool = False) -> bool:
        """Tell whether what was granted on one side's account is enough for that side, which wants this right of it.

        An agent's own account is never the customer's as well: cash does not move between an agent's counters.
        """
        if Right.FLOAT in self and wanted is not Right.FLOAT and Right.FLOAT in granted:
            return False
        return wanted in granted or (may_credit_any and wanted is Right.CREDIT)


PAYMENT: Final = Needs(Right.DEBIT, Right.CREDIT)
CASH_IN: Final = Needs(Right.FLOAT, Right.CREDIT)
CASH_OUT: Final = Needs(Right.DEBIT, Right.FLOAT)
"""What a payment asks of payer and payee, and what cash does that an agent takes in or pays out."""


def readable_accounts(group_id: int) -> QuerySet[Account]:
    """Return the accounts whose balance and postings a partner may read, with balance; no query is made here."""
    granted = AccountPartnerGrant.objects.filter(
        content_object=OuterRef("pk"), group=group_id, permission__codename=Right.READ
    )
    return Account.objects.filter(Exists(granted), customer__isnull=False).select_related("balance")


def rights_on(group_id: int, account_ids: Iterable[UUID]) -> dict[UUID, frozenset[Right]]:
    """Return what a partner may do with these accounts, in one prepared statement; those it has no right to are left out."""
    named, accounts = sql_arrays.few_or_many("accounts", list(account_ids))
    rows = prepared(_RIGHTS.format(accounts=named), {"group": group_id, **accounts})
    return {account: _rights(tuple(codenames)) for account, codenames in rows}


@cache
def _rights(codenames: tuple[str, ...]) -> frozenset[Right]:
    # Kept: a batch asks about a thousand accounts, and there are few combinations.
    return frozenset(map(Right, codenames))


@dataclass(frozen=True, slots=True)
class Grants:
    """What a partner may do with some accounts.

    Attributes:
        partner: its id (`ptn_…`).
        may_credit_any: the partner may pay into every customer's account, without a right to it.
        rights: by account; those it has no right to are left out.

    """

    partner: str
    may_credit_any: bool
    rights: Mapping[UUID, frozenset[Right]]


def grants_behind(credential: str, account_ids: Iterable[UUID]) -> Grants:
    """Return what the partner behind a credential (`crd_…`) may do with accounts, whatever its state; one prepared statement.

    :raises InvalidId: when it is not an id of a credential.
    :raises UnknownCredential: when there is none.
    """
    named, accounts = sql_arrays.few_or_many("accounts", list(account_ids))
    asked = {"credential": ids.decode(Credential.ID_PREFIX, credential), **accounts}
    rows = prepared(_RIGHTS_BEHIND.format(accounts=named), asked)
    if not rows:
        raise UnknownCredential(credential=credential)
    rights = {account: _rights(tuple(codenames)) for _id, _any, account, codenames in rows if account}
    return Grants(ids.encode(Partner.ID_PREFIX, rows[0][0]), rows[0][1], rights)


def require(
    *, group_id: int, may_credit_any: bool, debit: Sequence[UUID], credit: Sequence[UUID], needs: Needs = PAYMENT
) -> None:
    """Let only what the partner was given the right to through; one query.

    :param may_credit_any: the partner may pay into every customer's account, without a right to it.
    :raises UnknownAccount: the refusal that an account which is not there gets, so that the two cannot be told apart.
    """
    rights = rights_on(group_id, {*debit, *credit})
    require_met(rights, debit=debit, credit=credit, may_credit_any=may_credit_any, needs=needs)


def require_met(
    rights: Mapping[UUID, Collection[Right]],
    *,
    debit: Sequence[UUID],
    credit: Sequence[UUID],
    may_credit_any: bool,
    needs: Needs,
) -> None:
    """Let only through what `rights` allow.

    :raises UnknownAccount: as `require`.
    """
    for wanted, right in zip((debit, credit), needs, strict=True):
        for account_id in wanted:
            if not needs.met_by(rights.get(account_id, ()), right, may_credit_any=may_credit_any):
                raise UnknownAccount(account=ids.encode(Account.ID_PREFIX, account_id))
