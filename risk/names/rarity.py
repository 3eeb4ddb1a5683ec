"""What a word is worth: a name that hundreds of listed people bear tells less than one that a single one bears.

Inverse document frequency (Spärck Jones 1972) over the parties of the lists, between a floor and 1.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from risk.names.tokens import Origin, ParsedName, Role, Token

COMMONEST = 0.4
# What a word of each role weighs at most; names and patronymics weigh by their rarity.
ROLE_WEIGHTS = {
    Role.NAME: 1.0,
    Role.PATRONYMIC: 0.7,
    Role.PLACE: 0.6,
    Role.GENERIC: 0.4,
    Role.NUMBER: 0.4,
    Role.HONORIFIC: 0.3,
    Role.INITIAL: 0.3,
    Role.KUNYA: 0.3,
    Role.SERVANT: 0.25,
    Role.TITLE: 0.1,
    Role.PARTICLE: 0.05,
    Role.LEGAL_FORM: 0.05,
}
_MOST_KEPT = 200_000


class Rarity:
    """Counts in how many parties' names a sound occurs.

    :param parties: the names of each party: a word repeated in ten aliases of one party counts once.
    """

    def __init__(self, parties: Iterable[Iterable[ParsedName]] = ()) -> None:
        self._parties = 0
        self._counts: Counter[str] = Counter()
        for names in parties:
            self._parties += 1
            self._counts.update({token.sound for name in names for token in name.tokens})
        self._scale = math.log(max(self._parties, 3) / 2)
        self._kept: dict[tuple[str, Role, Origin], Token] = {}

    def weigh(self, token: Token) -> float:
        most = ROLE_WEIGHTS[token.role]
        count = self._counts.get(token.sound, 0)
        if not token.role.identifies or count <= 2:
            return most
        return most * min(1.0, max(COMMONEST, math.log(self._parties / count) / self._scale))

    def weighted(self, name: ParsedName) -> ParsedName:
        return ParsedName(name.text, tuple(self._weighted(token) for token in name.tokens))

    def _weighted(self, token: Token) -> Token:
        key = (token.text, token.role, token.origin)
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            kept = self._kept[key] = replace(token, weight=self.weigh(token))
        return kept
