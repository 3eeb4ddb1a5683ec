"""What an app adds to the page of a record that belongs to an app below it.

An account's page shows its postings and offers a deposit, and both are the business of `transactions`, which `accounts`
does not know. So `transactions.admin` brings them:

    extensions.add_pages(Account, Deposit, Withdraw, StatementPage)
    extensions.add_panel(Account, posting_history)      # (request, account) -> Panel | None

What concerns any kind of record, such as work that waits for approval, stands as a banner on top of its page:

    extensions.add_banner(pending_work)                 # (request, "account", "acc_…") -> Panel | None
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from bankops.core.admin.pages import AdminPage


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page: a template, which finds `content` as `panel`."""

    template: str
    content: Mapping[str, Any]


MakePanel = Callable[[HttpRequest, Any], Panel | None]
MakeBanner = Callable[[HttpRequest, str, str], Panel | None]

_pages: defaultdict[type[Model], list[type[AdminPage]]] = defaultdict(list)
_panels: defaultdict[type[Model], list[MakePanel]] = defaultdict(list)
_banners: list[MakeBanner] = []


def add_pages(model: type[Model], *pages: type[AdminPage]) -> None:
    """Offer doors or reading pages on the page of every `model`. Called when the admin modules are loaded."""
    _pages[model].extend(pages)


def add_panel(model: type[Model], make: MakePanel) -> None:
    """Show a panel on the page of every `model`; `make` returns None where it has nothing to show to this person."""
    _panels[model].append(make)


def pages_of(model: type[Model]) -> list[type[AdminPage]]:
    """Return the pages that other apps added, in the order in which they did."""
    return list(_pages[model])


def panels_of(model: type[Model], request: HttpRequest, record: Model | None) -> list[Panel]:
    """Return the panels that other apps added, for one record and one person."""
    made = [make(request, record) for make in _panels[model]] if record is not None else []
    return [panel for panel in made if panel is not None]


def add_banner(make: MakeBanner) -> None:
    """Show a banner on the page of every record whose kind the audit trail knows; `make` returns None where it has none.

    `make` is asked with the record's kind (`timeline_subject` of its admin class) and public id.
    """
    _banners.append(make)


def banners_on(request: HttpRequest, subject_type: str, record: Any) -> list[Panel]:
    """Return the banners for one record and one person."""
    made = [make(request, subject_type, record.public_id) for make in _banners] if subject_type and record else []
    return [banner for banner in made if banner is not None]
