"""Reading a JSON document strictly: whatever is not exactly as it should be is refused, with the place where it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from approvals.errors import PolicyUnreadable


@dataclass(frozen=True, slots=True)
class Place:
    """A value and the path to it, for instance `stages[1].quorum`. Every method raises `PolicyUnreadable` when it is not so."""

    path: str
    value: Any

    def refuse(self, problem: str | Promise) -> NoReturn:
        """Say what is wrong here."""
        raise PolicyUnreadable(path=self.path or "policy", problem=problem)

    def fields(self, *names: str) -> dict[str, Place]:
        """Return the places of an object that has exactly these names."""
        if not isinstance(self.value, dict):
            self.refuse(_("must be an object with names and values"))
        for name in sorted(set(self.value) - set(names), key=str):
            self._under(name).refuse(_("is not known; remove it or correct its spelling"))
        for name in names:
            if name not in self.value:
                self._under(name).refuse(_("is missing"))
        return {name: self._under(name) for name in names}

    def entries(self) -> Iterator[tuple[str, Place]]:
        """Yield the names of an object with their places."""
        if not isinstance(self.value, dict):
            self.refuse(_("must be an object with names and values"))
        return ((str(name), self._under(name)) for name in sorted(self.value, key=str))

    def items(self, low: int, high: int) -> list[Place]:
        """Return the places of a list of `low` to `high` different items."""
        if not isinstance(self.value, list):
            self.refuse(_("must be a list"))
        if not low <= len(self.value) <= high:
            self.refuse(format_lazy(_("must have {low} to {high} items"), low=low, high=high))
        places = [Place(f"{self.path}[{number}]", item) for number, item in enumerate(self.value)]
        for number, place in enumerate(places):
            if isinstance(place.value, str | int) and place.value in self.value[:number]:
                place.refuse(_("is listed twice"))
        return places

    def integer(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        if type(self.value) is not int or not low <= self.value <= high:
            self.refuse(format_lazy(_("must be a whole number from {low} to {high}"), low=low, high=high))
        return self.value

    def boolean(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            self.refuse(_("must be true or false"))
        return self.value

    def text(self) -> str:
        """Return a text that is not empty and that the database can keep."""
        if not isinstance(self.value, str) or not self.value.strip() or not self.value.isprintable():
            self.refuse(_("must be a text"))
        return self.value

    def choice(self, choices: Collection[str]) -> str:
        """Return one of `choices`."""
        text = self.text()
        if text not in choices:
            self.refuse(format_lazy(_("“{text}” must be one of: {choices}"), text=text, choices=", ".join(choices)))
        return text

    def _under(self, name: object) -> Place:
        return Place(f"{self.path}.{name}" if self.path else str(name), self.value.get(name))
