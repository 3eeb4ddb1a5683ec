"""Changing a customer's data. Who asks says which version they saw; what they want waits sealed until it is agreed to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts import changes, customer_errors, errors, events
from accounts.changes import Change
from accounts.drafts import IdentifierDraft, OwnerDraft
from accounts.locks import customer_for_update
from accounts.models import Customer, CustomerChange, CustomerIdentifier, CustomerKind, IdentifierType
from accounts.services import identifiers, ownership, particulars
from accounts.services.customers import clean_name, subject_of
from bankops.core import audit, clock, encryption, operations, outbox, texts
from bankops.core.actor import Actor
from bankops.core.operations import Order, Outcome, only_through_gate
from bankops.core.texts import require_reason
from staff.errors import BranchClosed
from staff.models import Branch


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change that a customer can take: cleaned, and different from what is kept."""

    change: Change
    branch: Branch | None


@transaction.atomic
def submit_change(*, customer: Customer, base_version: int, change: Change, order: Order) -> Outcome:
    """Keep a change, sealed, and ask for it; return where it stands. When it is refused, nothing is left of it.

    :raises BankOpsError: as `draft_change`, and whatever the gate refuses.
    """
    draft = draft_change(
        customer_id=customer.pk, base_version=base_version, change=change, actor=order.actor, now=order.now
    )
    payload = {"customer": customer.public_id, "base_version": base_version, "change": draft.digest}
    return operations.submit("accounts.update_customer", payload, order)


@transaction.atomic
def draft_change(
    *, customer_id: UUID, base_version: int, change: Change, actor: Actor, now: datetime
) -> CustomerChange:
    """Keep a change, sealed, for the operation that will carry it out, and return it. The same wish is kept once.

    :param base_version: the customer's version that the maker saw.
    :raises UnknownCustomer: when there is none.
    :raises CustomerChanged: when somebody saved the customer since.
    :raises BankOpsError: as `examine`.
    """
    customer = _as_seen(customer_id, base_version)
    content = changes.write(examine(customer, change, today=clock.business_date(now)).change)
    digest = encryption.fingerprint(f"{customer.public_id}\0{base_version}\0{content}", context="accounts.change")
    known = CustomerChange.objects.filter(digest=digest).first()
    if known:
        return known
    draft = CustomerChange(
        customer=customer, base_version=base_version, digest=digest, made_by=str(actor.name)[:100], made_at=now
    )
    draft.content = content
    draft.save(force_insert=True)
    return draft


@only_through_gate("accounts.update_customer")
def update_customer(
    *, customer_id: UUID, base_version: int, digest: str, actor: Actor, reason: str, now: datetime
) -> Customer:
    """Carry out a kept change and return the customer under the next version. Writes `accounts.customer.updated`.

    Locks the customer; of two who saw the same version, the second is refused.

    :raises ReasonRequired: when `reason` is blank.
    :raises ChangeNotFound: when the customer has no such change.
    :raises CustomerChanged: when somebody saved the customer since.
    :raises BankOpsError: as `examine`: what was right when it was asked for may not be now.
    """
    reason = require_reason(reason)
    change = content_of(customer_id, digest)
    try:
        return _update(customer_id, base_version, change, actor=actor, reason=reason, now=now)
    except IntegrityError:
        identifiers.refuse_taken(_documents(change))  # the same document at another desk
        raise


def content_of(customer_id: UUID, digest: str) -> Change:
    """Return a kept change.

    :raises ChangeNotFound: when the customer has no such change, or it was wiped.
    """
    draft = CustomerChange.objects.filter(customer=customer_id, digest=digest).first()
    if draft is None or not draft.content:
        raise customer_errors.ChangeNotFound
    return changes.read(draft.content.reveal())


def examine(customer: Customer, change: Change, *, today: date) -> Wanted:
    """Return a change as it would be carried out.

    :raises NothingToChange: when nothing would be different.
    :raises ChangeUnreadable: when it names a field that is not changed so.
    :raises NotKept, LastIdentifier, OwnersOverWhole, OwnershipCircle, BranchClosed: naming the fault.
    :raises BankOpsError: as `register_customer`.
    """
    kind = CustomerKind(customer.kind)
    added = tuple(particulars.clean(draft, kind=kind, today=today) for draft in change.added)
    cleaned = Change(_fields(customer, change.fields), tuple(dict.fromkeys(added)), change.ended)
    if not cleaned:
        raise customer_errors.NothingToChange
    _check_documents(customer, cleaned, today)
    ownership.check_owners(customer, _owners(cleaned), cleaned.ended_in("owners"))
    return Wanted(cleaned, _branch(cleaned.fields.get("branch")))


# -- Carrying out ----------------------------------------------------------------------------------------------------


