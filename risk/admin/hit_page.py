"""One hit: the customer and the listed party side by side, and what spoke for it. Dates of birth are masked, as everywhere."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import BeneficialOwner, Customer
from bankops.core.admin.display import NOTHING
from bankops.core.masking import MASK
from risk.admin import list_badges
from risk.models import ListEntry, ScreeningHit
from risk.screening import explaining
from risk.screening.parties import countries_of
from risk.selectors.editions import in_words
from risk.services.hits import stands


def page_of(request: HttpRequest, hit: ScreeningHit) -> dict[str, Any]:
    """Return what the template shows."""
    kept = hit.explanation.reveal()
    explanation = explaining.masked(explaining.read(kept)) if kept else None
    return {
        "hit": hit,
        "score": list_badges.score_of(hit),
        "strength": list_badges.strength_badge(hit),
        "standing": list_badges.state_badge(hit),
        "stands": stands(hit),
        "beside": _beside(hit, explanation),
        "lines": explanation.lines() if explanation else [],
        "may_open": request.user.has_perm("accounts.view_customer"),
        "moved": not _stands(hit.entry),
        "other_hits": ScreeningHit.objects.filter(customer=hit.customer_id).exclude(pk=hit.pk).count(),
    }


def _stands(entry: ListEntry) -> bool:
    """Tell whether the list still says what matters of an entry: a later edition may have changed its programme only."""
    return (
        ListEntry.objects.in_force().filter(watch_list=entry.watch_list_id, key=entry.key, matter=entry.matter).exists()
    )


def _beside(hit: ScreeningHit, explanation: Any) -> list[tuple[str, str, str]]:
    """Return the two sides line by line: what, ours, theirs."""
    entry = hit.entry
    met = (explanation.our_name, explanation.their_name) if explanation else (NOTHING, NOTHING)
    ours = _owner(hit.owner) if hit.owner else _customer(hit.customer)
    return [
        (_("Names that met"), *met),
        (_("Kind"), ours["kind"], entry.kind),
        (_("All names"), ours["name"], in_words(entry, "names")),
        (_("Date of birth"), ours["born"], in_words(entry, "birth_dates") or NOTHING),
        (_("Countries"), ours["countries"], in_words(entry, "countries") or NOTHING),
        (_("Listed under"), NOTHING, in_words(entry, "programmes") or NOTHING),
        (_("Reference"), ours["reference"], entry.reference or entry.key),
    ]


def _customer(customer: Customer) -> dict[str, str]:
    return {
        "kind": str(customer.get_kind_display()),
        "name": customer.name,
        "born": MASK if customer.birth_date else NOTHING,
        "countries": ", ".join(sorted(countries_of(customer.pk))) or NOTHING,
        "reference": customer.number,
    }


def _owner(owner: BeneficialOwner) -> dict[str, str]:
    return {
        "kind": _("owner of the organisation"),
        "name": owner.outsider_name.masked if owner.outsider_name else NOTHING,
        "born": NOTHING,
        "countries": owner.country or NOTHING,
        "reference": str(owner),
    }
