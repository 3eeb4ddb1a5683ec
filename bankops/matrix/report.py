"""What came of it, as a table to read, as JSON, and as a page of documentation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from bankops.matrix.people import PERSONAS
from bankops.matrix.tries import Bench, Cell, Mark, Try, kept

_BAD = (Mark.GOT_THROUGH, Mark.SHUT_OUT)


@dataclass(frozen=True, slots=True)
class Plan:
    """One door, with what each persona will try there; a single attempt has no persona and the key ``""``.

    Attributes:
        columns: who tries instead of the personas, by key: how they are called.

    """

    section: str
    door: str
    who: str
    tries: Mapping[str, Try]
    columns: Mapping[str, str] = field(default_factory=dict)

    def carried_out(self, bench: Bench) -> Row:
        """Try it all, and return what came of it."""
        cells = {persona: bench.attempt(one) for persona, one in self.tries.items()}
        return Row(self.section, self.door, self.who or cells[""].why, cells, self.columns)

    def as_listed(self) -> Row:
        """Return what comes of it when the product keeps to its listing."""
        cells = {persona: Cell(kept(one.wanted), one.wanted.words) for persona, one in self.tries.items()}
        return Row(self.section, self.door, self.who or cells[""].why, cells, self.columns)


@dataclass(frozen=True, slots=True)
class Row:
    """One door, and what came of every persona's try; `who` says for whom it is listed to open."""

    section: str
    door: str
    who: str
    cells: Mapping[str, Cell]
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_single(self) -> bool:
        return "" in self.cells

    def marks(self) -> list[str]:
        """Return the marks in the order of the personas; a blank where one tried nothing."""
        if self.is_single:
            return [self.cells[""].mark.value]
        return [self.cells[key].mark.value if key in self.cells else " " for key in self.heads()]

    def heads(self) -> Mapping[str, str]:
        """Return who tried, by key: how they are called."""
        return self.columns or {persona.key: str(persona.label) for persona in PERSONAS}

    def line(self) -> str:
        """Return the door's line of the page."""
        who = f"`{self.who}`" if self.is_single else self.who
        return f"| {self.door} | {who} | {' | '.join(self.marks())} |"

    def as_json(self) -> dict[str, Any]:
        outcomes = {who: {"mark": cell.mark.name, "why": cell.why} for who, cell in self.cells.items()}
        return {"section": self.section, "door": self.door, "who": self.who, "outcomes": outcomes}


@dataclass(frozen=True, slots=True)
class Report:
    """The whole matrix.

    Attributes:
        unlisted: doors nobody looked at.
        vanished: listed doors that are no more.

    """

    rows: Sequence[Row]
    unlisted: Sequence[str] = field(default_factory=tuple)
    vanished: Sequence[str] = field(default_factory=tuple)

    def faults(self) -> list[str]:
        """Return what is wrong, one line each: nothing when the product keeps to its listing."""
        return [
            *(
                _("Unlisted door: %(door)s. Say in the listing who may go through.") % {"door": one}
                for one in self.unlisted
            ),
            *(_("Listed door that is not there any more: %(door)s.") % {"door": one} for one in self.vanished),
            *(
                f"{cell.mark.value} {row.section}: {row.door}{who and f', {who}'}: {cell.why}"
                for row in self.rows
                for who, cell in row.cells.items()
                if cell.mark in _BAD
            ),
        ]

    def holds(self) -> bool:
        return not self.faults()

    def tries(self) -> int:
        return sum(len(row.cells) for row in self.rows)

    def as_text(self) -> str:
        """Return the table for a terminal, with the faults below it."""
        width = max((len(row.door) for row in self.rows), default=0)
        heads = " ".join(f"{place + 1:>2}" for place in range(len(PERSONAS)))
        lines = [f"{place + 1:>2} {persona.label}" for place, persona in enumerate(PERSONAS)]
        for section, rows in self._sections():
            lines += ["", f"{section:<{width}} {heads}"]
            lines += [f"{row.door:<{width}} {_marks_in_line(row)}" for row in rows]
        return "\n".join([*lines, "", *self.faults(), self._summary()])

    def as_json(self) -> dict[str, Any]:
        """Return everything for a machine."""
        found = {"unlisted": list(self.unlisted), "vanished": list(self.vanished), "faults": self.faults()}
        return {"holds": self.holds(), "tries": self.tries(), **found, "rows": [row.as_json() for row in self.rows]}

    def as_markdown(self) -> str:
        """Return the page of documentation: what was tried, and what came of it."""
        parts = [_HEAD]
        for section, rows in self._sections():
            parts += [f"## {section}\n", _table(list(rows))]
        return "\n".join(parts)

    def _sections(self) -> Iterable[tuple[str, Iterable[Row]]]:
        return groupby(self.rows, key=lambda row: row.section)

    def _summary(self) -> str:
        words = {"tries": self.tries(), "doors": len(self.rows), "faults": len(self.faults())}
        return _("%(tries)s tries at %(doors)s doors, %(faults)s faults.") % words


_HEAD = """# Who gets through which door

Written by `manage.py approval_matrix --write docs/approval-matrix.md`; a test keeps this page current. Every mark is a try in
a scratch database, through the pages with a real session, at the service, or with SQL. The listing (`bankops/matrix`) says who
may go through; the command ends with status 1 when a door disagrees with it, when one is found that nobody listed, and when
a listed one is gone.

✓ opened, as listed · ○ answered with a page, as listed, and nothing came of it · – refused, as listed, and nothing had
changed · ✗ forbidden, and got through, or something had changed · ! should have opened, or been refused in other words

Rights go by role ([permissions.md](permissions.md)); who may decide hangs on the request as well. Unless it says otherwise, a
request was made by the teller, and the first reviewer was asked, beside somebody who is away and has a stand-in. *In scope* is
whoever holds the right and works at the record's branch, or sees all branches. The confidential account is granted to the
operator alone.
"""


def _table(rows: Sequence[Row]) -> str:
    if rows[0].is_single:
        head = [f"| {_('Try')} | {_('Answer')} | |", "|---|---|:-:|"]
    else:
        heads = rows[0].heads()
        labels = " | ".join(heads.values())
        head = [f"| {_('Door')} | {_('Opens for')} | {labels} |", f"|---|---|{':-:|' * len(heads)}"]
    return "\n".join([*head, *(row.line() for row in rows), ""])


def _marks_in_line(row: Row) -> str:
    shown = " ".join(f"{mark:>2}" for mark in row.marks())
    return f"{shown}  {row.who}" if row.is_single else shown
