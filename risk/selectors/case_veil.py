"""What of a case somebody without a grant may not read (`risk.confidential`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from accounts.access import Person
from accounts.models import Account, Customer
from bankops.core import ids
from risk.confidential import Veil, veil_over
from risk.models import Case, LinkKind
from risk.reporting.facts import accounts_of
from risk.selectors.case_movements import CaseMovement, movements_of
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
    linked = case.links.filter(kind=LinkKind.CUSTOMER).values_list("subject_id", flat=True)
    named = {ids.decode(Customer.ID_PREFIX, one) for one in linked}
    moved = movements_of(case) if movements is None else movements
    sides = accounts_by_token(side for one in moved for side in one.accounts)
    known = accounts_of(case) if accounts is None else accounts
    return veil_over(person, known, named=named, beside=sides.values())


def veiled(texts: Mapping[str, str], veil: Veil) -> dict[str, str]:
    """Return the parts of a report without what they must not show."""
    return {name: veil.text(text) for name, text in texts.items()}
