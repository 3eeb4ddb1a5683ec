"""Freezing and releasing. Several restrictions may stand on one account; each is lifted, or ends, for itself.

Every writer locks the account first, so that a restriction and a posting see each other, and so do two restrictions.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Required, TypedDict, Unpack
from uuid import UUID

from django.db import transaction

from accounts import errors, events
from accounts.locks import accounts_for_update
from accounts.models import Account, AccountRestriction, Restriction, RestrictionEnding, RestrictionReason
from accounts.models.restriction import OpenRestrictions
from accounts.services.lifecycle import locked_open_account, tell
from accounts.services.one_by_one import one_by_one
from bankops.core import context, operations, texts
from bankops.core.actor import Actor
from bankops.core.audit import EventType
from bankops.core.db import transaction_required
from bankops.core.texts import require_reason

CLOCK = Actor.system("end_of_restrictions")


class Freeze(TypedDict, total=False):
    """What an account is frozen with.

    Attributes:
        restriction: what to block.
        reason_code: `OTHER` unless told otherwise.
        legal_reference: file number of the order; needed for `COURT_ORDER`.
        ends_at: aware; when it ends by itself, None for open end.
        reason: in the maker's words.
        idempotency_key: the caller's key, or None when the call cannot repeat.

    """

    account_id: Required[UUID]
    restriction: Required[Restriction]
    reason_code: RestrictionReason
    legal_reference: str
    ends_at: datetime | None
    reason: Required[str]
    actor: Required[Actor]
    now: Required[datetime]
    idempotency_key: str | None


@operations.only_through_gate("accounts.freeze_account")
def freeze_account(**terms: Unpack[Freeze]) -> AccountRestriction:
    """Block one or both sides of a customer's account and return the restriction. Writes `accounts.account.frozen`.

    Locks the account's balance, so that no movement passes unseen. Called again with the same idempotency key and terms
    it returns the restriction placed first.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises RestrictionUnchanged: when exactly this stands already, or `restriction` is none.
    :raises LegalReferenceRequired: for a court's order without its file number.
    :raises RestrictionEndsTooSoon: when it would end before it begins.
    :raises FreezeConflict: when the key froze the account on other terms.
    :raises AccountNotFound, OwnAccountProtected, AccountNotOpen: when it is not an open customer's account.
    """
    return restrict(**terms)


@transaction.atomic
def restrict(**terms: Unpack[Freeze]) -> AccountRestriction:
    """Freeze on behalf of the bank's own rules, such as an expired document; otherwise as `freeze_account`."""
    wanted = draft(terms)
    account = locked_open_account(terms["account_id"]).account
    if earlier := frozen_earlier(account.pk, wanted.order_key):
        return if_the_same(earlier, wanted, account)
    refuse_restriction(account, wanted)
    wanted.account = account
    wanted.save(force_insert=True)
    _say_union(account, wanted, events.ACCOUNT_FROZEN, actor=terms["actor"], now=terms["now"], reason=wanted.reason)
    return wanted


@operations.only_through_gate("accounts.release_account")
def release_account(*, restriction_id: UUID, reason: str, actor: Actor, now: datetime) -> AccountRestriction:
    """Lift one restriction of an account and return it; others go on. Writes `accounts.account.released`.

    :raises ConsentRequired: when the gate is not carrying it out.
    :raises ReasonRequired: when `reason` is blank.
    :raises RestrictionNotFound: when there is none.
    :raises RestrictionOver: when it was lifted, or ended, before.
    :raises AccountNotFound, OwnAccountProtected, AccountNotOpen: when it is not an open customer's account.
    """
    return lift(restriction_id=restriction_id, reason=reason, actor=actor, now=now)


@transaction.atomic
def lift(*, restriction_id: UUID, reason: str, actor: Actor, now: datetime) -> AccountRestriction:
    """Lift what the bank's own rules placed, such as the block for an expired document; otherwise as `release_account`."""
    reason = require_reason(reason)
    account_id = AccountRestriction.objects.filter(pk=restriction_id).values_list("account_id", flat=True).first()
    if account_id is None:
        raise errors.RestrictionNotFound
    account = locked_open_account(account_id).account
    restriction = AccountRestriction.objects.get(pk=restriction_id)
    refuse_lifting(account, restriction)
    _end(restriction, account, RestrictionEnding.LIFTED, reason=reason, actor=actor, now=now)
    return restriction


def release_ended(*, now: datetime) -> int:
    """End every restriction whose end has come, and return how many; each in a transaction of its own.

    Nobody consents again: the end was part of the order. Run twice, or beside somebody who lifts one, each ends once.
    """
    due = list(_due(now).values_list("pk", "account_id"))
    return one_by_one(due, lambda row: _reach_end(*row, now), doing="release ended restrictions")


