"""What of a case somebody without a grant may not read (`risk.confidential`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from accounts.access import Person
from accounts.models import Account, Customer
from bankops.core import ids
from risk.confidential import Veil, veil_over
from risk.models import Case, CaseLink, LinkKind
from risk.reporting.facts import accounts_of
from risk.selectors.case_movements import CaseMovement, movements_by_case, movements_of
from risk.selectors.patterns import accounts_of as accounts_by_token


def veil_of(
    case: Case,
    person: Person,
    accounts: Iterable[Account] | None = None,
    movements: Iterable[CaseMovement] | None = None,
) -> Veil:
    """Return what of a case this person may not read: of its accounts, and of those that its movements went from and to.

    Customers whom somebody linked by their number are no secret.

    :param accounts: those of the case, where they were read already.
    :param movements: the same for its movements.
    """
    known = accounts_of(case) if accounts is None else accounts
    moved = movements_of(case) if movements is None else movements
    return _veils(person, {case.pk: known}, {case.pk: moved})[case.pk]


def veils_of(cases: Collection[Case], person: Person, accounts: Mapping[UUID, Iterable[Account]]) -> dict[UUID, Veil]:
    """Return the same of several cases, by case, in as many queries as for one.

    :param accounts: those of the cases, by case.
    """
    return _veils(person, accounts, movements_by_case(cases))


def _veils(
    person: Person, accounts: Mapping[UUID, Iterable[Account]], movements: Mapping[UUID, Iterable[CaseMovement]]
) -> dict[UUID, Veil]:
    links = CaseLink.objects.filter(case__in=list(accounts), kind=LinkKind.CUSTOMER).values_list("case", "subject_id")
    named: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for case, public_id in links:
        named[case].add(ids.decode(Customer.ID_PREFIX, public_id))
    sides = accounts_by_token(side for moved in movements.values() for one in moved for side in one.accounts)
    return {
        case: veil_over(
            person,
            known,
            named=named[case],
            beside=[sides[side] for one in movements[case] for side in one.accounts if side in sides],
        )
        for case, known in accounts.items()
    }


def veiled(texts: Mapping[str, str], veil: Veil) -> dict[str, str]:
    """Return the parts of a report without what they must not show."""
    return {name: veil.text(text) for name, text in texts.items()}
