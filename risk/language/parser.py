"""A rule's text as a tree. A clause that cannot be read is told and passed over, so that the next one is read as well."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeVar, cast

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from risk.language.errors import Problem, RuleError, Span
from risk.language.schema import KEYWORDS
from risk.language.syntax import (
    COMPARISONS,
    Between,
    Binary,
    Call,
    Junction,
    Membership,
    Missing,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Sign,
    Text,
    Truth,
    Values,
    nodes,
    written,
)
from risk.language.tokens import Kind, Token, tokenise

LENGTH_MAX = 2_000
DEPTH_MAX = 40
NODES_MAX = 300

_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2}
_AnyNode = TypeVar("_AnyNode", bound=Node)


def parse(source: str) -> Node:
    """Return the tree of a rule.

    :raises RuleError: with everything that is wrong with how it is written.
    """
    tree, problems = read(source)
    if problems:
        raise RuleError.of(source, problems)
    return tree


def format_rule(source: str) -> str:
    """Return the canonical text of a rule: one space around signs, straight quotation marks, no needless brackets.

    :raises RuleError: as `parse` does.
    """
    return written(parse(source))


def read(source: str) -> tuple[Node, list[Problem]]:
    """Return the tree of a text, `Missing` in it where it cannot be read, and what is wrong with how it is written.

    The tree is within the limits of depth and size, or is `Missing` as a whole.
    """
    if len(source) > LENGTH_MAX:
        return Missing(), [Problem.of("rule_too_long", Span(0, len(source)), count=len(source), limit=LENGTH_MAX)]
    tokens, problems = tokenise(source)
    parser = _Parser(tokens, problems)
    try:
        tree = parser.whole()
    except _Hopeless as reason:
        return Missing(), [*problems, reason.problem]
    if deep := next((node for node, depth in nodes(tree) if depth > DEPTH_MAX), None):
        return Missing(), [*problems, Problem.of("rule_too_deep", deep.at, limit=DEPTH_MAX)]
    return tree, problems


class _Unreadable(Exception):
    """The clause cannot be read on; why is told already."""


class _Hopeless(Exception):
    """Nothing can be read on."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class _Parser:
    """Recursive descent for conditions, precedence climbing for calculations."""

    def __init__(self, tokens: list[Token], problems: list[Problem]) -> None:
        self._tokens = tokens
        self._problems = problems
        self._place = 0
        self._level = 0
        self._count = 0

    # Conditions

    def whole(self) -> Node:
        """Return the tree of all tokens."""
        if self._at_end() and not self._problems:
            self._tell("rule_empty", self._now.at)
            return Missing()
        tree = self._junction("or")
        while not self._at_end():
            self._tell_unexpected()
            self._pass_over()
            while self._now.is_sign(")", "]") or self._now.is_word("and", "or"):
                self._next()
            if not self._at_end():
                self._junction("or")
        return tree

    def _junction(self, word: Literal["and", "or"]) -> Node:
        parts = [self._junction("and") if word == "or" else self._clause()]
        while self._now.is_word(word):
            self._next()
            parts.append(self._junction("and") if word == "or" else self._clause())
        if len(parts) == 1:
            return parts[0]
        return self._made(Junction(word, tuple(parts), at=parts[0].at.to(parts[-1].at)))

    def _clause(self) -> Node:
        start, level = self._now.at, self._level
        try:
            return self._condition()
        except _Unreadable:
            self._pass_over(self._level - level)
            self._level = level
            return Missing(at=start)

    def _condition(self) -> Node:
        denials = []
        while self._now.is_word("not"):
            denials.append(self._next())
        node = self._comparison()
        for denial in reversed(denials):
            node = self._made(Not(node, at=denial.at.to(node.at)))
        return node

    def _comparison(self) -> Node:
        left = self._calculation()
        if self._now.is_sign(*COMPARISONS):
            sign = cast("Sign", self._next().text)
            right = self._calculation()
            node: Node = Binary(sign, left, right, at=left.at.to(right.at))
        elif self._now.is_word("between"):
            node = self._between(left)
        elif self._now.is_word("in") or (self._now.is_word("not") and self._after.is_word("in")):
            node = self._membership(left)
        else:
            return left
        if self._now.is_sign(*COMPARISONS) or self._now.is_word("between", "in"):
            hint = _("Join them with and, or write: between … and …")
            raise self._unreadable("rule_chained_comparison", self._now.at, hint=hint)
        return self._made(node)

    def _between(self, value: Node) -> Node:
        self._next()
        low = self._calculation()
        if not self._now.is_word("and"):
            raise self._unexpected(_("Write: between … and …"))
        self._next()
        high = self._calculation()
        return Between(value, low, high, at=value.at.to(high.at))

    def _membership(self, value: Node) -> Node:
        negated = self._next().text == "not"
        if negated:
            self._next()
        if self._now.is_sign("["):
            values: Node = self._values()
        elif self._now.kind is Kind.NAME and self._after.is_sign("("):
            values = self._named()
        else:
            raise self._unexpected(_('Write: in ["CN", "HK"], or: in list("name")'))
        return Membership(value, values, negated, at=value.at.to(values.at))

    # Calculations

    def _calculation(self, binding: int = 1) -> Node:
        left = self._signed()
        while (own := _BINDING.get(self._now.text, 0)) >= binding and self._now.kind is Kind.SIGN:
            sign = cast("Sign", self._next().text)
            right = self._calculation(own + 1) if own == 1 else self._signed()
            left = self._made(Binary(sign, left, right, at=left.at.to(right.at)))
        return left

    def _signed(self) -> Node:
        minuses = []
        while self._now.is_sign("-"):
            minuses.append(self._next())
        node = self._single()
        for minus in reversed(minuses):
            node = self._made(Negative(node, at=minus.at.to(node.at)))
        return node

    def _single(self) -> Node:
        token = self._now
        if token.kind is Kind.NUMBER:
            return self._made(Number(Decimal(self._next().text), at=token.at))
        if token.kind is Kind.TEXT:
            return self._made(Text(self._next().text, at=token.at))
        if token.is_word("true", "false"):
            return self._made(Truth(self._next().text == "true", at=token.at))
        if token.kind is Kind.NAME:
            return self._named()
        if token.is_sign("("):
            return self._group()
        raise self._unexpected()

    def _named(self) -> Node:
        token = self._next()
        if not self._now.is_sign("("):
            return self._made(Name(token.text, at=token.at))
        arguments, end = self._several(")")
        return self._made(Call(token.text, arguments, at=token.at.to(end), named=token.at))

    def _values(self) -> Node:
        start = self._now.at
        items, end = self._several("]")
        return self._made(Values(items, at=start.to(end)))

    def _several(self, closing: str) -> tuple[tuple[Node, ...], Span]:
        """Return what stands between two brackets, with commas between, and the closing bracket's place."""
        opening = self._open()
        found: list[Node] = []
        while not self._now.is_sign(closing):
            if found:
                self._expect(",", opening)
            found.append(self._calculation())
        self._level -= 1
        return tuple(found), self._next().at

    def _group(self) -> Node:
        opening = self._open()
        node = self._junction("or")
        self._expect(")", opening)
        self._level -= 1
        return node

    def _open(self) -> Token:
        self._level += 1
        if self._level > DEPTH_MAX:
            raise _Hopeless(Problem.of("rule_too_deep", self._now.at, limit=DEPTH_MAX))
        return self._next()

    def _expect(self, sign: str, opening: Token) -> None:
        if self._at_end():
            raise self._unreadable("rule_unclosed_bracket", opening.at)
        if not self._now.is_sign(sign):
            raise self._unexpected()
        self._next()

    # Tokens, and what is wrong with them

    @property
    def _now(self) -> Token:
        return self._tokens[self._place]

    @property
    def _after(self) -> Token:
        return self._tokens[min(self._place + 1, len(self._tokens) - 1)]

    def _at_end(self) -> bool:
        return self._now.kind is Kind.END

    def _next(self) -> Token:
        token = self._now
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def _pass_over(self, open_brackets: int = 0) -> None:
        """Go on to the next `and` or `or`, or to the bracket that closes what this clause stands in.

        :param open_brackets: how many are open that were opened in this clause.
        """
        while not self._at_end():
            if open_brackets == 0 and (self._now.is_word("and", "or") or self._now.is_sign(")", "]")):
                return
            open_brackets += self._now.is_sign("(", "[") - self._now.is_sign(")", "]")
            self._next()

    def _made(self, node: _AnyNode) -> _AnyNode:
        self._count += 1
        if self._count > NODES_MAX:
            raise _Hopeless(Problem.of("rule_too_many_parts", node.at, limit=NODES_MAX))
        return node

    def _tell(self, code: str, at: Span, hint: str | Promise = "", **values: object) -> None:
        self._problems.append(Problem.of(code, at, hint=hint, **values))

    def _unreadable(self, code: str, at: Span, hint: str | Promise = "") -> _Unreadable:
        self._tell(code, at, hint)
        return _Unreadable()

    def _unexpected(self, hint: str | Promise = "") -> _Unreadable:
        self._tell_unexpected(hint)
        return _Unreadable()

    def _tell_unexpected(self, hint: str | Promise = "") -> None:
        token = self._now
        if token.kind is Kind.END:
            self._tell("rule_incomplete", token.at, hint)
        elif token.kind is not Kind.WRONG:
            self._tell("rule_unexpected_token", token.at, hint or self._meant(token), found=token.text)

    def _meant(self, token: Token) -> str | Promise:
        before = self._tokens[max(self._place - 1, 0)]
        if token.text.lower() in KEYWORDS and token.kind is Kind.NAME:
            return _("Write %(word)s in small letters.") % {"word": token.text.lower()}
        if token.is_sign(",") and before.kind is Kind.NUMBER:
            return _("Write numbers without separators: 50000.")
        if token.kind is Kind.NAME and before.kind is Kind.NUMBER:
            return _('Durations and amounts are texts: "10m", "50000 CNY".')
        return ""
