"""PostgreSQL array literals for large parameters.

The driver adapts a list element by element; for a batch of thousands that costs more than the posting itself. These
write the text form that PostgreSQL parses (manual, “Array Input and Output Syntax”).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from bankops.core.texts import check_storable

_FEW = 2


def few_or_many(name: str, values: Sequence[object], kind: str = "uuid") -> tuple[str, dict[str, object]]:
    """Return an array as a statement writes it, and its parameters: element by element where there are one or two, else whole.

    The server keeps the plan of a statement when that promises to be as quick as one made anew. Of an array that it does not
    see it assumes ten elements, so it would plan each time, which takes longer than reading two rows.
    """
    if not 0 < len(values) <= _FEW:
        return f"%({name})s::{kind}[]", {name: list(values)}
    each = {f"{name}_{place}": value for place, value in enumerate(values)}
    return f"ARRAY[{', '.join(f'%({one})s' for one in each)}]::{kind}[]", each


def of_words(values: Iterable[object]) -> str:
    """Return an array of numbers, dates, UUIDs or codes: values whose text has no quote, comma, brace or space. None is NULL."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def of_uuids(values: Iterable[UUID | None]) -> str:
    """Return an array of UUIDs, in hexadecimal without hyphens: it is written in a third of the time. None is NULL."""
    return "{" + ",".join(["NULL" if value is None else f"{value.int:032x}" for value in values]) + "}"


def of_flags(values: Iterable[bool]) -> str:
    """Return an array of booleans."""
    return "{" + ",".join("t" if value else "f" for value in values) + "}"


def of_texts(values: Iterable[str | None]) -> str:
    """Return an array of any texts, quoted and escaped. None is NULL.

    :raises UnstorableText: for a character that PostgreSQL cannot keep.
    """
    written = "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"
    check_storable(written)
    return written


def of_bytes(values: Iterable[bytes]) -> str:
    r"""Return an array of byte strings in hexadecimal (`\x…`)."""
    return "{" + ",".join(f'"\\\\x{value.hex()}"' for value in values) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
