"""Labelled patterns from a JSON file with the fields of `laundering_patterns.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from risk.patterns.errors import PatternFileMissing, PatternFileUnreadable
from risk.patterns.records import Account

NAME = "laundering_patterns.json"
_MOMENT = "%Y/%m/%d %H:%M"


@dataclass(frozen=True, slots=True)
class Hop:
    """One transfer of a pattern; amount in whole units of a currency that the file names in English."""

    payer: Account
    payee: Account
    amount: Decimal
    currency: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pattern:
    id: str
    family: str
    hops: tuple[Hop, ...]


def read_patterns(directory: Path) -> list[Pattern]:
    """Return the patterns in the file's order.

    :raises PatternFileMissing: when there is no such file.
    :raises PatternFileUnreadable: naming the first place that is not as it should be.
    """
    path = directory / NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise PatternFileMissing(file=NAME, directory=directory) from error
    except ValueError as error:
        raise PatternFileUnreadable(file=NAME, place=_("as a whole"), problem=error) from error
    patterns = content.get("patterns") if isinstance(content, dict) else None
    if not isinstance(patterns, list) or not patterns:
        raise PatternFileUnreadable(file=NAME, place="patterns", problem=_("There is no list of patterns."))
    return [_pattern(entry, f"patterns[{place}]") for place, entry in enumerate(patterns)]


def _pattern(entry: Any, place: str) -> Pattern:
    try:
        id, family, transactions = str(entry["pattern_id"]), str(entry["pattern_family"]), entry["transactions"]
        hops = [_hop(one, f"{place}.transactions[{number}]") for number, one in enumerate(transactions)]
    except (KeyError, TypeError) as error:
        raise PatternFileUnreadable(file=NAME, place=place, problem=_missing(error)) from error
    if not hops:
        raise PatternFileUnreadable(file=NAME, place=place, problem=_("It has no transactions."))
    return Pattern(id, family, tuple(hops))


def _hop(entry: Any, place: str) -> Hop:
    try:
        amount = Decimal(entry["amount_paid"])
        if not amount > 0:
            raise ValueError(_("amount_paid is not above zero."))  # noqa: TRY301 (told of with its place, below)
        return Hop(
            payer=Account(str(entry["from_bank"]), str(entry["from_account"])),
            payee=Account(str(entry["to_bank"]), str(entry["to_account"])),
            amount=amount,
            currency=str(entry["payment_currency"]),
            at=datetime.strptime(entry["timestamp"], _MOMENT).replace(tzinfo=UTC),
        )
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise PatternFileUnreadable(file=NAME, place=place, problem=_missing(error)) from error


def _missing(error: Exception) -> str:
    if isinstance(error, KeyError):
        return _("%(field)s is missing.") % {"field": error.args[0]}
    return str(error) or type(error).__name__
