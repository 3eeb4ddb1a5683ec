"""What the formats share: compact spelling, and the first character that cannot stand where it stands."""

from __future__ import annotations

import re
import unicodedata

from django.utils.functional import Promise

from accounts.validation.errors import WrongCharacter, WrongLength

_SEPARATORS = re.compile(r"[\s\-‐-―]+")


def compact(text: str) -> str:
    """Return `text` in upper case without spaces and hyphens; full-width characters of an input method become plain ones."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def check_length(text: str, expected: int, what: str | Promise) -> None:
    """:raises WrongLength: when `text` has not `expected` characters."""
    if len(text) != expected:
        raise WrongLength(what=what, expected=expected, count=len(text))


def check_alphabet(
    text: str, alphabet: str, what: str | Promise, allowed: str | Promise, *, start: int = 0, end: int | None = None
) -> None:
    """Refuse the first character of `text[start:end]` that is not of the alphabet.

    :raises WrongCharacter: naming its position.
    """
    for index, character in enumerate(text[start:end], start=start):
        if character not in alphabet:
            raise WrongCharacter(what=what, position=index + 1, found=character, allowed=allowed)
