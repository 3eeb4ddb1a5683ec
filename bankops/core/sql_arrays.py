"""PostgreSQL array literals for large parameters.

The driver adapts a list element by element; for a batch of thousands that costs more than the posting itself. These
write the text form that PostgreSQL parses (manual, “Array Input and Output Syntax”).
"""

from __future__ import annotations

from collections.abc import Iterable

from bankops.core.texts import check_storable


def of_words(values: Iterable[object]) -> str:
    """Return an array of numbers, dates, UUIDs or codes: values whose text has no quote, comma, brace or space. None is NULL."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def of_flags(values: Iterable[bool]) -> str:
    """Return an array of booleans."""
    return "{" + ",".join("t" if value else "f" for value in values) + "}"


def of_texts(values: Iterable[str | None]) -> str:
    """Return an array of any texts, quoted and escaped. None is NULL.

    :raises UnstorableText: for a character that PostgreSQL cannot keep.
    """
    return "{" + ",".join("NULL" if value is None else _quoted(value) for value in values) + "}"


def of_bytes(values: Iterable[bytes]) -> str:
    r"""Return an array of byte strings in hexadecimal (`\x…`)."""
    return "{" + ",".join(f'"\\\\x{value.hex()}"' for value in values) + "}"


def _quoted(text: str) -> str:
    check_storable(text)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
