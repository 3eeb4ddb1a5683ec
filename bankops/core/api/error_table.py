"""The table of codes: what each means to a partner's developer, read off the errors themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import get_language

from bankops.core.api import problems
from bankops.core.errors import BankOpsError, error_codes

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_HEAD = """# Codes of the API

<!-- Written by `manage.py api_errors --write docs/api-errors.md`; the texts are those of the errors themselves. -->

Every refusal is `application/problem+json` (RFC 9457) with a stable `code`, and its `type` leads to the code in this table at
`/api/docs/errors`. Rely on the code: the text is for people, and may change. What stands in ‹ › differs from call to call and
is in `context` too; `param` names the field to blame, where there is one. Which refusals are kept under an Idempotency-Key,
and which may be sent again under the same one, says [idempotency.md](idempotency.md). `/oauth/token` refuses as RFC 6749
§5.2 says.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One code, the status it comes with, and what it says."""

    code: str
    status: int
    text: str

    @property
    def title(self) -> str:
        """The status in words."""
        return HTTPStatus(self.status).phrase


@dataclass(frozen=True, slots=True)
class Section:
    """Codes that have the same thing to blame."""

    title: str
    rows: Sequence[Row]


def sections() -> Sequence[Section]:
    """Return the table, in the language of the moment.

    :raises KeyError: for a code that no error has.
    """
    return _sections(settings.BANKOPS_API_ERRORS, get_language())


def as_markdown() -> str:
    """Return the page docs/api-errors.md."""
    return "\n".join([_HEAD, *_lines()])


def text_of(error: type[BankOpsError]) -> str:
    """Return what an error says, in the language of the moment; what differs from case to case stands in ‹ ›."""
    return _PLACEHOLDER.sub(lambda found: f"‹{found[1]}›", str(error.message)).replace("%%", "%")


@cache
def _sections(place: str, _language: str | None) -> Sequence[Section]:
    """Make the table once for each language: the API's description asks for it a thousand times."""
    listed: Mapping[Promise, Sequence[str]] = import_string(place)
    return tuple(Section(str(title), tuple(map(_row, codes))) for title, codes in listed.items())


def _row(code: str) -> Row:
    error = error_codes()[code]
    return Row(code, problems.status_of(error), text_of(error))


def _lines() -> Iterator[str]:
    for section in sections():
        yield f"## {section.title}\n"
        yield "| code | status | what it says |"
        yield "|---|---|---|"
        for row in section.rows:
            yield f"| `{row.code}` | {row.status} {row.title} | {row.text} |"
        yield ""
