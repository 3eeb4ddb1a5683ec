"""The automatic part of the identity check, and the documents check."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.kyc import documents, identity, reasons
from accounts.kyc.documents import DocumentFacts
from accounts.kyc.findings import CheckState, Finding
from accounts.kyc.required import DocumentKind, required

TODAY = date(2026, 3, 2)
BORN = date(1949, 12, 31)
CARD = identity.Identifier("RESIDENT_ID", "CN", "11010519491231002X", None)  # GB 11643-1999, appendix A
PASSPORT = identity.Identifier("PASSPORT", "CN", "E12345678", TODAY)
NOT_SAID = Finding(CheckState.PENDING)


def facts(*identifiers: identity.Identifier, born: date | None = BORN, person: bool = True) -> identity.IdentityFacts:
    return identity.IdentityFacts(person, identifiers, born, TODAY)


@pytest.mark.parametrize(
    ("known", "wrong"),
    [
        (facts(CARD), ()),
        (facts(PASSPORT), ()),
        (facts(CARD, PASSPORT), ()),
        (facts(), (reasons.NO_IDENTIFIER,)),
        (facts(identity.Identifier("PASSPORT", "CN", "E1", date(2026, 3, 1))), (reasons.IDENTIFIER_EXPIRED,)),
        (facts(CARD, born=None), (reasons.BIRTH_DATE_MISSING,)),
        (facts(CARD, born=date(1950, 1, 1)), (reasons.BIRTH_DATE_DIFFERS,)),
        (facts(identity.Identifier("RESIDENT_ID", "CN", "110105194912310020", None)), (reasons.IDENTIFIER_INVALID,)),
        (facts(identity.Identifier("RESIDENT_ID", "FR", "880692310285", None)), ()),
        (facts(identity.Identifier("CREDIT_CODE", "CN", "91350100M000100Y43", None), born=None, person=False), ()),
        (
            facts(identity.Identifier("CREDIT_CODE", "CN", "91350100M000100Y44", None), born=None, person=False),
            (reasons.IDENTIFIER_INVALID,),
        ),
    ],
)
def test_what_can_be_seen_without_a_person(known: identity.IdentityFacts, wrong: tuple[str, ...]) -> None:
    assert identity.problems(known) == wrong
    found = identity.finding(known, said=NOT_SAID, version="1")
    expected = (CheckState.FAILED, wrong) if wrong else (CheckState.PENDING, (reasons.AWAITS_CONFIRMATION,))
    assert (found.state, found.reasons) == expected


@pytest.mark.parametrize("same", [True, False])
def test_what_a_person_said_counts_for_the_data_they_saw(same: bool) -> None:
    said = identity.by_person(same=same, version="3")
    assert identity.finding(facts(CARD), said=said, version="3") == said
    assert identity.finding(facts(CARD), said=said, version="4").reasons == (reasons.AWAITS_CONFIRMATION,)
    assert identity.finding(facts(), said=said, version="3").reasons == (reasons.NO_IDENTIFIER,)


def test_a_pass_that_nobody_said_is_none() -> None:
    forged = Finding(CheckState.PASSED, (reasons.CONFIRMED,), reference="2")
    assert identity.finding(facts(CARD), said=forged, version="3").state == CheckState.PENDING
    assert identity.finding(facts(CARD), said=Finding(CheckState.PASSED), version="3").state == CheckState.PENDING


WANTED = (DocumentKind.IDENTITY, DocumentKind.OWNERSHIP)
OWNERSHIP = DocumentFacts(DocumentKind.OWNERSHIP, verified=True)


def card(*, verified: bool = True, expires_on: date | None = None) -> DocumentFacts:
    return DocumentFacts(DocumentKind.IDENTITY, verified, expires_on)


@pytest.mark.parametrize(
    ("there", "state", "codes"),
    [
        ([], CheckState.PENDING, (reasons.DOCUMENT_MISSING,)),
        ([OWNERSHIP], CheckState.PENDING, (reasons.DOCUMENT_MISSING,)),
        ([OWNERSHIP, card(verified=False)], CheckState.PENDING, (reasons.DOCUMENT_NOT_VERIFIED,)),
        ([OWNERSHIP, card(expires_on=date(2026, 3, 1))], CheckState.FAILED, (reasons.DOCUMENT_EXPIRED,)),
        ([card(expires_on=date(2026, 3, 1))], CheckState.FAILED, (reasons.DOCUMENT_EXPIRED, reasons.DOCUMENT_MISSING)),
        ([OWNERSHIP, card(expires_on=TODAY)], CheckState.PASSED, ()),
        ([OWNERSHIP, card()], CheckState.PASSED, ()),
        ([OWNERSHIP, card(expires_on=date(2026, 3, 1)), card(expires_on=TODAY)], CheckState.PASSED, ()),
        (
            [OWNERSHIP, card(expires_on=date(2026, 3, 1)), card(verified=False)],
            CheckState.PENDING,
            (reasons.DOCUMENT_NOT_VERIFIED,),
        ),
    ],
)
def test_one_valid_document_of_every_kind(
    there: list[DocumentFacts], state: CheckState, codes: tuple[str, ...]
) -> None:
    assert documents.finding(WANTED, there, today=TODAY) == Finding(state, codes)


def test_who_brings_what() -> None:
    assert required(customer_kind="PERSON", high_risk=False) == (DocumentKind.IDENTITY,)
    assert required(customer_kind="PERSON", high_risk=True) == (DocumentKind.IDENTITY, DocumentKind.SOURCE_OF_FUNDS)
    organisation = required(customer_kind="ORGANISATION", high_risk=False)
    assert set(organisation) == {DocumentKind.REGISTRATION, DocumentKind.OWNERSHIP, DocumentKind.IDENTITY}
