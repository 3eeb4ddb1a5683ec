"""Who acts. The kernel knows no user table, so services receive this instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks for an action, frozen as they were at that moment.

    Attributes:
        kind: `staff`, `partner` or `system`.
        id: public id (`usr_…`), or the name of the system process.
        name: how people know the actor; kept with every record, so that renaming rewrites no history.

    """

    kind: str
    id: str
    name: str

    @classmethod
    def system(cls, name: str) -> Actor:
        """Return the actor for work nobody asked for by hand: a schedule, a command, a seed."""
        return cls(kind="system", id=name, name=name)

    def __str__(self) -> str:
        return self.name
