"""What is held about a customer, how it is shown in clear, exported and erased: whoever keeps personal data says so here.

    personal_data.register_part("contacts", _("Contacts"), contacts_in_clear)          # customer -> (label, value) pairs
    personal_data.register_section("contacts", contacts_for_export)                    # customer -> records
    personal_data.register_eraser("contacts", erase_contacts)                          # (customer, now) -> how many

A part is what somebody can choose to reveal on the customer's page. A section of the subject-access export yields plain
JSON values: texts, whole numbers, booleans, None, lists and mappings of them; sealed fields are in clear there, which is
what the export is for. An eraser wipes what a former customer need not be remembered by, in the caller's transaction; it
may be called again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.utils.functional import Promise

from accounts.models import Customer

Pairs: TypeAlias = Iterable[tuple[str, str]]
Section: TypeAlias = Callable[[Customer], Iterable[Mapping[str, Any]]]
Eraser: TypeAlias = Callable[[Customer, datetime], int]


@dataclass(frozen=True, slots=True)
class Part:
    """Something that can be revealed: what people call it, and how it is read."""

    label: str | Promise
    read: Callable[[Customer], Pairs]


_parts: dict[str, Part] = {}
_sections: dict[str, Section] = {}
_erasers: dict[str, Eraser] = {}


def register_part(name: str, label: str | Promise, read: Callable[[Customer], Pairs]) -> None:
    """Let something be revealed. Called from `apps.ready`; the audit trail records the name."""
    _parts[name] = Part(label, read)


def register_section(name: str, section: Section) -> None:
    """Add a part to the subject-access export. Called from `apps.ready`; the name is the part's key in the file."""
    _sections[name] = section


def register_eraser(name: str, eraser: Eraser) -> None:
    """Add what happens when a former customer is pseudonymised. Called from `apps.ready`."""
    _erasers[name] = eraser


def parts() -> Mapping[str, Part]:
    """Return what can be revealed, by name."""
    return dict(_parts)


def sections(customer: Customer) -> Iterator[tuple[str, Iterable[Mapping[str, Any]]]]:
    """Yield each section of the export: its name and its records, read as they are taken."""
    for name, section in _sections.items():
        yield name, section(customer)


def erase(customer: Customer, now: datetime) -> dict[str, int]:
    """Run every eraser, and return how many records each of them wiped. Call it in a transaction."""
    return {name: eraser(customer, now) for name, eraser in _erasers.items()}
