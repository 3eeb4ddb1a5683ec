"""The personal data that cases keep, as erasing and key rotations see it. Registered when the app is ready.

It is no part of what a customer can have exported, nor of what a desk reveals: whoever is inquired into may not learn of it
(People's Republic of China, Anti-Money Laundering Law, article 54; 31 U.S.C. 5318(g)(2)).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts import personal_data
from accounts.models import Customer, CustomerState
from accounts.personal_records import wipe
from bankops.core import rotation
from risk.models import Case, CaseFileContent, CaseNote, CaseReport, CaseState
from risk.models.case import file_context
from risk.reporting.facts import customers_of

_FILES_AT_ONCE = 10  # of up to five megabytes


def register_all() -> None:
    """Make it known; called once, when the app is ready."""
    table = CaseFileContent._meta.db_table
    rotation.register(rotation.Place(table, "sealed", ("file_id",), _context, key="file_id", batch=_FILES_AT_ONCE))
    personal_data.register_eraser("cases", erase_cases)


def erase_cases(customer: Customer, _now: datetime) -> int:
    """Wipe notes, reports and files of the closed cases about a former customer; return how many rows.

    A case that is about others, too, waits until the last of them is a former customer.
    """
    return sum(_wipe(case) for case in _cases_of(customer) if _is_last(case, customer))


def _cases_of(customer: Customer) -> QuerySet[Case]:
    about = Q(alerts__about_customers__customer=customer) | Q(links__subject_id=customer.public_id)
    return Case.objects.filter(about, state=CaseState.CLOSED).distinct().order_by("id")


def _is_last(case: Case, customer: Customer) -> bool:
    others = [one for one in customers_of(case) if one.pk != customer.pk]
    return all(one.state == CustomerState.PSEUDONYMISED for one in others)


def _wipe(case: Case) -> int:
    notes = sum(wipe(note) for note in CaseNote.objects.filter(case=case))
    reports = sum(wipe(report) for report in CaseReport.objects.filter(case=case))
    return notes + reports + CaseFileContent.objects.filter(file__case=case).delete()[0]


def _context(file_id: UUID) -> str:
    return file_context(file_id)
