"""What a report of a suspicious transaction holds, and whether it is complete.

What is asked for: who, what, when, where, why and how, of FinCEN's guidance on the narrative of a suspicious activity report
("Guidance on Preparing a Complete & Sufficient Suspicious Activity Report Narrative", 2003); identification, accounts,
transactions, grounds of the suspicion and measures taken, of the People's Bank of China, "Measures for reporting large-value and
suspicious transactions by financial institutions" (Order [2016] No. 3), articles 14 to 20 and the annexed elements of reports.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TEXT_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a report says: its name in the file, what people call it, and the question it answers."""

    name: str
    label: str | Promise
    asks: str | Promise


PARTS: Final = (
    Part("who", _("Who"), _("Who does it: names, occupation or business, how they belong together.")),
    Part("what", _("What"), _("What is used: accounts, cash, transfers, other banks.")),
    Part("when", _("When"), _("When it began, was noticed, and how long it went on; the dates of single movements.")),
    Part("where", _("Where"), _("Where: branches, places, countries, devices.")),
    Part("why", _("Why"), _("Why it is suspicious: what would be usual for this customer, and what is not.")),
    Part("how", _("How"), _("How it is done: how the money comes, goes round and leaves.")),
    Part("identification", _("Identification"), _("By which documents the customers were identified.")),
    Part("accounts", _("Accounts"), _("All accounts concerned, also at other banks.")),
    Part("transactions", _("Transactions"), _("The movements concerned, with references and amounts.")),
    Part("grounds", _("Grounds"), _("The grounds of the suspicion, and the crime that is suspected.")),
    Part("action", _("Action taken"), _("What the bank has done: frozen, declined, rating raised, still watching.")),
)
"""All of them are asked for; none may be left empty."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A report as it stands.

    Attributes:
        texts: what each of `PARTS` says, by name.
        facts: what the case knew when the report was written: JSON primitives (`risk.reporting.facts`).

    """

    texts: Mapping[str, str]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> str:
        """Return it as canonical JSON: the same report is the same text."""
        content = {"texts": dict(self.texts), "facts": dict(self.facts)}
        return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        """SHA-256 of `as_json`, in hex."""
        return hashlib.sha256(self.as_json().encode()).hexdigest()

    def checklist(self) -> list[tuple[Part, bool]]:
        """Return every part, and whether it says something."""
        return [(part, bool(self.texts.get(part.name, "").strip())) for part in PARTS]

    def missing(self) -> list[Part]:
        """Return the parts that say nothing yet."""
        return [part for part, said in self.checklist() if not said]


def same_facts(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two reports would tell of the same facts."""
    return Draft({}, one).as_json() == Draft({}, other).as_json()


def read(content: str) -> Draft:
    """Return the report that `Draft.as_json` wrote."""
    written = json.loads(content)
    return Draft(written["texts"], written["facts"])
