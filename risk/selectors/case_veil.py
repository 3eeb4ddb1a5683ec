"""What of a case somebody without a grant may not read (`risk.confidential`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from accounts.access import Person
from accounts.models import Account, Customer
from bankops.core import ids
from risk.confidential import Veil, veil_over
from risk.models import Case, LinkKind
from risk.reporting.facts import accounts_of


def veil_of(case: Case, person: Person, accounts: Iterable[Account] | None = None) -> Veil:
    """Return what of a case this person may not read. Customers whom somebody linked by their number are no secret.

    :param accounts: those of the case, where they were read already.
    """
    linked = case.links.filter(kind=LinkKind.CUSTOMER).values_list("subject_id", flat=True)
    named = {ids.decode(Customer.ID_PREFIX, one) for one in linked}
    return veil_over(person, accounts_of(case) if accounts is None else accounts, named=named)


def veiled(texts: Mapping[str, str], veil: Veil) -> dict[str, str]:
    """Return the parts of a report without what they must not show."""
    return {name: veil.text(text) for name, text in texts.items()}
