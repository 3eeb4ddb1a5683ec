"""Which accounts a partner's systems may see and move, one account and one right at a time.

Nothing follows from a role or a branch here: every right was asked for and agreed to by two people
(`accounts.grant_partner_access`). A partner is its group, so that django-guardian reads the same rows. Confidential
accounts are as all others: only a grant of their own opens them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.errors import UnknownAccount
from accounts.models import Account, AccountPartnerGrant
from bankops.core import ids
from bankops.core.db import prepared

_RIGHTS = """
    SELECT g.content_object_id, array_agg(p.codename::text)
      FROM accounts_accountpartnergrant g
      JOIN auth_permission p ON p.id = g.permission_id
      JOIN accounts_account a ON a.id = g.content_object_id AND a.customer_id IS NOT NULL
     WHERE g.group_id = %(group)s AND g.content_object_id = ANY (%(accounts)s::uuid[])
     GROUP BY g.content_object_id
"""


class Right(StrEnum):
    """What a partner may do with an account: the name of the permission in `accounts`."""

    READ = "partner_read"
    DEBIT = "partner_debit"
    CREDIT = "partner_credit"


LABELS = {
    Right.READ: _("read balance and postings"),
    Right.DEBIT: _("pay from it"),
    Right.CREDIT: _("pay into it"),
}


def readable_accounts(group_id: int) -> QuerySet[Account]:
    """Return the accounts whose balance and postings a partner may read, with balance; no query is made here."""
    granted = AccountPartnerGrant.objects.filter(
        content_object=OuterRef("pk"), group=group_id, permission__codename=Right.READ
    )
    return Account.objects.filter(Exists(granted), customer__isnull=False).select_related("balance")


def rights_on(group_id: int, account_ids: Iterable[UUID]) -> dict[UUID, frozenset[Right]]:
    """Return what a partner may do with these accounts, in one prepared statement; those it has no right to are left out."""
    rows = prepared(_RIGHTS, {"group": group_id, "accounts": list(account_ids)})
    return {account: frozenset(Right(codename) for codename in codenames) for account, codenames in rows}


def require(*, group_id: int, may_credit_any: bool, debit: Sequence[UUID], credit: Sequence[UUID]) -> None:
    """Let only what the partner was given the right to through; one query.

    :param may_credit_any: the partner may pay into every customer's account, without a right to it.
    :raises UnknownAccount: the refusal that an account which is not there gets, so that the two cannot be told apart.
    """
    rights = rights_on(group_id, {*debit, *credit})
    for wanted, right in ((debit, Right.DEBIT), (credit, Right.CREDIT)):
        for account_id in wanted:
            granted = right in rights.get(account_id, frozenset())
            if not granted and not (may_credit_any and right is Right.CREDIT):
                raise UnknownAccount(account=ids.encode(Account.ID_PREFIX, account_id))
