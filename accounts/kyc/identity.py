"""The automatic part of the identity check: what can be seen without a person. Nothing here reads the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.kyc import reasons
from accounts.kyc.findings import CheckState, Finding
from accounts.validation import credit_code, lei, resident_id
from bankops.core.errors import BankOpsError


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number that identifies somebody, in clear: a value of `IdentifierType`, ISO country of the issuer, last valid day."""

    type: str
    issuer: str
    number: str
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class IdentityFacts:
    """What is recorded about somebody.

    Attributes:
        identifiers: those that have not ended.
        birth_date: of a person; None when unknown, and for an organisation.
        today: the business date.

    """

    is_person: bool
    identifiers: Sequence[Identifier]
    birth_date: date | None
    today: date


def problems(facts: IdentityFacts) -> tuple[str, ...]:
    """Return the codes of what is wrong, or nothing."""
    return tuple(dict.fromkeys(_problems(facts)))


def finding(facts: IdentityFacts, *, said: Finding, version: str) -> Finding:
    """Return what is found now: failed where something is wrong, otherwise what a person said, otherwise that one is needed.

    :param said: the check as it stands.
    :param version: of the customer's data. What a person said about other data does not count.
    """
    wrong = problems(facts)
    if wrong:
        return Finding(CheckState.FAILED, wrong)
    if said in (by_person(same=True, version=version), by_person(same=False, version=version)):
        return said
    return Finding(CheckState.PENDING, (reasons.AWAITS_CONFIRMATION,))


def by_person(*, same: bool, version: str) -> Finding:
    """Return what a person found who compared the customer, with data of that version, with the document."""
    if same:
        return Finding(CheckState.PASSED, (reasons.CONFIRMED,), reference=version)
    return Finding(CheckState.FAILED, (reasons.NOT_THE_SAME,), reference=version)


def _problems(facts: IdentityFacts) -> Iterator[str]:
    lasting = [one for one in facts.identifiers if one.expires_on is None or one.expires_on >= facts.today]
    if not facts.identifiers:
        yield reasons.NO_IDENTIFIER
    elif not lasting:
        yield reasons.IDENTIFIER_EXPIRED
    if facts.is_person and facts.birth_date is None:
        yield reasons.BIRTH_DATE_MISSING
    for one in lasting:
        yield from _of_number(one, facts)


def _of_number(one: Identifier, facts: IdentityFacts) -> Iterator[str]:
    try:
        if one.type == "RESIDENT_ID" and one.issuer == "CN":
            born = resident_id.parse(one.number, today=facts.today).birth_date
            if facts.birth_date is not None and born != facts.birth_date:
                yield reasons.BIRTH_DATE_DIFFERS
        elif one.type == "CREDIT_CODE":
            credit_code.clean(one.number)
        elif one.type == "LEI":
            lei.clean(one.number)
    except BankOpsError:
        yield reasons.IDENTIFIER_INVALID
