"""Does this name belong to this account number? Answered without telling whose account it is, or that there is one.

Confirmation of payee as the UK's Pay.UK scheme and the EU's Regulation 2024/886 (article 5c) ask for it, with one difference:
the name on the account is never given back, because a partner is not the customer's own bank.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from difflib import SequenceMatcher
from enum import StrEnum

from django.db.models import Q

from accounts.models import Account, AccountParty, AccountStatus
from accounts.models.party import PartyRole

CLOSE_PERCENT = 85
"""How much of two names must be alike, by `SequenceMatcher.ratio`, for a typing mistake."""

_LEGAL_FORMS = frozenset(
    ("ltd", "limited", "co", "company", "inc", "corp", "corporation", "llc", "llp", "plc", "gmbh", "ag", "sa", "sarl")
) | frozenset(("bv", "pte", "pty", "mr", "mrs", "ms"))
_CHINESE_LEGAL_FORM = re.compile(r"(股份有限公司|有限责任公司|有限公司|公司)$")
_WORDS = re.compile(r"\w+", re.UNICODE)
_NOBODY = "no such account at all"
_ORDER = ("no_match", "close_match", "match")


class Match(StrEnum):
    """How well a name fits an account number."""

    MATCH = "match"
    CLOSE = "close_match"
    NONE = "no_match"


def match(*, number: str, name: str) -> Match:
    """Tell how well `name` fits an owner of account `number`, written with or without spaces; one query.

    An account that is not there, is confidential, not open yet, closed or the bank's own is `NONE`, after the same work as any
    other: a query and a comparison.
    """
    owners = _owners("".join(number.split()))
    best = _best(canonical(name), [canonical(owner) for owner in owners or [_NOBODY]])
    return best if owners else Match.NONE


def canonical(name: str) -> str:
    """Return a name as it is compared: without case, punctuation, order of words and legal form."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    words = [_CHINESE_LEGAL_FORM.sub("", word) for word in _WORDS.findall(folded) if word not in _LEGAL_FORMS]
    return " ".join(sorted(filter(None, words)))


def _owners(number: str) -> list[str]:
    spoken_of = Q(number=number, customer__isnull=False, is_confidential=False) & ~Q(
        status__in=(AccountStatus.PENDING, AccountStatus.CLOSED)
    )
    accounts = Account.objects.filter(spoken_of)
    joint = AccountParty.objects.standing().filter(role=PartyRole.JOINT, account__in=accounts)
    names = accounts.values_list("customer__name").union(joint.values_list("customer__name"), all=True)
    return [name for (name,) in names]


def _best(asked: str, known: Collection[str]) -> Match:
    return max((_likeness(asked, one) for one in known), key=lambda found: _ORDER.index(found.value))


def _likeness(asked: str, known: str) -> Match:
    percent = 100 * SequenceMatcher(None, asked, known).ratio()
    if asked and asked == known:
        return Match.MATCH
    return Match.CLOSE if asked and percent >= CLOSE_PERCENT else Match.NONE
