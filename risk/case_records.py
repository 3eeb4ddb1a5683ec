"""Where cases keep what is sealed, as key rotations see it. Registered when the app is ready.

It is no part of what a customer can have exported, nor of what a desk reveals: whoever is inquired into may not learn of it
(People's Republic of China, Anti-Money Laundering Law, article 54; 31 U.S.C. 5318(g)(2)). Nor is it erased with a
customer: how long it is kept follows from the case (`risk.services.case_retention`).
"""

from __future__ import annotations

from uuid import UUID

from bankops.core import rotation
from risk.models import CaseFileContent
from risk.models.case import file_context

_FILES_AT_ONCE = 10  # of up to five megabytes


def register_all() -> None:
    """Make it known; called once, when the app is ready."""
    table = CaseFileContent._meta.db_table
    rotation.register(rotation.Place(table, "sealed", ("file_id",), _context, key="file_id", batch=_FILES_AT_ONCE))


def _context(file_id: UUID) -> str:
    return file_context(file_id)
