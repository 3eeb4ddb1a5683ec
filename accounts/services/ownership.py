"""Who owns an organisation, added up: the rules that need more than one row. The database holds them too (`owners_hold`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from accounts import customer_errors
from accounts.drafts import OwnerDraft
from accounts.models import BeneficialOwner, ControlKind, Customer, CustomerKind
from accounts.models.ownership import WHOLE, per_cent


def check_owners(organisation: Customer, added: Iterable[OwnerDraft], ended: set[str]) -> None:
    """Refuse owners that cannot be all of them right.

    :param ended: keys of standing owners that end.
    :raises OwnersOfPerson, OwnersOverWhole, OwnershipCircle: naming what does not fit.
    """
    drafts = list(added)
    if drafts and organisation.kind != CustomerKind.ORGANISATION:
        raise customer_errors.OwnersOfPerson(customer=organisation.number)
    _check_shares(organisation, drafts, ended)
    for draft in drafts:
        if draft.customer and organisation.pk in _above(Customer.objects.get(number=draft.customer)):
            raise customer_errors.OwnershipCircle(organisation=organisation.number, owner=draft.customer)


def is_established(customer: Customer) -> bool:
    """Tell whether the bank knows who is behind a customer: an owner is named, or why none is. True of a person."""
    if customer.kind == CustomerKind.PERSON or customer.ownership_note:
        return True
    return bool(BeneficialOwner.objects.standing().filter(organisation=customer).exists())


def _check_shares(organisation: Customer, added: list[OwnerDraft], ended: set[str]) -> None:
    totals: Counter[str] = Counter()
    standing = BeneficialOwner.objects.standing().filter(organisation=organisation).exclude(pk__in=ended)
    for control, share in standing.values_list("control", "share"):
        totals[control] += share or 0
    for draft in added:
        totals[draft.control] += draft.share or 0
    for control, total in totals.items():
        if total > WHOLE:
            raise customer_errors.OwnersOverWhole(total=per_cent(total), control=ControlKind(control).label)


def _above(customer: Customer) -> set[UUID | None]:
    """Return the customer and everybody who owns it, directly or through others; one query for each floor."""
    known: set[UUID | None] = {customer.pk}
    floor: set[UUID | None] = {customer.pk}
    while floor:
        owners = BeneficialOwner.objects.standing().filter(organisation__in=floor, owner__isnull=False)
        floor = {owner for owner in owners.values_list("owner", flat=True) if owner not in known}
        known |= floor
    return known
