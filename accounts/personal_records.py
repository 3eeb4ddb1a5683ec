"""The personal data that this app keeps, as revealing, exporting and erasing see it. Registered when the app is ready."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import personal_data
from accounts.models import Customer, CustomerChange
from accounts.particulars import SECTIONS
from bankops.core.sealed import SealedTextField, Secret
from bankops.core.selectors import timeline

_SEALED_PARTICULARS = ("identifiers", "contacts", "addresses", "tax_residences", "owners")


def register_all() -> None:
    """Make it known; called once, when the app is ready."""
    personal_data.register_part("birth_date", gettext_lazy("Date of birth"), _born)
    personal_data.register_section("customer_data", _customer)
    personal_data.register_section("versions", _versions)
    for name in _SEALED_PARTICULARS:
        _register_particulars(name)
    personal_data.register_section("consents", lambda customer: _records(customer.consents.order_by("pk")))
    personal_data.register_section("changes", lambda customer: _records(customer.changes.order_by("pk")))
    personal_data.register_section("accounts", lambda customer: _records(customer.accounts.order_by("number")))
    personal_data.register_section("rights_on_accounts", _rights)
    personal_data.register_section("events", _events)
    personal_data.register_eraser("changes", _erase_changes)


def _register_particulars(name: str) -> None:
    section = SECTIONS[name]
    sealed = [field for field in section.model._meta.concrete_fields if isinstance(field, SealedTextField)]

    def rows(customer: Customer) -> list[Any]:
        return list(section.model._default_manager.filter(**{section.whose: customer}).order_by("pk"))

    def read(customer: Customer) -> Iterator[tuple[str, str]]:
        for row in rows(customer):
            for field in sealed:
                if secret := getattr(row, field.attname):
                    yield f"{row_label(row)}: {field.verbose_name}", secret.reveal()

    def erase(customer: Customer, _now: datetime) -> int:
        return sum(wipe(row) for row in rows(customer))

    personal_data.register_part(name, section.label, read)
    personal_data.register_section(name, lambda customer: _records(rows(customer)))
    personal_data.register_eraser(name, erase)


def row_label(row: Any) -> str:
    """Return what a particular is, without what it says: `Passport (CN)`."""
    kind = next(
        (getattr(row, f"get_{name}_display")() for name in ("type", "kind", "control") if hasattr(row, name)), ""
    )
    where = getattr(row, "issuer", "") or getattr(row, "country", "")
    return capfirst(" ".join(filter(None, [str(kind), f"({where})" if where else ""])))


def wipe(row: Model) -> bool:
    """Empty the sealed fields of a row, their blind indexes with them, and tell whether there was anything."""
    sealed = [field for field in row._meta.concrete_fields if isinstance(field, SealedTextField)]
    full = [field for field in sealed if getattr(row, field.attname)]
    for field in full:
        setattr(row, field.attname, None if field.null else "")
    if full:
        indexes = [field.attname for field in row._meta.concrete_fields if getattr(field, "of", None)]
        row.save(update_fields=[*(field.attname for field in full), *indexes])
    return bool(full)


def _erase_changes(customer: Customer, _now: datetime) -> int:
    return sum(wipe(change) for change in CustomerChange.objects.filter(customer=customer))


def _born(customer: Customer) -> Iterator[tuple[str, str]]:
    if customer.birth_date:
        yield _("Date of birth"), customer.birth_date.reveal()


def _customer(customer: Customer) -> Iterator[Mapping[str, Any]]:
    yield _in_clear(customer)


def _versions(customer: Customer) -> Iterator[Mapping[str, Any]]:
    for version in customer.history.order_by("history_id"):
        yield {"at": version.history_date.isoformat(), **_in_clear(version)}


def _rights(customer: Customer) -> Iterator[Mapping[str, Any]]:
    for party in customer.party_of.select_related("account").order_by("pk"):
        yield {"account_number": party.account.number, **_in_clear(party)}


def _events(customer: Customer) -> Iterator[Mapping[str, Any]]:
    """Yield what was done to the customer's record, the newest last; who did it stays the bank's own business."""
    for entry in reversed(timeline("customer", customer.public_id, limit=10_000)):
        yield {"at": entry.event.occurred_at.isoformat(), "event": entry.event.event_type, "what": entry.label}


def _records(rows: Any) -> Iterator[Mapping[str, Any]]:
    for row in rows:
        yield _in_clear(row)


_OURS = (
    "id",
    "value_index",
    "history_id",
    "history_user",
    "history_type",
    "history_change_reason",
    "made_by",
    "opening_key",
)


def _in_clear(row: Model) -> dict[str, Any]:
    """Return a record's columns as JSON values, sealed ones revealed; what only the bank's machinery needs is left out."""
    fields = [field for field in row._meta.concrete_fields if field.name not in _OURS]
    return {field.name: _plain(getattr(row, field.attname)) for field in fields}


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int) else str(value)