def refuse_restriction(account: Account, wanted: AccountRestriction) -> None:
    """Refuse what would change nothing or makes no sense; see `freeze_account` for the errors."""
    if wanted.reason_code == RestrictionReason.COURT_ORDER and not wanted.legal_reference:
        raise errors.LegalReferenceRequired
    if wanted.ends_at is not None and wanted.ends_at <= wanted.starts_at:
        raise errors.RestrictionEndsTooSoon
    same = account.restrictions.standing().filter(
        kind=wanted.kind, reason_code=wanted.reason_code, legal_reference=wanted.legal_reference
    )
    if wanted.kind == Restriction.NONE or same.exists():
        raise errors.RestrictionUnchanged(account=account.number, restriction=Restriction(wanted.kind).label)


def refuse_lifting(account: Account, restriction: AccountRestriction) -> None:
    """:raises RestrictionOver: when the restriction no longer stands."""
    if not restriction.is_open:
        raise errors.RestrictionOver(account=account.number, ending=restriction.get_ending_display())


def frozen_earlier(account_id: UUID, order_key: str | None) -> AccountRestriction | None:
    """Return the restriction this key placed on the account, or None."""
    if not order_key:
        return None
    return AccountRestriction.objects.filter(account=account_id, order_key=order_key).first()


def strictest(kinds: Iterable[str]) -> Restriction:
    """Return the union of what several restrictions block; the guard in `restriction_guards.sql` says the same."""
    blocked = set(kinds) - {Restriction.NONE}
    if not blocked:
        return Restriction.NONE
    return Restriction(blocked.pop()) if len(blocked) == 1 else Restriction.BLOCK_ALL


def draft(terms: Freeze) -> AccountRestriction:
    """Return the unsaved restriction that an order to freeze becomes, without its account.

    :raises ReasonRequired, TextTooLong, UnstorableText: when a text is missing or does not fit.
    """
    actor, reference = terms["actor"], terms.get("legal_reference", "").strip()
    texts.check_fits(AccountRestriction, legal_reference=reference)
    return AccountRestriction(
        kind=terms["restriction"],
        reason_code=terms.get("reason_code", RestrictionReason.OTHER),
        legal_reference=reference,
        reason=require_reason(terms["reason"]),
        starts_at=terms["now"],
        ends_at=terms.get("ends_at"),
        placed_by_kind=actor.kind,
        placed_by_id=actor.id,
        placed_by_name=actor.name,
        approval_request_id=context.approval_request_id(),
        order_key=order_key(actor, terms.get("idempotency_key")),
    )


def order_key(actor: Actor, key: str | None) -> str | None:
    """Return under which key an order is known: everybody has keys of their own, so that nobody takes another's."""
    return f"{actor.kind}:{actor.id}:{key}" if key else None


def if_the_same(earlier: AccountRestriction, wanted: AccountRestriction, account: Account) -> AccountRestriction:
    """Return the restriction that the same order placed before.

    :raises FreezeConflict: when it was an order on other terms.
    """
    placed, asked = (
        (one.kind, one.reason_code, one.legal_reference, one.ends_at, one.placed_by_id) for one in (earlier, wanted)
    )
    if placed != asked:
        raise errors.FreezeConflict(account=account.number)
    return earlier


def _due(now: datetime) -> OpenRestrictions:
    return AccountRestriction.objects.standing().filter(ends_at__lte=now).order_by("ends_at", "id")


@transaction.atomic
def _reach_end(restriction_id: UUID, account_id: UUID, now: datetime) -> bool:
    """End one restriction by its date, unless it was ended while we waited for the account."""
    (balance,) = accounts_for_update([account_id])
    restriction = AccountRestriction.objects.standing().filter(pk=restriction_id).first()
    if restriction is None:
        return False
    _end(restriction, balance.account, RestrictionEnding.EXPIRED, reason="", actor=CLOCK, now=now)
    return True


@transaction_required
def _end(
    restriction: AccountRestriction,
    account: Account,
    ending: RestrictionEnding,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    restriction.ending, restriction.ended_at, restriction.end_reason = ending, now, reason
    restriction.ended_by_id, restriction.ended_by_name = actor.id, actor.name
    restriction.save(update_fields=["ending", "ended_at", "end_reason", "ended_by_id", "ended_by_name"])
    restriction.account = account
    _say_union(account, restriction, events.ACCOUNT_RELEASED, actor=actor, now=now, reason=reason)


@transaction_required
def _say_union(
    account: Account, restriction: AccountRestriction, event: EventType, *, actor: Actor, now: datetime, reason: str
) -> None:
    """Bring the account's own word in line with its open restrictions, and tell what happened."""
    before = Restriction(account.restriction)
    account.restriction = strictest(account.restrictions.standing().values_list("kind", flat=True))
    if account.restriction != before:
        account.save(update_fields=["restriction"])
    tell(
        event,
        account,
        actor=actor,
        now=now,
        reason=reason,
        changes={"restriction": (str(before), str(account.restriction))},
        restriction=str(account.restriction),
        restriction_id=restriction.public_id,
        kind=str(restriction.kind),
        reason_code=str(restriction.reason_code),
        ending=str(restriction.ending),
    )
