"""What a partner's page shows of accounts: which its systems may use, and what they may do with each."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from accounts.admin.links import number_link
from accounts.models import Account, AccountPartnerGrant
from accounts.partner_access import LABELS, Right, rights_on
from bankops.core.admin import extensions
from bankops.core.admin.extensions import Panel
from partners.models import Partner

PAGE_SIZE = 25


def accounts_of_partner(request: HttpRequest, partner: Partner) -> Panel | None:
    """Return a page of the accounts by number, in a constant number of queries; numbers alone, never whose they are.

    `?beyond=` is the number that the page begins after.
    """
    if not request.user.has_perm("accounts.view_accountpartnergrant"):
        return None
    beyond = request.GET.get("beyond", "")[:40]
    granted = AccountPartnerGrant.objects.filter(content_object=OuterRef("pk"), group=partner.group_id)
    found = list(Account.objects.filter(Exists(granted), number__gt=beyond).order_by("number")[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    rights = rights_on(partner.group_id, [account.pk for account in shown]) if shown else {}
    content: dict[str, Any] = {
        "rows": [_row(request, account, rights.get(account.pk, frozenset())) for account in shown],
        "is_first": not beyond,
        "next": shown[-1].number if len(found) > PAGE_SIZE else "",
        "may_credit_any": partner.may_credit_any,
    }
    return Panel("accounts/partner_accounts.html", content)


def _row(request: HttpRequest, account: Account, rights: frozenset[Right]) -> dict[str, Any]:
    return {
        "number": number_link(request, account),
        "currency": account.currency,
        "rights": [label for right, label in LABELS.items() if right in rights and right is not Right.FLOAT],
        "is_float": Right.FLOAT in rights,
    }


def install() -> None:
    """Show it on every partner's page."""
    extensions.add_panel(Partner, accounts_of_partner)
