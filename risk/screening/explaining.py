"""How a hit came about, as it is kept: codes and values, from which the sentences are made when somebody reads them."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from bankops.core.masking import MASK
from risk.names.evidence import Evidence, Finding
from risk.names.explanation import Explanation, How, WordMet
from risk.names.screener import WEAK_ALONE_WORDS

# What of our side is a date of birth, which pages show to nobody who has not asked for it.
_OF_BIRTH = frozenset(Finding) - {Finding.SAME_COUNTRY, Finding.OTHER_COUNTRY}


def kept(explanation: Explanation) -> str:
    """Return an explanation as JSON, without a sentence in it."""
    said = asdict(explanation)
    said["capped"] = explanation.capped is not None
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> Explanation:
    """Return a kept explanation; its sentences are in the language of the moment."""
    said: dict[str, Any] = json.loads(text)
    return Explanation(
        **{
            **said,
            "words": tuple(WordMet(**{**word, "how": How(word["how"])}) for word in said["words"]),
            "ours_left": tuple(said["ours_left"]),
            "theirs_left": tuple(said["theirs_left"]),
            "evidence": tuple(Evidence(**{**one, "finding": Finding(one["finding"])}) for one in said["evidence"]),
            "capped": str(WEAK_ALONE_WORDS) if said["capped"] else None,
        }
    )


def masked(explanation: Explanation) -> Explanation:
    """Return it without the customer's date of birth."""
    return replace(explanation, evidence=tuple(_without_date(one) for one in explanation.evidence))


def _without_date(one: Evidence) -> Evidence:
    return replace(one, ours=MASK) if one.finding in _OF_BIRTH else one
