"""What a drill says in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bankops.drill.client import RESET, Told
from bankops.drill.oracle import Judgement

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Report:
    """The numbers of a drill, and whether each payment had exactly one effect.

    Attributes:
        answers: how often each answer was an attempt's last, by status and word.
        seen: how often each status was answered on the way, and connections broke.

    """

    attempts: int
    payments: int
    clients: int
    workers: int
    kills: int
    seed: int
    seconds: float
    answers: Mapping[str, int]
    replays: int
    seen: Mapping[str, int]
    judgement: Judgement

    @property
    def holds(self) -> bool:
        return self.judgement.holds

    def as_json(self) -> dict[str, object]:
        """Return everything, for a machine."""
        return {**asdict(self), "holds": self.holds}

    def as_text(self) -> str:
        """Return the numbers, and the first of what was found."""
        judged = self.judgement
        rate = judged.duplicates / self.payments
        lines = [
            f"{self.attempts:,} attempts at {self.payments:,} payments, {self.clients} clients, {self.workers} workers",
            f"{self.seconds:.0f} s, {self.attempts / self.seconds:.0f} attempts a second, seed {self.seed}",
            f"workers killed            {self.kills:,}",
            f"connections broken        {self.seen.get(RESET, 0):,}",
            f"answers on the way        {_counts(self.seen)}",
            f"answers for good          {_counts(self.answers)}",
            f"of them given before      {self.replays:,}",
            f"payments carried out      {judged.effects:,}",
            f"carried out twice         {judged.duplicates:,} ({rate:.5%})",
            f"lost                      {judged.lost:,}",
            f"other findings            {len(judged.findings) - judged.lost - _twice(judged):,}",
        ]
        lines += [f"  {finding.code}: {finding.where}" for finding in judged.findings[:_SHOWN]]
        return "\n".join([*lines, "Exactly one effect each." if self.holds else "IT DOES NOT HOLD."])


def answers_of(told: list[Told]) -> dict[str, int]:
    """Return how often each answer was an attempt's last."""
    counted = Counter(f"{each.status} {each.word}".strip() for each in told)
    return dict(sorted(counted.items()))


def _twice(judged: Judgement) -> int:
    return sum(1 for finding in judged.findings if finding.code == "duplicate")


def _counts(counted: Mapping[str, int]) -> str:
    shown = {name: count for name, count in sorted(counted.items()) if name != RESET}
    return ", ".join(f"{name}: {count:,}" for name, count in shown.items())
