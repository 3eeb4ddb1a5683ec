"""How screening answers an application: from what is kept where that is fresh, by looking now where it is not."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.kyc import checks, reasons
from accounts.kyc.checks import CheckSubject
from accounts.kyc.findings import CheckKind, CheckState, Finding
from accounts.models import BeneficialOwner, Customer
from bankops.core import clock
from risk.models import HitState, RescreenRun, ScreeningHit, ScreeningState
from risk.screening.listed import version_now
from risk.selectors import lists
from risk.services.screening import screen_customers

LISTS_MISSING = reasons.declare("lists_missing", _("Not screened: a list is missing or too old."))
HITS_OPEN = reasons.declare("screening_hits_open", _("A screening hit waits for a decision."))
HIT_TRUE = reasons.declare("screening_hit_true", _("A screening hit is true."))


def install() -> None:
    """Answer for screening from now on; called once, when the app is ready."""
    checks.install(CheckKind.SCREENING, screen)


def screen(subject: CheckSubject) -> Finding:
    """Return what screening says of an applicant and its owners: without hits a pass, never without the lists."""
    now = clock.now()
    if not lists.screened_against():
        return Finding(CheckState.PENDING, (reasons.NOT_SCREENED,))
    if lists.problems(now):
        return Finding(CheckState.PENDING, (LISTS_MISSING,))
    everybody = _with_owners(subject)
    if stale := [key for key in everybody if not _is_fresh(key)]:
        screen_customers(customer_ids=stale, now=now)
    return _finding(everybody)


def _with_owners(subject: CheckSubject) -> list[UUID]:
    owners = BeneficialOwner.objects.standing().filter(organisation=subject.customer_id, owner__isnull=False)
    return [subject.customer_id, *owners.order_by("owner").values_list("owner_id", flat=True)]


def _is_fresh(customer_id: UUID) -> bool:
    """Tell whether the customer was screened as it is now, and against all that is listed now."""
    state = ScreeningState.objects.filter(customer=customer_id).first()
    if state is None or not Customer.objects.filter(pk=customer_id, version=state.customer_version).exists():
        return False
    return state.lists_version == version_now() or not RescreenRun.objects.filter(finished_at=None).exists()


def _finding(customer_ids: Collection[UUID]) -> Finding:
    standing = Q(state__in=(HitState.OPEN, HitState.NEEDS_MORE), lapsed_at=None) | Q(state=HitState.TRUE)
    hits = list(ScreeningHit.objects.filter(standing, customer__in=list(customer_ids)).order_by("pk"))
    if not hits:
        return Finding(CheckState.PASSED, (), f"lists {version_now()}")
    reference = hashlib.sha256("\n".join(f"{hit.pk} {hit.entry_id} {hit.state}" for hit in hits).encode()).hexdigest()
    if any(hit.state == HitState.TRUE for hit in hits):
        return Finding(CheckState.FAILED, (HIT_TRUE,), reference[:16])
    return Finding(CheckState.MANUAL, (HITS_OPEN,), reference[:16])
