"""Why a check is where it is: stable codes with a sentence each. A higher app declares its own."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_declared: dict[str, str | Promise] = {}


def declare(code: str, label: str | Promise) -> str:
    """Make a reason known and return its code. The code is stable for ever: it stands in the history of checks."""
    if _declared.setdefault(code, label) != label:
        raise ValueError(f"reason {code!r} is declared already")
    return code


def label_of(code: str) -> str:
    """Return the sentence people read, or the code itself when nobody declares it any longer."""
    return str(_declared.get(code, code))


NOT_RUN = declare("not_run", _("Not run yet."))
# What has no checker installed, or one that failed: never a pass.
NOT_SCREENED = declare("not_screened", _("Not screened: no screening is connected."))
CHECKER_FAILED = declare("checker_failed", _("The check could not be carried out. Run it again."))
CHECKER_TIMED_OUT = declare("checker_timed_out", _("The check gave no answer in time. Run it again."))

NO_IDENTIFIER = declare("no_identifier", _("No identity number is recorded."))
IDENTIFIER_EXPIRED = declare("identifier_expired", _("The identity document has expired."))
IDENTIFIER_INVALID = declare("identifier_invalid", _("The identity number is not valid."))
BIRTH_DATE_MISSING = declare("birth_date_missing", _("The date of birth is missing."))
BIRTH_DATE_DIFFERS = declare("birth_date_differs", _("The date of birth is not the one in the identity number."))
AWAITS_CONFIRMATION = declare("awaits_confirmation", _("A person has to compare the identity document."))
CONFIRMED = declare("confirmed_by_person", _("Compared with the identity document by a person."))
NOT_THE_SAME = declare("not_the_same", _("The document does not show the same person or organisation."))

DOCUMENT_MISSING = declare("document_missing", _("A required document is missing."))
DOCUMENT_NOT_VERIFIED = declare("document_not_verified", _("A required document awaits verification."))
DOCUMENT_EXPIRED = declare("document_expired", _("A required document has expired."))
