"""What a customer's page shows of screening, to those who may know of hits: telling the customer would tip them off."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.models import Customer
from bankops.core import clock
from bankops.core.admin import extensions
from bankops.core.admin.extensions import Panel
from risk.admin import list_badges
from risk.models import ScreeningDue, ScreeningHit, ScreeningState
from risk.selectors.lists import problems

SHOWN = 20


def screening_of(request: HttpRequest, customer: Customer) -> Panel | None:
    """Return when the customer was screened, whether anything is wrong with the lists, and its hits, the newest first."""
    if not request.user.has_perm("risk.view_screeninghit"):
        return None
    hits = (
        ScreeningHit.objects.filter(customer=customer)
        .select_related("entry", "watch_list")
        .order_by("-opened_at", "-id")
    )
    content: dict[str, Any] = {
        "state": ScreeningState.objects.filter(customer=customer).first(),
        "version": customer.version,
        "failed": ScreeningDue.objects.filter(customer_id=customer.pk, failed_at__isnull=False).order_by("-pk").first(),
        "problems": problems(clock.now()),
        "rows": [
            (hit, list_badges.score_of(hit), list_badges.strength_badge(hit), list_badges.state_badge(hit))
            for hit in hits[:SHOWN]
        ],
    }
    return Panel("risk/customer_screening.html", content)


def install() -> None:
    """Show it on every customer's page."""
    extensions.add_panel(Customer, screening_of)
