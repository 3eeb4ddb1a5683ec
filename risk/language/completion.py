"""What may come next in a rule that is being written.

It reads the tokens before the cursor, not a tree: half-written text has none. `situation` says where the cursor is, this
module what fits there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from risk.language.functions import FUNCTIONS, help_of
from risk.language.schema import WINDOWS, Fact, Measure, Schema, Type
from risk.language.situation import Place, Situation, situation_at
from risk.language.syntax import quoted
from risk.language.wording import shown

_Kind = Literal["fact", "function", "operator", "word", "subject", "window", "list", "value"]
_JOINING: dict[str, Promise] = {"and": gettext_lazy("Both have to be true."), "or": gettext_lazy("One has to be true.")}
_EQUAL: dict[str, Promise] = {"==": gettext_lazy("is"), "!=": gettext_lazy("is not")}
_ORDERED: dict[str, Promise] = {
    "<": gettext_lazy("is less than"),
    "<=": gettext_lazy("is at most"),
    ">": gettext_lazy("is more than"),
    ">=": gettext_lazy("is at least"),
    "between": gettext_lazy("At least the first, at most the second: between 1 and 5"),
}
_AMONG: dict[str, Promise] = {"in": gettext_lazy("is one of"), "not in": gettext_lazy("is none of")}
_OPERATORS: dict[Type | None, dict[str, Promise]] = {
    Type.TRUTH: {**_JOINING, **_EQUAL},
    Type.TEXT: {**_EQUAL, **_AMONG},
    Type.NUMBER: {**_ORDERED, **_EQUAL, **_AMONG},
    Type.MONEY: {**_ORDERED, **_EQUAL},
    Type.MOMENT: {**_ORDERED, **_EQUAL},
    Type.DURATION: {**_ORDERED, **_EQUAL},
    None: {**_JOINING, **_ORDERED, **_EQUAL, **_AMONG},
}
_ARGUMENTS = {
    "known": tuple(Type),
    "multiple_of": (Type.MONEY, Type.NUMBER),
    "contains": (Type.TEXT,),
    "starts_with": (Type.TEXT,),
}
"""Of what types the first argument of a function may be."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that may stand at the cursor.

    Attributes:
        text: what to put into the rule, from `replaces_from` up to the cursor.
        description: what it is, in the reader's language.

    """

    text: str
    kind: _Kind
    description: str
    replaces_from: int


def complete(source: str, position: int, schema: Schema) -> list[Suggestion]:
    """Return what may stand at `position` in a text, the likeliest first; the text may be wrong or half-written."""
    situation = situation_at(source, position, schema)
    found = [suggestion for suggestion in _fitting(situation, schema) if situation.begun in _bare(suggestion.text)]
    found.sort(key=lambda suggestion: not _bare(suggestion.text).startswith(situation.begun))
    return [replace(suggestion, replaces_from=situation.begins_at) for suggestion in found]


def _bare(text: str) -> str:
    return text.strip('"').lower()


def _fitting(situation: Situation, schema: Schema) -> Iterator[Suggestion]:
    place = situation.place
    if place.function in set(Measure):
        yield from _of_counter(Measure(place.function), place.argument, schema)
    elif place.function == "list":
        yield from _lists(schema, "{}")
    elif place.function in _ARGUMENTS:
        yield from _facts(schema, _ARGUMENTS[place.function] if place.argument == 0 else ())
    elif place.function is None and situation.in_text:
        yield from _choices(place.fact)
    elif place.function is None:
        yield from _values(place, schema) if place.wants_value else _operators(place)


def _of_counter(measure: Measure, argument: int, schema: Schema) -> Iterator[Suggestion]:
    if argument == 0:
        for subject in schema.counted[measure]:
            yield _made(subject.value, "subject", help_of(measure))
    elif argument == 1:
        for window, duration in WINDOWS.items():
            yield _made(quoted(window), "window", shown(duration))


def _values(place: Place, schema: Schema) -> Iterator[Suggestion]:
    if place.sign == "in":
        yield _made("[", "operator", gettext('Values that are written out: ["CN", "HK"]'))
        yield from _lists(schema, "list({})")
        return
    yield from _choices(place.fact)
    if place.is_values:
        return
    types = (place.type,) if place.sign and place.type else tuple(Type)
    yield from _facts(schema, types)
    yield from _functions(types)
    if place.sign and place.type is Type.TRUTH:
        yield from (_made(word, "word", shown(word == "true")) for word in ("true", "false"))
    if not place.sign:
        yield _made("not", "word", gettext("The opposite of what follows."))


def _choices(fact: Fact | None) -> Iterator[Suggestion]:
    for choice in fact.choices if fact else ():
        yield _made(quoted(choice), "value", _about(fact) if fact else "")


def _facts(schema: Schema, types: Iterable[Type]) -> Iterator[Suggestion]:
    wanted = set(types)
    return (_made(fact.name, "fact", _about(fact)) for fact in schema if fact.type in wanted and not fact.retired)


def _functions(types: Iterable[Type]) -> Iterator[Suggestion]:
    wanted = set(types)
    for function in FUNCTIONS.values():
        if function.type in wanted:
            yield _made(f"{function.name}(", "function", f"{function.signature} – {help_of(function.name)}")


def _lists(schema: Schema, pattern: str) -> Iterator[Suggestion]:
    for name, description in (schema.lists or {}).items():
        yield _made(pattern.format(quoted(name)), "list", description)


def _operators(place: Place) -> Iterator[Suggestion]:
    offered: Mapping[str, Promise]
    if place.sign == "not":
        offered = {"in": _AMONG["not in"]}
    elif place.sign == "between":
        offered = {"and": _ORDERED["between"]}
    else:
        offered = _JOINING if place.sign else _OPERATORS[place.type]
    for text, description in offered.items():
        yield _made(text, "word" if text in _JOINING else "operator", description)


def _about(fact: Fact) -> str:
    """Return a fact's help: what it tells, what it is, and whether it may be missing."""
    kind = str(fact.type.label)
    if fact.unit:
        kind = gettext("%(type)s of %(unit)s") % {"type": kind, "unit": fact.unit}
    missing = gettext(" It may be missing.") if fact.optional else ""
    return f"{fact.description} ({kind}){missing}"


def _made(text: str, kind: _Kind, description: str | Promise) -> Suggestion:
    return Suggestion(text, kind, str(description), 0)
