"""What a shipped rule is made of, and what several of them follow from or ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_noop as _

from risk.models import Family, SourceKind
from risk.outcomes import Outcome
from risk.rules.terms import About, Draft

OWNER: Final = _("Risk department")
NOTE: Final = _("Shipped with bankops")

SUSPICIOUS = "PBOC Order [2016] No. 3, Article 11"
FFIEC = "FFIEC BSA/AML Examination Manual, Appendix F (red flags): %s"
RTS = "Commission Delegated Regulation (EU) 2018/389, Article 18(2)(c)(%s)"
FANS = "Altman et al., Realistic Synthetic Financial Transactions for Anti-Money Laundering Models (NeurIPS 2023): %s"
CASH = 'kind in ["deposit", "withdrawal"]'


@dataclass(frozen=True, slots=True)
class Shipped:
    """A rule as shipped.

    Attributes:
        condition: `CCY` stands for the base currency.
        only_in: the base currency with which alone it is shipped; empty: with any.

    """

    key: str
    name: str
    purpose: str
    family: Family
    source_kind: SourceKind
    source: str
    reason_code: str
    outcome: Outcome
    weight: int
    condition: str
    explains: str
    only_in: str = ""

    def about(self) -> About:
        """Return what the rule is."""
        return About(
            key=self.key,
            name=self.name,
            purpose=self.purpose,
            family=self.family,
            source_kind=self.source_kind,
            source=self.source,
            reason_code=self.reason_code,
            owner=OWNER,
        )

    def draft(self, base_currency: str) -> Draft:
        """Return its version."""
        condition = self.condition.replace("CCY", base_currency)
        return Draft(condition, self.weight, self.outcome, self.explains, NOTE)
