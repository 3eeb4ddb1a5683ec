"""Rights on an account beside its owner's: given and ended, never rewritten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from accounts import customer_errors, errors, events
from accounts.locks import accounts_for_update, customer_for_update
from accounts.models import (
    Account,
    AccountParty,
    AccountStatus,
    Customer,
    CustomerState,
    PartyRights,
    PartyRole,
    Signature,
)
from accounts.services.lifecycle import subject_of
from bankops.core import audit, outbox
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from bankops.core.errors import CurrencyMismatch
from bankops.core.money import Money
from bankops.core.operations import only_through_gate
from bankops.core.texts import require_reason


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do on an account; `debit_limit` is for each debit, None without a limit of their own."""

    role: PartyRole
    rights: PartyRights
    signature: Signature = Signature.SINGLE
    debit_limit: Money | None = None


def rights_by_role(role: PartyRole) -> PartyRights:
    """Return what a role means where nothing else was agreed: a joint owner may do everything, a disponent view and debit."""
    return PartyRights.FULL if role == PartyRole.JOINT else PartyRights.DEBIT


@only_through_gate("accounts.add_party")
@transaction.atomic
def add_party(
    *,
    account_id: UUID,
    customer_id: UUID,
    rights: Rights,
    actor: Actor,
    reason: str,
    now: datetime,
    business_date: date,
) -> AccountParty:
    """Give a customer rights on somebody else's account and return them. Writes `accounts.party.added`.

    Locks the customer, then the account.

    :raises ReasonRequired: when `reason` is blank.
    :raises AccountNotFound, OwnAccountProtected, AccountNotOpen, UnknownCustomer: naming what is not there.
    :raises CustomerNotApproved: unless the customer is an approved one.
    :raises PartyIsOwner, PartyThere, DebitLimitNotNeeded, DebitLimitNotPositive, CurrencyMismatch: what does not fit.
    """
    reason = require_reason(reason)
    customer_for_update(customer_id)
    accounts_for_update([account_id])
    account, customer = check_party(account_id=account_id, customer_id=customer_id, rights=rights)
    party = AccountParty(
        account=account,
        customer=customer,
        role=rights.role,
        rights=rights.rights,
        signature=rights.signature,
        debit_limit=rights.debit_limit.minor if rights.debit_limit else None,
        valid_from=business_date,
    )
    party.save(force_insert=True)
    _tell(events.PARTY_ADDED, party, actor=actor, reason=reason, now=now)
    return party


@only_through_gate("accounts.remove_party")
@transaction.atomic
def remove_party(
    *, account_id: UUID, customer_id: UUID, actor: Actor, reason: str, now: datetime, business_date: date
) -> AccountParty:
    """End a customer's rights on somebody else's account and return them. Writes `accounts.party.removed`.

    Locks the account.

    :raises ReasonRequired: when `reason` is blank.
    :raises PartyNotFound: when there are none.
    """
    reason = require_reason(reason)
    accounts_for_update([account_id])
    party = standing_party(account_id=account_id, customer_id=customer_id)
    party.valid_until = business_date
    party.save(update_fields=["valid_until"])
    _tell(events.PARTY_REMOVED, party, actor=actor, reason=reason, now=now)
    return party


def check_party(*, account_id: UUID, customer_id: UUID, rights: Rights) -> tuple[Account, Customer]:
    """Return whom rights would be given, and on which account; refuse as `add_party` does."""
    account = Account.objects.select_related("customer", "branch").filter(pk=account_id).first()
    if account is None:
        raise errors.AccountNotFound
    if not account.is_customer_account:
        raise errors.OwnAccountProtected(account=account.number)
    if account.status == AccountStatus.CLOSED:
        raise errors.AccountNotOpen(account=account.number, status=AccountStatus.CLOSED.label)
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise errors.UnknownCustomer
    if customer.state != CustomerState.ACTIVE:
        raise errors.CustomerNotApproved(customer=customer.number)
    words = {"customer": customer.number, "account": account.number}
    if account.customer_id == customer.pk:
        raise customer_errors.PartyIsOwner(**words)
    if AccountParty.objects.standing().filter(account=account, customer=customer).exists():
        raise customer_errors.PartyThere(**words)
    _check_limit(account, rights)
    return account, customer


def standing_party(*, account_id: UUID, customer_id: UUID) -> AccountParty:
    """Return somebody's rights as they stand, with account and customer.

    :raises PartyNotFound: when there are none.
    """
    standing = AccountParty.objects.standing().select_related("account__branch", "customer")
    party = standing.filter(account=account_id, customer=customer_id).first()
    if party is None:
        raise customer_errors.PartyNotFound
    return party


def _check_limit(account: Account, rights: Rights) -> None:
    if rights.debit_limit is None:
        return
    if rights.rights != PartyRights.DEBIT:
        raise customer_errors.DebitLimitNotNeeded
    if rights.debit_limit.currency != account.currency:
        raise CurrencyMismatch(left=account.currency, right=rights.debit_limit.currency)
    if rights.debit_limit.minor <= 0:
        raise customer_errors.DebitLimitNotPositive


def _tell(event: EventType, party: AccountParty, *, actor: Actor, reason: str, now: datetime) -> None:
    limit = party.limit_money
    detail = {
        "customer": party.customer.public_id,
        "role": str(party.role),
        "rights": str(party.rights),
        "signature": str(party.signature),
        "debit_limit": str(limit) if limit else None,
    }
    audit.record(event, actor=actor, subject=subject_of(party.account), now=now, reason=reason, detail=detail)
    told = {"account": party.account.public_id, "customer": party.customer.public_id}
    outbox.announce(event.name, subject_id=party.account.public_id, payload=told, now=now)