@transaction.atomic
def _update(
    customer_id: UUID, base_version: int, change: Change, *, actor: Actor, reason: str, now: datetime
) -> Customer:
    customer_for_update(customer_id)
    customer, today = _as_seen(customer_id, base_version), clock.business_date(now)
    wanted = examine(customer, change, today=today)
    before = _plain(customer)
    _set(customer, wanted)
    for section in {one.section for one in wanted.change.ended}:
        particulars.end(customer, section, wanted.change.ended_in(section), today=today)
    particulars.write(customer, wanted.change.added, today=today)
    _tell(customer, wanted.change, before, actor=actor, reason=reason, now=now)
    return customer


def _as_seen(customer_id: UUID, base_version: int) -> Customer:
    customer = Customer.objects.select_related("branch").filter(pk=customer_id).first()
    if customer is None:
        raise errors.UnknownCustomer
    if customer.version != base_version:
        raise customer_errors.CustomerChanged(customer=customer.number)
    return customer


def _set(customer: Customer, wanted: Wanted) -> None:
    for name, value in wanted.change.fields.items():
        setattr(customer, name, wanted.branch if name == "branch" else value)
    customer.version += 1
    customer.save(update_fields=[*wanted.change.fields, "version"])


def _tell(
    customer: Customer, change: Change, before: Mapping[str, str], *, actor: Actor, reason: str, now: datetime
) -> None:
    """Write the audit event: which fields, but never a personal value."""
    after = _plain(customer)
    detail: dict[str, Any] = {
        "version": customer.version,
        "fields": sorted(change.fields),
        "added": dict(Counter(draft.SECTION for draft in change.added)),
        "ended": dict(Counter(one.section for one in change.ended)),
    }
    audit.record(
        events.CUSTOMER_UPDATED,
        actor=actor,
        subject=subject_of(customer),
        now=now,
        reason=reason,
        changes={name: (before[name], after[name]) for name in after if before[name] != after[name]},
        detail=detail,
    )
    told = {"customer": customer.public_id, "version": customer.version}
    outbox.announce(events.CUSTOMER_UPDATED.name, subject_id=customer.public_id, payload=told, now=now)


def _plain(customer: Customer) -> dict[str, str]:
    """Return the fields that are about nobody in particular."""
    return {"branch": customer.branch.code}


# -- Examining -------------------------------------------------------------------------------------------------------


def _fields(customer: Customer, fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that would be different, cleaned.

    :raises ChangeUnreadable: when one is none of `changes.FIELDS`, and what `clean_name` and `check_fits` refuse.
    """
    changes.check_fields(fields)
    cleaned = {name: value.strip() for name, value in fields.items()}
    if "name" in cleaned:
        cleaned["name"] = clean_name(cleaned["name"])
    texts.check_fits(Customer, ownership_note=cleaned.get("ownership_note"))
    if "birth_date" in cleaned:
        _date(cleaned["birth_date"])
    present = {
        **{name: getattr(customer, name) for name in ("name", "ownership_note")},
        "branch": customer.branch.code,
        "birth_date": customer.birth_date.reveal() if customer.birth_date else "",
    }
    return {name: value for name, value in cleaned.items() if value != present[name]}


def _branch(code: str | None) -> Branch | None:
    if code is None:
        return None
    branch = Branch.objects.filter(code=code).first()
    if branch is None or not branch.is_open:
        raise BranchClosed(branch_code=code)
    return branch


def _check_documents(customer: Customer, change: Change, today: date) -> None:
    """Refuse numbers that are taken, a date of birth that none of them says, and a customer without any."""
    added, ended, kind = _documents(change), change.ended_in("identifiers"), CustomerKind(customer.kind)
    identifiers.refuse_taken(added)
    standing = list(CustomerIdentifier.objects.filter(customer=customer, ended_on__isnull=True))
    left = [row for row in standing if str(row.pk) not in ended]
    types = [*(row.type for row in left), *(draft.type for draft in added)]
    if ended and not set(types) - {IdentifierType.EXTERNAL}:
        raise customer_errors.LastIdentifier
    if added or ended:
        identifiers.check_enough(types, kind=kind)
    if added or "birth_date" in change.fields:
        born = change.fields.get("birth_date") or (customer.birth_date.reveal() if customer.birth_date else "")
        kept = [IdentifierDraft(IdentifierType(row.type), row.issuer, row.value.reveal()) for row in left]
        identifiers.birth_date_of([*kept, *added], _date(born), kind=kind, today=today)


def _documents(change: Change) -> list[IdentifierDraft]:
    return [draft for draft in change.added if isinstance(draft, IdentifierDraft)]


def _owners(change: Change) -> list[OwnerDraft]:
    return [draft for draft in change.added if isinstance(draft, OwnerDraft)]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise customer_errors.ChangeUnreadable(problem="birth_date") from None
