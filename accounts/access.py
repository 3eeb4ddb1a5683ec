"""Which customers and accounts somebody may see: their branch's, or all of them, and confidential ones only when granted.

Everything that shows accounts asks here: lists, searches, pages, histories, files, and the API. A right to view
(`accounts.view_account`) says what kind of record somebody reads; this says which of them.

- Who holds `accounts.view_all_branches` works for the whole bank; everybody else for the branch they belong to, and
  somebody without a branch for none.
- A confidential account (of staff, of executives) is seen by nobody without a grant of their own. No role is above that.
- The bank's own accounts are for those who may view the general ledger.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Account, AccountGrant, Customer
from staff.models import User

Person = User | AbstractBaseUser | AnonymousUser

ALL_BRANCHES = "accounts.view_all_branches"
GENERAL_LEDGER = "accounts.view_general_ledger"
CONFIDENTIAL = "view_confidential_account"


def visible_accounts(person: Person, among: QuerySet[Account] | None = None) -> QuerySet[Account]:
    """Return the accounts of `among` (default: all) that somebody may see; no further query is made here."""
    accounts = Account.objects.all() if among is None else among
    if not isinstance(person, User):
        return accounts.none()
    granted = AccountGrant.objects.filter(content_object=OuterRef("pk"), user=person)
    return accounts.filter(_in_scope(person), Q(is_confidential=False) | Exists(granted))


def visible_customers(person: Person, among: QuerySet[Customer] | None = None) -> QuerySet[Customer]:
    """Return the customers of `among` (default: all) that somebody may see: of their branch, or with an account there."""
    customers = Customer.objects.all() if among is None else among
    if not isinstance(person, User):
        return customers.none()
    if person.has_perm(ALL_BRANCHES):
        return customers
    if person.branch_id is None:
        return customers.none()
    served = Account.objects.filter(customer=OuterRef("pk"), branch=person.branch_id, is_confidential=False)
    return customers.filter(Q(branch=person.branch_id) | Exists(served))


def may_see(person: Person, account: Account) -> bool:
    """Tell whether somebody may open an account's page; one query a person at most, for their grants."""
    if not isinstance(person, User) or not person.has_perm("accounts.view_account"):
        return False
    if not account.is_customer_account:
        return person.has_perm(GENERAL_LEDGER)
    if account.is_confidential and account.pk not in granted_to(person):
        return False
    return account.pk in granted_to(person) or person.has_perm(ALL_BRANCHES) or _is_own_branch(person, account)


def may_read_name(person: Person, account: Account) -> bool:
    """Tell whether somebody may read whose account it is where it is mentioned, as the other side of a payment is.

    Every account can be paid into by its number, so its branch does not matter here.
    """
    return not account.is_confidential or (isinstance(person, User) and account.pk in granted_to(person))


def holder(person: Person, account: Account) -> str:
    """Return whose account it is, in words this person may read; needs `customer` loaded."""
    if not may_read_name(person, account):
        return _("Confidential account")
    return holder_of_visible(account)


def holder_of_visible(account: Account) -> str:
    """Return whose account it is, on a page that only those who may see the account come to; needs `customer` loaded."""
    return account.customer.name if account.customer else account.name


def granted_to(person: User) -> Collection[UUID]:
    """Return the confidential accounts somebody may see, read once for each request (kept on the person)."""
    known: frozenset[UUID] | None = person.__dict__.get("_granted_accounts")
    if known is None:
        known = frozenset(AccountGrant.objects.filter(user=person).values_list("content_object_id", flat=True))
        person.__dict__["_granted_accounts"] = known
    return known


def _in_scope(person: User) -> Q:
    ledger = Q() if person.has_perm(GENERAL_LEDGER) else Q(customer__isnull=False)
    if person.has_perm(ALL_BRANCHES):
        return ledger
    own_branch = Q(branch=person.branch_id) if person.branch_id else Q(pk__in=[])
    granted = Q(pk__in=AccountGrant.objects.filter(user=person).values("content_object_id"))
    return ledger & (own_branch | granted)


def _is_own_branch(person: User, account: Account) -> bool:
    return person.branch_id is not None and account.branch_id == person.branch_id
