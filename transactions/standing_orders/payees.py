"""Accounts at other banks, as a standing order names them: by IBAN, else by the bank's code and the account's number.

Where the banks of a country number accounts by IBAN (ISO 13616), only that is taken; its bank need not be named. Elsewhere the
bank is named by its BIC (ISO 9362) or, in China, by its CNAPS code; the number then has no check digits that all banks share.
"""

from __future__ import annotations

import string
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from accounts.validation import bic, cnaps, iban
from accounts.validation.characters import check_alphabet, compact
from accounts.validation.errors import WrongLength
from bankops.core.encryption import CannotDecrypt
from bankops.core.errors import BankOpsError, TextTooLong
from bankops.core.texts import check_storable
from transactions.standing_orders import errors

_NUMBER = _("Account number")
NAME_MAX = 140  # ISO 20022, Max140Text
_NUMBER_MAX = 34  # ISO 20022: the longest identification of an account that is not an IBAN


class Elsewhere(NamedTuple):
    """An account at another bank: the bank's BIC or CNAPS code, empty where an IBAN says enough, and the account's number."""

    bank: str
    account: str


def clean(bank: str, account: str) -> Elsewhere:
    """Return the account as the bank stores it, without spaces.

    :raises WrongLength, WrongCharacter, WrongCountry, WrongCheckDigits, WrongCheckCharacter: naming the position.
    :raises PayeeBankMissing: when neither an IBAN nor a bank is there.
    :raises IbanNeeded, BankWithoutIbans: when the bank is in a country that uses IBANs and this is none, or the reverse.
    :raises BankElsewhere: when bank and IBAN are of two countries.
    """
    code = _bank(bank) if bank.strip() else ""
    if iban.looks_like_one(account):
        return Elsewhere(code, _iban_at(code, account))
    if not code:
        raise errors.PayeeBankMissing
    if iban.used_in(_country(code)):
        raise errors.IbanNeeded(bank=code)
    return Elsewhere(code, _number(account))


def normalised(bank: str, account: str) -> Elsewhere:
    """Return what can be paid as it is stored; anything else as it was written, for `clean` to say what is wrong with it."""
    try:
        return clean(bank, account)
    except BankOpsError:
        return Elsewhere(bank.strip(), account.strip())


def check_name(name: str) -> None:
    """:raises TextTooLong, UnstorableText: when it is no name of a payee; none is for others to refuse."""
    if len(name) > NAME_MAX:
        raise TextTooLong(field=_("Payee's name"), limit=NAME_MAX, count=len(name))
    check_storable(name)


def display(account: str) -> str:
    """Return a stored account number as people read it: an IBAN in groups of four."""
    try:
        return iban.display(iban.clean(account))
    except BankOpsError:
        return account


def country(bank: str, account: str) -> str:
    """Return the country of the bank that keeps a stored account, ISO 3166-1; empty where neither number says it."""
    try:
        if bank:
            return _country(_bank(bank))
        return iban.clean(account)[:2]
    except BankOpsError:
        return ""  # taken over as it was written elsewhere


def keeps(known: Elsewhere, wanted: Elsewhere) -> bool:
    """Return whether `wanted` is the stored account `known`, however it is grouped; that one need not be payable."""
    return [*map(compact, known)] == [*map(compact, wanted)]


def differs(known: object, wanted: object) -> bool:
    """Tell whether a change gives something another value. A name that cannot be read is another one than any that is given."""
    try:
        return known != wanted
    except CannotDecrypt:
        return known is not wanted


def _iban_at(code: str, text: str) -> str:
    """Return the IBAN, which belongs to the bank's country where a bank is named."""
    if code and not iban.known_in(_country(code)):
        raise errors.BankWithoutIbans(bank=code)
    number = iban.clean(text)
    if code and not iban.used_by_both(_country(code), number[:2]):
        raise errors.BankElsewhere(bank=code, bank_country=_country(code), country=number[:2])
    return number


def _bank(text: str) -> str:
    code = compact(text)
    return cnaps.clean(code) if code.isdecimal() else bic.clean(code)


def _country(code: str) -> str:
    return "CN" if code.isdecimal() else code[4:6]


def _number(text: str) -> str:
    number = compact(text)
    if not 1 <= len(number) <= _NUMBER_MAX:
        raise WrongLength(what=_NUMBER, expected=f"1–{_NUMBER_MAX}", count=len(number))
    check_alphabet(number, string.ascii_uppercase + string.digits, _NUMBER, _("a letter or digit"))
    return number
