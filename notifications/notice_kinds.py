"""The kinds of notices: what somebody reads for each, in their own language. Apps declare theirs once, in `ready()`.

    HALF_TIME = declare("approvals.request.half_time", _("half of the time is over"), "%(request)s", severity=Severity.WARNING)

A notice keeps its kind and its words; the sentence is made when it is read. A kind that is no longer declared shows its key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from notifications.models import Severity


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One kind of notice.

    Attributes:
        key: `app.noun.past_participle`, for ever: it stands in rows.
        label: a few words for a list and for an e-mail, nothing personal in it.
        sentence: what it is about; its placeholders are the notice's words. Shown inside the back office only.
        severity: how much it matters; what is urgent is mailed at any hour.
        mailed: what an e-mail says before the label; its placeholders as those of `sentence`. A reference, and no name.

    """

    key: str
    label: str | Promise
    sentence: str | Promise
    severity: Severity
    mailed: str | Promise = ""

    def __str__(self) -> str:
        return self.key


_declared: dict[str, NoticeKind] = {}


def declare(
    key: str, label: str | Promise, sentence: str | Promise, *, severity: Severity, mailed: str | Promise = ""
) -> NoticeKind:
    """Declare a kind of notice and return it."""
    return _declared.setdefault(key, NoticeKind(key, label, sentence, severity, mailed))


def declared() -> dict[str, NoticeKind]:
    """Return every declared kind by its key."""
    return dict(_declared)


def label_of(key: str) -> str:
    """Return the few words for a kind, in the language of the moment."""
    kind = _declared.get(key)
    return str(kind.label) if kind else key


def sentence_of(key: str, words: Mapping[str, Any]) -> str:
    """Return what a notice is about, in the language of the moment; its bare words where its kind is not declared any more."""
    kind = _declared.get(key)
    return _filled(kind.sentence, words) if kind else _bare(words)


def mailed_of(key: str, words: Mapping[str, Any]) -> str:
    """Return what an e-mail says of a notice, in the language of the moment."""
    kind = _declared.get(key)
    before = _filled(kind.mailed, words) if kind and kind.mailed else ""
    return f"{before}: {label_of(key)}" if before else label_of(key)


def _filled(template: str | Promise, words: Mapping[str, Any]) -> str:
    """Fill in a template; a notice written before it asked for a word that the notice lacks is read all the same."""
    try:
        return str(template) % words
    except KeyError:
        return _bare(words)


def _bare(words: Mapping[str, Any]) -> str:
    return ", ".join(str(word) for word in words.values())
