"""Cells of a CSV file that a spreadsheet must read as text, never as a formula.

A narrative like `=cmd|' /C calc'!A0` is text somebody sent us; opened in a spreadsheet it would run. OWASP's advice on "CSV
injection": a cell that begins with `=`, `+`, `-`, `@`, a tab or a line break gets an apostrophe before it. Genuine
numbers, such as a negative balance, stay numbers.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

BYTE_ORDER_MARK = "\ufeff"
"""Spreadsheets take a file for UTF-8 only when it begins with this."""

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
# Full-width forms count too: spreadsheets of East Asian locales read them as the plain ones.
_DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BREAKS = ("\t", "\r", "\n")


def neutral(cell: str) -> str:
    """Return `cell` so that a spreadsheet shows it and evaluates nothing."""
    if _NUMBER.fullmatch(cell):
        return cell
    risky = cell.startswith(_BREAKS) or cell.lstrip().startswith(_DANGEROUS)
    return f"'{cell}" if risky else cell


def lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Write rows one by one, every cell neutral and quoted, for a streamed answer."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    for row in rows:
        yield writer.writerow([neutral(cell) for cell in row])


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text
