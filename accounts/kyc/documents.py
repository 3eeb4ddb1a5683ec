"""The documents check: is one of every required kind there, verified and still valid? Nothing here reads the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.kyc import reasons
from accounts.kyc.findings import CheckState, Finding
from accounts.kyc.required import DocumentKind


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document that was not refused; `expires_on` is its last valid day, None when it has none."""

    kind: DocumentKind
    verified: bool
    expires_on: date | None = None

    def is_valid(self, today: date) -> bool:
        """Whether it was verified and has not expired."""
        return self.verified and (self.expires_on is None or self.expires_on >= today)


def finding(wanted: Iterable[DocumentKind], there: Sequence[DocumentFacts], *, today: date) -> Finding:
    """Return passed when every wanted kind has a valid document, failed when one has only expired ones, else pending."""
    found = [_problem([one for one in there if one.kind == kind], today) for kind in wanted]
    codes = tuple(dict.fromkeys(filter(None, found)))
    if not codes:
        return Finding(CheckState.PASSED)
    expired = reasons.DOCUMENT_EXPIRED in codes
    return Finding(CheckState.FAILED if expired else CheckState.PENDING, codes)


def _problem(there: Sequence[DocumentFacts], today: date) -> str:
    if any(one.is_valid(today) for one in there):
        return ""
    if any(not one.verified for one in there):
        return reasons.DOCUMENT_NOT_VERIFIED
    return reasons.DOCUMENT_EXPIRED if there else reasons.DOCUMENT_MISSING
