"""What people read for a reason's code. Whoever raises alerts declares its sentences once, in `ready()`:

    declare("fan_in", _("%(count)s customers paid this account within %(days)s days."))

A reason keeps its code and values; the sentence is made when it is read, in the reader's language. Where none is declared,
as for a rule that people wrote in the editor, it is the text that came with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise

_declared: dict[str, str | Promise] = {}


def declare(code: str, sentence: str | Promise) -> None:
    """Make the sentence of a code known; its placeholders are the reason's values."""
    _declared.setdefault(code, sentence)


def sentence_of(code: str, text: str, values: Mapping[str, Any]) -> str:
    """Return what a reason says; its text where the code has no sentence, or the values do not fill it."""
    sentence = _declared.get(code)
    if sentence is None:
        return text
    try:
        return str(sentence) % values
    except KeyError:
        return text
