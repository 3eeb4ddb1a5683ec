"""What a delivery drill says in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bankops.drill.deliveries.oracle import Judgement

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Report:
    """The numbers of a drill, and whether each event arrived or was given up with a reason."""

    events: int
    endpoints: int
    failing: Mapping[str, int]
    kills: int
    flushes: int
    seed: int
    seconds: float
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
        lines = [
            f"{self.events:,} events to {self.endpoints:,} endpoints, {sum(self.failing.values()):,} of which fail",
            f"{self.seconds:.0f} s, seed {self.seed}",
            f"ways to fail              {_counts(self.failing)}",
            f"senders killed            {self.kills:,}",
            f"broker emptied            {self.flushes:,}",
            f"deliveries                {judged.deliveries:,}",
            f"arrived                   {judged.arrived:,}",
            f"arrived again             {judged.repeats:,}",
            f"dead letters              {_counts(judged.dead) or '0'}",
            f"attempts                  {_counts(judged.attempts)}",
            f"lost                      {judged.lost:,}",
            f"other findings            {len(judged.findings) - judged.lost:,}",
            "delay at endpoints that behave, in seconds:",
        ]
        lines += [
            f"  {phase:<8} median {delay.median:.2f}, p99 {delay.p99:.2f}, most {delay.most:.2f} ({delay.count:,})"
            for phase, delay in judged.delays.items()
        ]
        lines += [f"  {finding.code}: {finding.where}" for finding in judged.findings[:_SHOWN]]
        return "\n".join([*lines, "Nothing is lost." if self.holds else "IT DOES NOT HOLD."])


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {count:,}" for name, count in sorted(counted.items()))
