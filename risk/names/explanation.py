"""A hit in words a reviewer reads: which word met which, how, what it was worth, and what else moved the score."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from risk.names.alignment import Meeting
from risk.names.closeness import CONSONANTS, INITIAL, NICKNAME, SAME, SAME_SOUND, SPELLING
from risk.names.evidence import Evidence, Finding
from risk.names.scoring import Comparison
from risk.names.tokens import Role, Token


class How(StrEnum):
    SAME = "same"
    JOINED = "joined"
    SOUND = "sound"
    SPELLING = "spelling"
    NICKNAME = "nickname"
    CONSONANTS = "consonants"
    INITIAL = "initial"
    SLIP = "slip"


_HOW_WORDS: dict[How, str | Promise] = {
    How.SAME: gettext_lazy("“%(ours)s” is the same word"),
    How.JOINED: gettext_lazy("“%(ours)s” is “%(theirs)s”, written together or apart"),
    How.SOUND: gettext_lazy("“%(ours)s” sounds as “%(theirs)s”"),
    How.SPELLING: gettext_lazy("“%(ours)s” and “%(theirs)s” are spellings of one name"),
    How.NICKNAME: gettext_lazy("“%(ours)s” and “%(theirs)s” are a short and a full form of one name"),
    How.CONSONANTS: gettext_lazy("“%(ours)s” has the consonants of “%(theirs)s”; its script leaves vowels out"),
    How.INITIAL: gettext_lazy("“%(ours)s” and “%(theirs)s” begin alike; one is an initial"),
    How.SLIP: gettext_lazy("“%(ours)s” is close to “%(theirs)s”, as a misspelling is"),
}
_FINDING_WORDS: dict[Finding, str | Promise] = {
    Finding.SAME_DAY: gettext_lazy("the same date of birth, %(ours)s"),
    Finding.SLIP_IN_DATE: gettext_lazy("dates of birth one slip apart: %(ours)s, listed %(theirs)s"),
    Finding.SAME_YEAR: gettext_lazy("born in the years listed: %(ours)s, listed %(theirs)s"),
    Finding.NEAR_YEARS: gettext_lazy("born within two years of what is listed: %(ours)s, listed %(theirs)s"),
    Finding.YEARS_APART: gettext_lazy("born years apart: %(ours)s, listed %(theirs)s"),
    Finding.FAR_APART: gettext_lazy("born many years apart: %(ours)s, listed %(theirs)s"),
    Finding.GENERATIONS_APART: gettext_lazy("born more than ten years apart: %(ours)s, listed %(theirs)s"),
    Finding.SAME_COUNTRY: gettext_lazy("a country in common: %(ours)s"),
    Finding.OTHER_COUNTRY: gettext_lazy("no country in common: %(ours)s, listed %(theirs)s"),
}
_FIXED = {SAME_SOUND: How.SOUND, SPELLING: How.SPELLING, NICKNAME: How.NICKNAME}


@dataclass(frozen=True, slots=True)
class WordMet:
    """`worth` is the word's share of the name's score, from 0 to 1."""

    ours: str
    theirs: str
    how: How
    closeness: float
    worth: float

    def __str__(self) -> str:
        words = _HOW_WORDS[self.how] % {"ours": self.ours, "theirs": self.theirs}
        return _("%(words)s: worth %(worth).2f") % {"words": words, "worth": self.worth}


@dataclass(frozen=True, slots=True)
class Explanation:
    """`our_name` met `their_name`, an alias of the strength said; `name_score` before evidence, `score` after.

    `ours_left`, `theirs_left`: words that met nothing; `omitted` and `contradicted` the factors they came to.
    `capped`: why the score is held down, None when it is not.
    """

    our_name: str
    their_name: str
    words: tuple[WordMet, ...]
    ours_left: tuple[str, ...]
    theirs_left: tuple[str, ...]
    omitted: float
    contradicted: float
    name_score: float
    evidence: tuple[Evidence, ...]
    score: float
    capped: str | None = None

    def lines(self) -> list[str]:
        """Return the explanation sentence by sentence, in the language of the moment."""
        head = _("“%(ours)s” against the listed “%(theirs)s”: %(score).2f.") % {
            "ours": self.our_name, "theirs": self.their_name, "score": self.score,
        }  # fmt: skip
        found = [head, *(str(word) for word in self.words), *self._left_over()]
        found += [
            _("%(finding)s: %(effect)+.2f")
            % {"finding": _FINDING_WORDS[one.finding] % {"ours": one.ours, "theirs": one.theirs}, "effect": one.effect}
            for one in self.evidence
        ]
        return [*found, self.capped] if self.capped else found

    def _left_over(self) -> list[str]:
        words = {"ours": ", ".join(self.ours_left), "theirs": ", ".join(self.theirs_left)}
        lines = []
        if self.contradicted < 1:
            text = _("“%(ours)s” stands against “%(theirs)s”: the score is multiplied by %(factor).2f")
            lines.append(text % {**words, "factor": self.contradicted})
        elif self.omitted < 1:
            left = ", ".join((*self.ours_left, *self.theirs_left))
            lines.append(
                _("“%(left)s” is on one side only: the score is multiplied by %(factor).2f")
                % {"left": left, "factor": self.omitted}
            )
        return lines


def explain(
    comparison: Comparison, *, evidence: tuple[Evidence, ...], score: float, capped: str | None = None
) -> Explanation:
    meetings = comparison.alignment.meetings
    total = sum(meeting.weight for meeting in meetings) or 1.0
    return Explanation(
        our_name=comparison.left.text,
        their_name=comparison.right.text,
        words=tuple(_word_met(meeting, total) for meeting in sorted(meetings, key=lambda meeting: -meeting.weight)),
        ours_left=_texts(comparison.alignment.left_over),
        theirs_left=_texts(comparison.alignment.right_over),
        omitted=comparison.omitted,
        contradicted=comparison.contradicted,
        name_score=comparison.score,
        evidence=evidence,
        score=score,
        capped=capped,
    )


def _texts(tokens: tuple[Token, ...]) -> tuple[str, ...]:
    return tuple(token.text for token in tokens)


def _word_met(meeting: Meeting, total: float) -> WordMet:
    return WordMet(
        ours=" ".join(_texts(meeting.left)),
        theirs=" ".join(_texts(meeting.right)),
        how=_how(meeting),
        closeness=meeting.closeness,
        worth=meeting.closeness * meeting.weight / total,
    )


def _how(meeting: Meeting) -> How:
    left, right = meeting.left[0], meeting.right[0]
    if len(meeting.left) > 1 or len(meeting.right) > 1:
        return How.JOINED
    if meeting.closeness == SAME:
        return How.SAME
    if meeting.closeness == INITIAL and Role.INITIAL in (left.role, right.role):
        return How.INITIAL
    if left.origin is not right.origin and meeting.closeness == CONSONANTS:
        return How.CONSONANTS
    return _FIXED.get(meeting.closeness, How.SLIP)
