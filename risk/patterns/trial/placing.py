"""Where in the background a pattern goes: in which days, and at whose accounts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from risk.patterns.errors import BackgroundUnfit
from risk.patterns.records import Account
from risk.patterns.trial.background import Row
from risk.patterns.trial.pattern_file import Pattern


@dataclass(frozen=True, slots=True)
class Placing:
    """How patterns are put into a background.

    Attributes:
        attached: the accounts of each pattern become accounts of the background, drawn at random among those in use in the
            pattern's days; otherwise they keep their own, which nobody of the background deals with.
        spread_days: over how many of the last days the patterns are spread at random; 0 keeps them as close together as
            they are.
        seed: of all that is drawn.

    """

    attached: bool = False
    spread_days: int = 0
    seed: int = 0


class Places:
    def __init__(self, rows: Sequence[Row], patterns: Sequence[Pattern], placing: Placing) -> None:
        """The last of the patterns ends on the background's last day."""
        last = max(hop.at for pattern in patterns for hop in pattern.hops).date()
        self._last = rows[-1].at.date() - last
        self._spread = min(placing.spread_days, (rows[-1].at - rows[0].at).days // 2)
        self._placing = placing
        self._in_use: dict[date, set[Account]] = {}
        for row in rows:
            self._in_use.setdefault(row.at.date(), set()).add(row.account)

    def shift(self, pattern: Pattern) -> timedelta:
        """How much is added to the pattern's moments: whole days."""
        if not self._spread:
            return self._last
        draw = random.Random(f"{self._placing.seed}:{pattern.id}:day")  # noqa: S311 (a draw that can be repeated, not a secret)
        return self._last - timedelta(days=draw.randrange(self._spread))

    def accounts(self, pattern: Pattern) -> dict[Account, Account]:
        """The account of the background that each of the pattern's becomes. A background account may be in several patterns.

        :raises BackgroundUnfit: when fewer accounts are in use in its days than it has.
        """
        names = list(dict.fromkeys(account for hop in pattern.hops for account in (hop.payer, hop.payee)))
        if not self._placing.attached:
            return {name: name for name in names}
        in_use = sorted(self._in_use_during(pattern))
        if len(in_use) < len(names):
            problem = _("Only %(count)s accounts are in use in the days of pattern %(pattern)s.")
            raise BackgroundUnfit(problem=problem % {"count": len(in_use), "pattern": pattern.id})
        draw = random.Random(f"{self._placing.seed}:{pattern.id}:accounts")  # noqa: S311 (see above)
        return dict(zip(names, draw.sample(in_use, len(names)), strict=True))

    def _in_use_during(self, pattern: Pattern) -> set[Account]:
        shift = self.shift(pattern)
        first = (min(hop.at for hop in pattern.hops) + shift).date()
        last = (max(hop.at for hop in pattern.hops) + shift).date()
        days = (first + timedelta(days=day) for day in range((last - first).days + 1))
        return {account for day in days for account in self._in_use.get(day, ())}
