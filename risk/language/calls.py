"""What the arguments of each function must be. A part of the checker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, cast

from django.utils.translation import gettext_lazy as _

from risk.language import literals, syntax
from risk.language.errors import did_you_mean
from risk.language.findings import Findings
from risk.language.functions import FUNCTIONS
from risk.language.meaning import Constant, Counted, Known, Meaning, MultipleOf, TextTest
from risk.language.schema import LIST_NAME, WINDOWS, Counter, Measure, Schema, Subject, Type
from risk.language.syntax import Call, Node

_WRITTEN: dict[str, tuple[Callable[[str], Any], Type, str]] = {
    "money": (literals.read_money, Type.MONEY, "rule_bad_money"),
    "duration": (literals.read_duration, Type.DURATION, "rule_bad_duration"),
    "moment": (literals.read_moment, Type.MOMENT, "rule_bad_moment"),
}


class Calls:
    """Understands calls.

    :param meaning: understands the arguments that may be anything; None when something in them is wrong and told.
    """

    def __init__(self, schema: Schema, findings: Findings, meaning: Callable[[Node], Meaning | None]) -> None:
        self._schema = schema
        self._found = findings
        self._meaning = meaning
        self._kinds: dict[str, Callable[[Call], Meaning | None]] = {
            **dict.fromkeys(_WRITTEN, self._written),
            **dict.fromkeys(Measure, self._counter),
            **dict.fromkeys(("contains", "starts_with"), self._text_test),
            "known": self._known,
            "list": self._list_alone,
            "multiple_of": self._multiple_of,
        }

    def call(self, node: Call) -> Meaning | None:
        """Understand a call that stands where a value does."""
        if node.name in self._kinds:
            return self._kinds[node.name](node)
        hint = did_you_mean(node.name, FUNCTIONS)
        return self._found.wrong("rule_unknown_function", node, hint, name=node.name)

    def list_name(self, node: Call) -> str | None:
        """Return the list's name that stands after `in`; None when something is wrong with it and told."""
        if node.name != "list":
            hint = _('Write: in ["CN", "HK"], or: in list("name")')
            self._found.tell("rule_unknown_function", node, hint, name=node.name)
            return None
        text = self._text_of(node, count=1)
        return text if text is not None and self._is_list(node.arguments[0], text) else None

    def _is_list(self, node: Node, name: str) -> bool:
        if not LIST_NAME.fullmatch(name):
            self._found.tell("rule_bad_list_name", node, text=name)
            return False
        if self._schema.lists is not None and name not in self._schema.lists:
            self._found.tell("rule_unknown_list", node, did_you_mean(name, self._schema.lists), name=name)
            return False
        return True

    def _list_alone(self, node: Call) -> Meaning | None:
        return self._found.wrong("rule_list_alone", node)

    def _written(self, node: Call) -> Meaning | None:
        read, type_, code = _WRITTEN[node.name]
        text = self._text_of(node, count=1)
        if text is None:
            return None
        value = read(text)
        if value is None:
            return self._found.wrong(code, node.arguments[0], text=text)
        return Constant(value, type_)

    def _counter(self, node: Call) -> Meaning | None:
        window = self._text_of(node, count=2)
        if window is None:
            return None
        measure = Measure(node.name)
        subject = self._subject(node.arguments[0], measure)
        if window not in WINDOWS:
            return self._found.wrong("rule_bad_window", node.arguments[1], text=window, choices=", ".join(WINDOWS))
        return Counted(Counter(measure, subject, window)) if subject else None

    def _subject(self, node: Node, measure: Measure) -> Subject | None:
        possible = self._schema.counted[measure]
        name = node.name if isinstance(node, syntax.Name) else "…"
        if name in possible:
            return Subject(name)
        hint = "" if name in set(Subject) else did_you_mean(name, possible)
        self._found.tell("rule_unknown_subject", node, hint, name=name, choices=", ".join(possible))
        return None

    def _known(self, node: Call) -> Meaning | None:
        match node.arguments:
            case (syntax.Name(name) as argument,):
                if name in self._schema:
                    return Known(self._schema[name])
                hint = did_you_mean(name, self._schema.facts)
                return self._found.wrong("rule_unknown_fact", argument, hint, name=name)
            case _:
                return self._bad_arguments(node)

    def _multiple_of(self, node: Call) -> Meaning | None:
        if len(node.arguments) != 2:
            return self._bad_arguments(node)
        value, step = self._meaning(node.arguments[0]), node.arguments[1]
        if value and value.type not in (Type.MONEY, Type.NUMBER):
            return self._mismatch(node.arguments[0], value, Type.MONEY)
        if not isinstance(step, syntax.Number) or not step.value:
            return self._found.wrong("rule_bad_step", step)
        return value and MultipleOf(value, step.value)

    def _text_test(self, node: Call) -> Meaning | None:
        wanted = self._text_of(node, count=2)
        if wanted is None:
            return None
        value = self._meaning(node.arguments[0])
        if value and value.type is not Type.TEXT:
            return self._mismatch(node.arguments[0], value, Type.TEXT)
        if not wanted:
            return self._found.wrong("rule_no_text", node.arguments[1])
        how = cast("Literal['contains', 'starts_with']", node.name)
        return value and TextTest(how, value, wanted)

    def _text_of(self, node: Call, *, count: int) -> str | None:
        """Return the text that the last of `count` arguments has to be."""
        last = node.arguments[-1] if len(node.arguments) == count else None
        if isinstance(last, syntax.Text):
            return last.value
        self._bad_arguments(node)
        return None

    def _mismatch(self, node: Node, value: Meaning, wanted: Type) -> Meaning | None:
        return self._found.wrong("rule_type_mismatch", node, found=value.type.label, wanted=wanted.label)

    def _bad_arguments(self, node: Call) -> Meaning | None:
        signature = FUNCTIONS[node.name].signature
        return self._found.wrong("rule_bad_arguments", node, name=node.name, signature=signature)
