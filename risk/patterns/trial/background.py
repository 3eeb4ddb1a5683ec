"""The traffic of a real bank, in which patterns are to be found: the transactions of the PKDD'99 challenge (Berka)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path

from django.utils.translation import gettext as _

from risk.patterns.errors import BackgroundUnfit
from risk.patterns.records import Account

NAME = "trans.asc"
_COLUMNS = ("trans_id", "account_id", "date", "type", "amount", "k_symbol", "bank", "account")
OWN_BANK = "berka"
_OWN_SIDES = {"UROK": "interest", "SANKC. UROK": "interest", "SLUZBY": "fees", "SIPO": "household"}
_PAID = ("VYDAJ", "VYBER")
_RECEIVED = ("PRIJEM",)
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One transaction; amount in minor units. The other side is the bank itself where the file names no account."""

    account: Account
    other: Account
    paid: bool
    amount: int
    at: datetime

    @property
    def between_accounts(self) -> bool:
        return self.other.bank != OWN_BANK


def own_accounts() -> frozenset[Account]:
    """The bank's own sides of cash, interest and fees."""
    return frozenset(map(_own, ("cash", *_OWN_SIDES.values())))


def read_background(directory: Path) -> list[Row]:
    """Return the rows in order of time. A last line without an end is torn, and left out; so are rows over nothing.

    :raises BackgroundUnfit: when the file is not there or not as the challenge describes it.
    """
    path = directory / NAME
    try:
        text = path.read_text(encoding="latin-1")
    except OSError as error:
        raise BackgroundUnfit(
            problem=_("There is no %(file)s in %(directory)s.") % {"file": NAME, "directory": directory}
        ) from error
    lines = text.splitlines()
    if lines and not text.endswith("\n"):
        lines.pop()
    rows = sorted((row for row in _rows(lines) if row.amount > 0), key=lambda row: row.at)
    if not any(row.between_accounts for row in rows):
        raise BackgroundUnfit(problem=_("%(file)s has no transfer between accounts.") % {"file": NAME})
    return rows


def _rows(lines: list[str]) -> Iterator[Row]:
    reader = csv.DictReader(lines, delimiter=";", quotechar='"')
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        problem = _("%(file)s lacks the column %(column)s.") % {"file": NAME, "column": missing[0]}
        raise BackgroundUnfit(problem=problem)
    for fields in reader:
        try:
            yield _row(fields)
        except (ValueError, TypeError, InvalidOperation, AttributeError) as error:
            place = _("%(file)s, line %(line)s") % {"file": NAME, "line": reader.line_num}
            raise BackgroundUnfit(problem=f"{place}: {error}.") from error


def _row(fields: dict[str, str]) -> Row:
    if fields["type"] not in (*_PAID, *_RECEIVED):
        raise ValueError(_("unknown type %(type)s") % {"type": fields["type"]})
    return Row(
        account=Account(OWN_BANK, fields["account_id"]),
        other=_other(fields),
        paid=fields["type"] in _PAID,
        amount=int(Decimal(fields["amount"]) * _HUNDRED),
        at=_moment(fields),
    )


def _other(fields: dict[str, str]) -> Account:
    number = fields["account"].strip("0 ")
    if number:
        return Account(fields["bank"] or "?", fields["account"])
    return _own(_OWN_SIDES.get(fields["k_symbol"], "cash"))


def _own(name: str) -> Account:
    return Account(OWN_BANK, f"own:{name}")


def _moment(fields: dict[str, str]) -> datetime:
    """The file knows days only: its rows are spread over the day by a hash of their ids, so that no time tells them apart."""
    day = datetime.strptime(fields["date"], "%y%m%d").replace(tzinfo=UTC)
    minute = int.from_bytes(sha256(fields["trans_id"].encode()).digest()[:4]) % (24 * 60)
    return day + timedelta(minutes=minute)
