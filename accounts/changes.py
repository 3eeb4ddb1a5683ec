"""A change of a customer's data as one document: what is set, what is added, what is ended. Pure; written as canonical JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts import drafts
from accounts.customer_errors import ChangeUnreadable
from accounts.drafts import Draft

# Of the customer's own row. Dates in ISO 8601, the branch by its code. How risky somebody is, is found by a review alone.
FIELDS = ("name", "birth_date", "branch", "ownership_note")


@dataclass(frozen=True, slots=True)
class Ended:
    """A particular that stands and is to end, by its section and key."""

    section: str
    key: str


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants to be different.

    Attributes:
        fields: new values of `FIELDS`.
        added: new particulars. A new address takes the place of the one of its type, a tax residence that of its country.
        ended: particulars that stand no longer.

    """

    fields: Mapping[str, str] = field(default_factory=dict)
    added: tuple[Draft, ...] = ()
    ended: tuple[Ended, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.fields or self.added or self.ended)

    def of_section(self, section: str) -> list[Draft]:
        """Return what is added to a section."""
        return [draft for draft in self.added if section == draft.SECTION]

    def ended_in(self, section: str) -> set[str]:
        """Return the keys of what ends in a section."""
        return {one.key for one in self.ended if one.section == section}


def write(change: Change) -> str:
    """Return a change as canonical JSON: equal wishes give equal text, in whatever order they were entered."""
    added = sorted(({"section": draft.SECTION, **drafts.to_json(draft)} for draft in change.added), key=_canonical)
    ended = sorted(([one.section, one.key] for one in change.ended), key=_canonical)
    return _canonical({"fields": dict(change.fields), "added": added, "ended": ended})


def read(text: str) -> Change:
    """Return the change that `write` wrote.

    :raises ChangeUnreadable: when it wrote another text, or none; or an earlier version of it knew more `FIELDS`.
    """
    try:
        document = json.loads(text)
        check_fields(document["fields"])
        return Change(
            fields={name: str(document["fields"][name]) for name in document["fields"]},
            added=tuple(_draft(dict(one)) for one in document["added"]),
            ended=tuple(Ended(section, key) for section, key in document["ended"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ChangeUnreadable(problem=type(error).__name__) from None


def check_fields(names: Iterable[str]) -> None:
    """Refuse a change whole rather than carry out the part of it that is known.

    :raises ChangeUnreadable: naming what is none of `FIELDS`.
    """
    unknown = sorted({*names} - {*FIELDS})
    if unknown:
        raise ChangeUnreadable(problem=", ".join(unknown))


def _draft(fields: dict[str, Any]) -> Draft:
    return drafts.read(fields.pop("section"), fields)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
