"""A rule's text as tokens. What is no token is told and left out, so that the parser finds what else is wrong."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum, auto

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from risk.language.errors import Problem, Span
from risk.language.schema import KEYWORDS

DIGITS_MAX = 30


class Kind(Enum):
    NUMBER = auto()
    TEXT = auto()
    NAME = auto()
    WORD = auto()  # a keyword
    SIGN = auto()
    WRONG = auto()  # no token; its problem is told already
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a rule.

    Attributes:
        text: as it is written; a text's token without its quotation marks and backslashes.
        closed: whether a text has its second quotation mark.

    """

    kind: Kind
    text: str
    at: Span
    closed: bool = True

    def is_sign(self, *signs: str) -> bool:
        """Whether it is one of these signs."""
        return self.kind is Kind.SIGN and self.text in signs

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these keywords."""
        return self.kind is Kind.WORD and self.text in words


_PIECE = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<number>[0-9]+(?:\.[0-9]+)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<text>"(?:[^"\\\n]|\\[^\n])*"? | '(?:[^'\\\n]|\\[^\n])*'?)
    | (?P<curly>[“”„«»‘’][^“”„«»‘’\n]*[“”„«»‘’]?)
    | (?P<sign>==|!=|<=|>=|<(?!>)|[>+\-*/()\[\],])
    """,
    re.VERBOSE,
)
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of characters that nobody sees, or that turn what others see around; a reviewer agrees to what is seen."""
_MEANT = {
    "=": "==", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">=", "&&": "and", "&": "and", "||": "or", "|": "or", "!": "not",
    "×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "{": "(", "}": ")",
}  # fmt: skip
"""What people write who come from another language or a text editor, and what it is here."""


def tokenise(source: str) -> tuple[list[Token], list[Problem]]:
    """Return the tokens of a text, the last of them its end, and what in it is no token."""
    tokens: list[Token] = []
    problems: list[Problem] = []
    position = 0
    while position < len(source):
        found = _PIECE.match(source, position)
        if found is None:
            tokens.append(_stranger(source, position, problems))
        elif found.lastgroup != "space":
            tokens.append(_token(found, problems))
        position = tokens[-1].at.end if found is None else found.end()
    tokens.append(Token(Kind.END, "", Span(len(source), 0)))
    return tokens, problems


def _token(found: re.Match[str], problems: list[Problem]) -> Token:
    at, text = Span(found.start(), found.end() - found.start()), found[0]
    match found.lastgroup:
        case "text":
            return _text(text, at, problems)
        case "curly":
            hint = _("Write straight quotation marks: %(meant)s") % {"meant": '"…"'}
            problems.append(Problem.of("rule_unexpected_character", at, hint=hint, found=text[0]))
            return Token(Kind.TEXT, text.strip("“”„«»‘’"), at)
        case "number" if len(text) > DIGITS_MAX:
            problems.append(Problem.of("rule_bad_number", at, limit=DIGITS_MAX))
            return Token(Kind.WRONG, text, at)
        case "number":
            return Token(Kind.NUMBER, text, at)
        case "name":
            return Token(Kind.WORD if text in KEYWORDS else Kind.NAME, text, at)
        case _:
            return Token(Kind.SIGN, text, at)


def _text(written: str, at: Span, problems: list[Problem]) -> Token:
    inner, bare = written[1:], re.sub(r"\\.", "__", written[1:])
    closed = bare.endswith(written[0])
    if closed:
        inner = inner[:-1]
    else:
        problems.append(Problem.of("rule_unclosed_text", at))
    for place, character in enumerate(inner, at.position + 1):
        if unicodedata.category(character) in _UNSEEN:
            problems.append(Problem.of("rule_unexpected_character", Span(place, 1), found=_shown(character)))
    for escape in re.finditer(r"\\(.)", inner):
        if escape[1] not in {'"', "'", "\\"}:
            wrong = Span(at.position + 1 + escape.start(), 2)
            problems.append(Problem.of("rule_bad_escape", wrong, found=escape[0]))
    return Token(Kind.TEXT, re.sub(r"\\(.)", r"\1", inner), at, closed=closed)


def _stranger(source: str, position: int, problems: list[Problem]) -> Token:
    """Tell of a character that begins no token, and return the token that was probably meant."""
    pair, single = source[position : position + 2], source[position]
    written = pair if pair in _MEANT else single
    meant = _MEANT.get(written) or unicodedata.normalize("NFKC", single)  # full-width signs of a Chinese keyboard
    at = Span(position, len(written))
    problems.append(
        Problem.of("rule_unexpected_character", at, hint=_instead_of(written, meant), found=_shown(written))
    )
    if meant in KEYWORDS:
        return Token(Kind.WORD, meant, at)
    found = _PIECE.fullmatch(meant)
    return Token(Kind.SIGN if found and found.lastgroup == "sign" else Kind.WRONG, meant, at)


def _instead_of(written: str, meant: str) -> str | Promise:
    if meant != written and meant.isascii() and meant.isprintable():
        return _("Write %(meant)s instead.") % {"meant": meant}
    return _("Write a digit before the point: 0.5.") if written == "." else ""


def _shown(written: str) -> str:
    return written if written.isprintable() else f"U+{ord(written[0]):04X}"
