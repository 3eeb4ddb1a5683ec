"""Read a bank's files line by line, in memory that does not grow with the file.

Two kinds of fault are kept apart. What is wrong with a *file* (not there, a column missing, not the encoding the profile
says) is found by `check_files` before anything is written and refuses the import. What is wrong with a *row* (torn, not a
number, a bad date, an unknown word) rejects that row, with its line and column, and the import goes on without it.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from django.utils.translation import gettext as _

from transactions.bank_import.errors import BankFileMissing, ColumnMissing, WrongEncoding
from transactions.bank_import.profile import Dialect, FileSpec, Profile
from transactions.bank_import.rows import Rejection, RowRefused

# Bytes that are control characters in every encoding which writes ASCII as ASCII. They do not occur in text: where they do,
# the file is of another encoding (an 8-bit one decodes without complaint, whatever the bytes are).
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

# What our columns hold.
_TEXT_MAX = 40
_LONG_TEXTS = {"name": 100, "region": 100}

_Parsed = TypeVar("_Parsed")


@dataclass(frozen=True, slots=True)
class Record:
    """The wanted fields of one line, by meaning, trimmed; texts that mean "nothing" are empty."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class BankFile:
    """One file of the bank, as its profile describes it."""

    spec: FileSpec
    dialect: Dialect
    path: Path

    def check(self) -> int:
        """Read the whole file once and return how many lines of data it has.

        :raises BankFileMissing: when it is not there.
        :raises ColumnMissing: when the header lacks a column the profile names.
        :raises WrongEncoding: at the first line that is not text of the profile's encoding.
        """
        lines = self._lines()
        self._positions(next(lines, ""))
        return sum(1 for line in lines if line.strip())

    def records(self) -> Iterator[Record | Rejection]:
        """Yield every line of data, in file order; a line that is not whole is a `Rejection`."""
        lines = self._lines()
        header = next(lines, "")
        positions, width = self._positions(header), len(self._split(header))
        for number, line in enumerate(lines, 2):
            if not line.strip():
                continue
            try:
                yield Record(number, self._values(line, positions, width))
            except RowRefused as refused:
                yield self.rejection(number, refused)

    def parsed(self, parse: Callable[[Record], _Parsed]) -> Iterator[_Parsed | Rejection]:
        """Yield every line of data as `parse` understands it; what it refuses becomes a `Rejection`."""
        for record in self.records():
            if isinstance(record, Rejection):
                yield record
                continue
            try:
                yield parse(record)
            except RowRefused as refused:
                yield self.rejection(record.line, refused)

    def rejection(self, line: int, refused: RowRefused) -> Rejection:
        """Return the note of a row refused; its column is given by meaning and noted by header."""
        column = self.spec.headers.get(refused.column, refused.column)
        return Rejection(self.spec.name, line, column, refused.code, refused.reason)

    def _lines(self) -> Iterator[str]:
        if not self.path.is_file():
            raise BankFileMissing(file=self.spec.name, directory=str(self.path.parent))
        with self.path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                yield self._decoded(number, raw)

    def _decoded(self, number: int, raw: bytes) -> str:
        try:
            line = raw.decode(self.dialect.encoding)
        except UnicodeDecodeError as error:
            raise self._wrong_encoding(number, error.start + 1) from error
        if number == 1 and raw.startswith(codecs.BOM_UTF8) and codecs.lookup(self.dialect.encoding).name != "utf-8-sig":
            raise self._wrong_encoding(number, 1)
        if found := _NOT_TEXT.search(line):
            raise self._wrong_encoding(number, found.start() + 1)
        return line

    def _wrong_encoding(self, line: int, column: int) -> WrongEncoding:
        return WrongEncoding(file=self.spec.name, line=line, column=column, encoding=self.dialect.encoding)

    def _positions(self, header: str) -> dict[str, int]:
        try:
            found = self._split(header)
        except csv.Error:
            found = []
        for column in self.spec.headers.values():
            if column not in found:
                raise ColumnMissing(file=self.spec.name, column=column, found=", ".join(found) or _("nothing"))
        return {meaning: found.index(column) for meaning, column in self.spec.headers.items()}

    def _split(self, line: str) -> list[str]:
        text = line.rstrip("\r\n")
        if self.dialect.quote not in text:
            return text.split(self.dialect.separator)
        return next(csv.reader([text], delimiter=self.dialect.separator, quotechar=self.dialect.quote, strict=True))

    def _values(self, line: str, positions: dict[str, int], width: int) -> dict[str, str]:
        if self.dialect.last_line_ends and not line.endswith("\n"):
            raise RowRefused("", "torn_line", _("the line breaks off: the file ends without a line end"))
        try:
            fields = self._split(line)
        except csv.Error:
            raise RowRefused("", "torn_line", _("the line breaks off inside a quoted text")) from None
        if len(fields) != width:
            code = "torn_line" if len(fields) < width else "too_many_fields"
            raise RowRefused(
                "", code, _("%(found)s fields instead of %(wanted)s") % {"found": len(fields), "wanted": width}
            )
        values = {meaning: fields[position].strip() for meaning, position in positions.items()}
        return self._without_fillers(values)

    def _without_fillers(self, values: dict[str, str]) -> dict[str, str]:
        for meaning, value in values.items():
            if value in self.dialect.empty_values:
                values[meaning] = ""
            elif len(value) > _LONG_TEXTS.get(meaning, _TEXT_MAX):
                raise RowRefused(meaning, "too_long", _("%(length)s characters are too many") % {"length": len(value)})
        return values


def open_files(profile: Profile, directory: Path) -> dict[str, BankFile]:
    """Return the bank's files in `directory`, by role. Nothing is read yet."""
    return {role: BankFile(spec, profile.dialect, directory / spec.name) for role, spec in profile.files.items()}


def check_files(files: dict[str, BankFile]) -> dict[str, int]:
    """Check every file as a whole and return its number of data lines, by role. See `BankFile.check` for the errors."""
    return {role: file.check() for role, file in files.items()}
