"""From the texts of a record to typed rows. Whatever is not understood is refused with its column, never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

from django.utils.translation import gettext as _

from transactions.bank_import.profile import FileSpec, Profile, Rule
from transactions.bank_import.reader import Record
from transactions.bank_import.rows import (
    AccountRow,
    BranchRow,
    CustomerRow,
    PartyRow,
    RowRefused,
    StandingOrderRow,
    TransactionRow,
)

# A Czech or Slovak birth number begins with the birth date, YYMMDD; 50 is added to the month of a woman's.
_BIRTH_NUMBER = re.compile(r"(\d\d)(\d\d)(\d\d)(/?\d{3,4})?", re.ASCII)
_WOMAN_MONTH_OFFSET = 50
_BIRTH_CENTURY = 1900
# What a BIGINT of minor units holds, with room to add up.
_DIGITS_MAX = 17


class RowParser:
    """Understands the records of one bank. One method per kind of file."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        mark = re.escape(profile.dialect.decimal_mark)
        self._number = re.compile(rf"(-?)(\d+)(?:{mark}(\d+))?", re.ASCII)
        self._date = lru_cache(maxsize=4096)(self._parse_date)
        self._rule = lru_cache(maxsize=4096)(self._find_rule)

    def parser_for(self, role: str) -> Callable[[Record], object]:
        """Return the method for a kind of file."""
        return {
            "branches": self.branch,
            "customers": self.customer,
            "accounts": self.account,
            "parties": self.party,
            "standing_orders": self.standing_order,
        }[role]

    def branch(self, record: Record) -> BranchRow:
        values = record.values
        return BranchRow(record.line, _present(values, "id"), _present(values, "name"), values.get("region", ""))

    def customer(self, record: Record) -> CustomerRow:
        values = record.values
        born = _born(values["birth_number"]) if values.get("birth_number") else None
        if values.get("birth_date"):
            born = self._date_in(values, "birth_date")
        return CustomerRow(record.line, _present(values, "id"), values.get("name", ""), born, values.get("branch", ""))

    def account(self, record: Record) -> AccountRow:
        values = record.values
        return AccountRow(
            record.line,
            _present(values, "id"),
            self._date_in(values, "opened"),
            values.get("branch", ""),
            values.get("owner", ""),
        )

    def party(self, record: Record) -> PartyRow:
        values = record.values
        return PartyRow(
            line=record.line,
            id=_present(values, "id"),
            customer=_present(values, "customer"),
            account=_present(values, "account"),
            role=self._word("parties", values, "role"),
        )

    def standing_order(self, record: Record) -> StandingOrderRow:
        values = record.values
        has_purpose = "purpose" in self.profile.files["standing_orders"].columns
        return StandingOrderRow(
            line=record.line,
            id=_present(values, "id"),
            account=_present(values, "account"),
            amount=self._positive(values, "amount"),
            bank_to=values.get("bank_to", ""),
            account_to=values.get("account_to", ""),
            purpose=self._word("standing_orders", values, "purpose") if has_purpose else "",
        )

    def transaction(self, record: Record) -> TransactionRow:
        values = record.values
        spec = self.profile.files["transactions"]
        return TransactionRow(
            line=record.line,
            id=_present(values, "id"),
            account=_present(values, "account"),
            date=self._date_in(values, "date"),
            amount=self._signed_amount(spec, values),
            balance=self._printed_balance(values),
            rule=self._rule(tuple(values[name] for name in spec.codes)),
            counterparty=" ".join(filter(None, (values.get("bank"), values.get("counter_account")))),
        )

    def transaction_day(self, record: Record) -> tuple[int, date]:
        """Return the line and the day of a transaction, whatever the rest of the row says."""
        return record.line, self._date_in(record.values, "date")

    def _signed_amount(self, spec: FileSpec, values: dict[str, str]) -> int:
        """Return the change of the customer's balance: by the direction's word where there is one, else as signed."""
        if "direction" not in spec.headers:
            amount = self._minor(values, "amount")
            if not amount:
                raise RowRefused("amount", "zero_amount", _("an amount of zero moves nothing"))
            return amount
        amount = self._positive(values, "amount")
        return amount if self._word("transactions", values, "direction") == "credit" else -amount

    def _printed_balance(self, values: dict[str, str]) -> int:
        balance = self._minor(values, "balance")
        if self.profile.grid and balance % self.profile.grid:
            problem = _("“%(text)s” is not rounded as the profile says balances are printed")
            raise RowRefused("balance", "not_on_the_grid", problem % {"text": values["balance"]})
        return balance

    def _positive(self, values: dict[str, str], meaning: str) -> int:
        amount = self._minor(values, meaning)
        if amount <= 0:
            raise RowRefused(meaning, "not_positive", _("“%(text)s” is not more than zero") % {"text": values[meaning]})
        return amount

    def _minor(self, values: dict[str, str], meaning: str) -> int:
        text = _present(values, meaning)
        match = self._number.fullmatch(text)
        if not match or len(match[2]) > _DIGITS_MAX - self.profile.exponent:
            raise RowRefused(meaning, "not_a_number", _("“%(text)s” is not a number") % {"text": text})
        sign, whole, fraction = match[1], match[2], match[3] or ""
        places = self.profile.exponent
        if len(fraction) > places:
            problem = _("“%(text)s” is too precise: %(currency)s has %(places)s decimal places")
            raise RowRefused(
                meaning, "too_precise", problem % {"text": text, "currency": self.profile.currency, "places": places}
            )
        return int(f"{sign}{whole}{fraction:0<{places}}")

    def _date_in(self, values: dict[str, str], meaning: str) -> date:
        found = self._date(_present(values, meaning))
        if found is None:
            problem = _("“%(text)s” is not a date of the form %(form)s")
            raise RowRefused(
                meaning, "bad_date", problem % {"text": values[meaning], "form": self.profile.dialect.date_format}
            )
        return found

    def _parse_date(self, text: str) -> date | None:
        # strptime takes 9311 for 1993-01-01: only a text that is written back the same is this form of date.
        try:
            found = datetime.strptime(text, self.profile.dialect.date_format).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            return None
        return found if found.strftime(self.profile.dialect.date_format) == text else None

    def _word(self, role: str, values: dict[str, str], meaning: str) -> str:
        meant = self.profile.files[role].words[meaning].get(values[meaning])
        if meant is None:
            raise _unknown_word(meaning, values[meaning])
        return meant

    def _find_rule(self, words: tuple[str, ...]) -> Rule:
        codes = dict(zip(self.profile.files["transactions"].codes, words, strict=True))
        rule = self.profile.rule_for(codes)
        if rule:
            return rule
        for name, word in codes.items():
            known = self.profile.known_words(name)
            if known is not None and word not in known:
                raise _unknown_word(name, word)
        together = ", ".join(f"{name} “{word}”" for name, word in codes.items())
        raise RowRefused("", "unknown_combination", _("no rule of the profile fits %(codes)s") % {"codes": together})


def _present(values: dict[str, str], meaning: str) -> str:
    if not values[meaning]:
        raise RowRefused(meaning, "empty", _("nothing stands here"))
    return values[meaning]


def _unknown_word(meaning: str, word: str) -> RowRefused:
    return RowRefused(meaning, "unknown_code_word", _("the profile does not know the word “%(word)s”") % {"word": word})


def _born(birth_number: str) -> date:
    """Return the date of birth that a Czech or Slovak birth number says; people were born in the 20th century."""
    match = _BIRTH_NUMBER.fullmatch(birth_number)
    problem = RowRefused(
        "birth_number", "bad_birth_number", _("“%(text)s” is not a birth number") % {"text": birth_number}
    )
    if not match:
        raise problem
    year, month, day = (int(part) for part in match.group(1, 2, 3))
    try:
        return date(_BIRTH_CENTURY + year, month - _WOMAN_MONTH_OFFSET * (month > _WOMAN_MONTH_OFFSET), day)
    except ValueError:
        raise problem from None
