"""How long a case keeps its notes, reports and files: `BANKOPS_RETENTION_YEARS` after it was closed, when its report was frozen.

The time runs from the case and not from the end of the customer's business: a report is to be kept for years after it was filed,
whether its customer left the next day or stays for ever (31 CFR 1020.320(d)). A case that is opened again keeps everything until
it is closed again, and the time begins anew.

Reasons stay: why something was linked, ordered or closed. They are part of the audit trail, which keeps them for ever, as whoever
gives one is told; wiped beside the case alone, they would be there all the same. So does what a file was called.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.personal_records import wipe
from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.anniversaries import LeapDay, years_later
from risk import events
from risk.locks import case_for_update
from risk.models import Case, CaseFileContent, CaseNote, CaseReport, CaseState
from risk.services.cases import tell

AT_ONCE: Final = 100


def erase_old_cases(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Wipe notes, reports and files of cases closed so long ago that the bank need not keep them; return of how many.

    What happened to the case and why, and the fingerprints of what was wiped, stay. Each in a transaction of its own, in which it
    writes `risk.case.erased`; safe to run twice.
    """
    keys = list(_old(now).order_by("closed_at", "id").values_list("pk", flat=True)[:limit])
    return sum(_erase(key, now) for key in keys)


def is_kept(case: Case, now: datetime) -> bool:
    """Tell whether the bank must still keep what a case holds."""
    if case.closed_at is None:
        return True
    closed_on = clock.business_date(case.closed_at)
    return clock.business_date(now) < years_later(closed_on, settings.BANKOPS_RETENTION_YEARS, leap_day=LeapDay.LATER)


def _old(now: datetime) -> QuerySet[Case]:
    """Return closed cases, about as old as it takes, in which there is something left to wipe."""
    about = now - timedelta(days=365 * settings.BANKOPS_RETENTION_YEARS)
    notes = CaseNote.objects.filter(case=OuterRef("pk"), text__isnull=False)
    reports = CaseReport.objects.filter(case=OuterRef("pk"), content__isnull=False)
    files = CaseFileContent.objects.filter(file__case=OuterRef("pk"))
    old = Case.objects.filter(state=CaseState.CLOSED, closed_at__lte=about)
    return old.filter(Exists(notes) | Exists(reports) | Exists(files))


@transaction.atomic
def _erase(key: UUID, now: datetime) -> bool:
    case = case_for_update(key)
    if is_kept(case, now):
        return False
    notes = sum(wipe(note) for note in CaseNote.objects.filter(case=case))
    reports = sum(wipe(report) for report in CaseReport.objects.filter(case=case))
    files = CaseFileContent.objects.filter(file__case=case).delete()[0]
    detail = {"notes": notes, "reports": reports, "files": files}
    tell(events.CASE_ERASED, case, actor=Actor.system("risk"), now=now, detail=detail)
    return True
