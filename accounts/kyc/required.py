"""Which documents a customer has to bring."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentKind(models.TextChoices):
    IDENTITY = "IDENTITY", _("identity document")
    REGISTRATION = "REGISTRATION", _("business licence or register extract")
    OWNERSHIP = "OWNERSHIP", _("declaration of beneficial owners")
    ADDRESS = "ADDRESS", _("proof of address")
    SOURCE_OF_FUNDS = "SOURCE_OF_FUNDS", _("proof of the source of funds")
    AUTHORITY = "AUTHORITY", _("power of attorney")
    OTHER = "OTHER", _("other document")


IDENTIFYING = frozenset({DocumentKind.IDENTITY, DocumentKind.REGISTRATION})
"""Documents that say who the customer is. They expire, and an account without a valid one is restricted in the end."""

_ALWAYS = {
    "PERSON": (DocumentKind.IDENTITY,),
    "ORGANISATION": (DocumentKind.REGISTRATION, DocumentKind.OWNERSHIP, DocumentKind.IDENTITY),
}
_FOR_HIGH_RISK = (DocumentKind.SOURCE_OF_FUNDS,)


def required(*, customer_kind: str, high_risk: bool) -> tuple[DocumentKind, ...]:
    """Return the kinds that have to be there, in the order in which they are asked for.

    An organisation brings the identity document of whoever represents it. Enhanced due diligence asks for the source of
    funds (FATF Recommendation 10, interpretive note, paragraph 20).

    :param customer_kind: a value of `CustomerKind`.
    """
    return _ALWAYS[customer_kind] + (_FOR_HIGH_RISK if high_risk else ())
