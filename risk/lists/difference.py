"""Whether a new version of a list may be taken on unseen."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from risk.lists.errors import ListEmpty, ListPoorer, ListShrunken

# A published list loses a few entries at a time: OFAC's largest removals of a year stay within 5 % of it. A list cut
# off in transit loses far more.
MOST_LOST_PERCENT = 10
FEW = 50
WORDS: Mapping[str, str | Promise] = {
    "names": _("names"),
    "birth_dates": _("dates of birth"),
    "countries": _("countries"),
}


def refuse_if_shrunken(
    *, name: str, before: int, lost: int, after: int, most_lost_percent: int = MOST_LOST_PERCENT
) -> None:
    """Let a plausible version pass.

    :param before, after: how many entries the two versions have.
    :param lost: how many entries of the old one the new one has no more.
    :raises ListEmpty: nothing in the new version.
    :raises ListShrunken: more than `most_lost_percent` of the old version's entries are gone, however many are new.
    """
    if not after:
        raise ListEmpty(name=name)
    if lost * 100 > before * most_lost_percent:
        raise ListShrunken(name=name, lost=lost, before=before, allowed=most_lost_percent)


def refuse_if_poorer(
    *, name: str, details: Mapping[str, tuple[int, int]], most_lost_percent: int = MOST_LOST_PERCENT
) -> None:
    """Let a plausible version pass: a file of aliases that was cut off leaves every entry, and nobody is found by it.

    :param details: how many there were and how many are gone, by what they are. Of a few, nothing is concluded.
    :raises ListPoorer: when more than `most_lost_percent` of one kind are gone.
    """
    for what, (before, lost) in details.items():
        if before >= FEW and lost * 100 > before * most_lost_percent:
            raise ListPoorer(name=name, what=WORDS.get(what, what), lost=lost, before=before, allowed=most_lost_percent)
