"""Load the small bank, and read what came of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from accounts.models import Account, AccountParty, Customer
from bankops.core.actor import Actor
from staff.models import Branch
from transactions.bank_import.loader import import_bank
from transactions.bank_import.profile import Profile
from transactions.bank_import.profile_file import load_profile
from transactions.bank_import.report import Report
from transactions.models import JournalEntry, Posting, StandingOrder, Transaction

BERKA = load_profile("berka")
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CLERK = Actor.system("import_bank")


def load(directory: Path, profile: Profile = BERKA, *, now: datetime = NOW, pay_orders: bool = False) -> Report:
    return import_bank(profile=profile, directory=directory, actor=CLERK, now=now, pay_orders=pay_orders)


def written() -> list[int]:
    """How much is in every table the import writes."""
    tables = (Branch, Customer, Account, AccountParty, StandingOrder, Transaction, JournalEntry, Posting)
    return [table._default_manager.count() for table in tables]


def history_of(external_id: str) -> list[tuple[str | None, int]]:
    """The journal of an account in its order: idempotency key and balance after."""
    postings = Posting.objects.filter(account__external_reference=f"berka:{external_id}").order_by("version")
    return list(postings.values_list("entry__idempotency_key", "balance_after"))


def numbers(report: Report) -> dict[str, Any]:
    wanted = (
        "rows_read",
        "posted",
        "already_posted",
        "matched_to_the_cent",
        "off_by_rounding",
        "not_chaining",
        "rejected",
    )
    return {name: report.as_dict()[name] for name in wanted}
