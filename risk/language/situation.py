"""Where in a rule the cursor is: within which function or list, after what, and whether a value or a sign is due."""

from __future__ import annotations

from dataclasses import dataclass

from risk.language.functions import FUNCTIONS
from risk.language.schema import Fact, Schema, Type
from risk.language.syntax import COMPARISONS
from risk.language.tokens import Kind, Token, tokenise


@dataclass(slots=True)
class Place:
    """Between two brackets, or outside all of them.

    Attributes:
        function: the function whose arguments stand here; empty for one that does not exist, None outside of functions.
        argument: which of them, from 0.
        is_values: whether it is a list of values that is written out.
        wants_value: whether a value comes next, and not a sign.
        sign: what the value before is compared by; empty, when it is not yet.
        type: what the value before is; None when that cannot be said.
        fact: which fact it is, when it is one.

    """

    function: str | None = None
    argument: int = 0
    is_values: bool = False
    wants_value: bool = True
    sign: str = ""
    type: Type | None = None
    fact: Fact | None = None

    def begin_condition(self) -> None:
        """Forget the condition before."""
        self.wants_value, self.sign, self.type, self.fact = True, "", None, None

    def take_value(self, type_: Type | None, fact: Fact | None = None) -> None:
        """Note a value. What is compared is the first of a condition."""
        self.wants_value = False
        if not self.sign:
            self.fact = fact if self.type is None else None
            self.type = type_

    def take_sign(self, sign: str) -> None:
        """Note what the value before is compared or calculated by."""
        self.wants_value = True
        if sign in COMPARISONS or sign in ("in", "between"):
            self.sign = sign


@dataclass(frozen=True, slots=True)
class Situation:
    """Where the cursor is.

    Attributes:
        begun: what is written of the word at the cursor already, in small letters and without quotation mark.
        begins_at: where that word begins.
        in_text: whether the cursor is within quotation marks.

    """

    place: Place
    begun: str
    begins_at: int
    in_text: bool


def situation_at(source: str, position: int, schema: Schema) -> Situation:
    """Return where in `source` the cursor is, when it stands before the character at `position`."""
    position = max(0, min(position, len(source)))
    tokens = tokenise(source[:position])[0][:-1]
    begun = _begun(tokens, position)
    before = tokens[: len(tokens) - len(begun)]
    text = "".join(token.text for token in begun).lower()
    begins_at = begun[0].at.position if begun else position
    in_text = bool(begun) and begun[0].kind is Kind.TEXT
    return Situation(_Walk(schema).through(before), text, begins_at, in_text)


def _begun(tokens: list[Token], position: int) -> list[Token]:
    """Return the tokens at the end that are one word somebody is writing: `pay`, `payee.`, `"2`."""
    if not tokens or tokens[-1].at.end != position:
        return []
    last = tokens[-1]
    if last.kind is Kind.WRONG and last.text == "." and len(tokens) > 1:
        before = tokens[-2]
        return tokens[-2:] if before.kind is Kind.NAME and before.at.end == last.at.position else []
    if last.kind in (Kind.NAME, Kind.WORD) or (last.kind is Kind.TEXT and not last.closed):
        return [last]
    return []


class _Walk:
    """Goes through tokens and keeps the places that are open."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._places = [Place()]
        self._called: str | None = None  # the name right before, which a bracket would call

    def through(self, tokens: list[Token]) -> Place:
        """Return the innermost open place after all tokens."""
        for token in tokens:
            self._take(token)
            self._called = token.text if token.kind is Kind.NAME else None
        return self._places[-1]

    def _take(self, token: Token) -> None:
        place = self._places[-1]
        match token.kind:
            case Kind.NAME:
                fact = self._schema.facts.get(token.text)
                place.take_value(fact.type if fact else None, fact)
            case Kind.NUMBER:
                place.take_value(Type.NUMBER)
            case Kind.TEXT:
                place.take_value(Type.TEXT)
            case Kind.WORD:
                self._take_word(place, token.text)
            case Kind.SIGN:
                self._take_sign(place, token.text)
            case _:
                place.wants_value = True

    def _take_word(self, place: Place, word: str) -> None:
        if word in ("true", "false"):
            place.take_value(Type.TRUTH)
        elif word == "not" and not place.wants_value:
            place.sign = "not"
        elif word in ("in", "between"):
            place.take_sign(word)
        elif word == "and" and place.sign == "between":
            place.take_sign("")
            place.sign = "between and"
        elif word in ("and", "or"):
            place.begin_condition()

    def _take_sign(self, place: Place, sign: str) -> None:
        if sign == "(":
            self._open(place)
        elif sign == "[":
            self._places.append(Place(is_values=True, type=place.type, fact=place.fact, sign="=="))
        elif sign in (")", "]"):
            self._close(sign)
        elif sign == ",":
            place.argument += 1
            place.wants_value = True
        else:
            place.take_sign(sign)

    def _open(self, place: Place) -> None:
        if self._called is None:
            self._places.append(Place())
            return
        function = FUNCTIONS.get(self._called)
        place.take_value(function.type if function else None)
        self._places.append(Place(function=self._called if function else ""))

    def _close(self, sign: str) -> None:
        if len(self._places) == 1:
            return
        closed = self._places.pop()
        if sign == "]":
            self._places[-1].take_value(None)
        elif closed.function is None:  # of brackets around a calculation, the type is the calculation's
            self._places[-1].take_value(Type.TRUTH if closed.sign else closed.type)
