"""Account numbers: ten digits that count up, then two check digits.

The check digits are ISO 7064 MOD 97-10, the method of the IBAN (ISO 13616): the number read as an integer leaves 1 when
divided by 97. That finds every single wrong digit and every swap of two neighbours.
"""

from __future__ import annotations

import re

from django.db import connection

from accounts.errors import InvalidAccountNumber

_NUMBER = re.compile(r"[0-9]{12}", re.ASCII)


def with_check_digits(serial: int) -> str:
    """Return the account number for a ten-digit serial."""
    return f"{serial:010d}{98 - serial * 100 % 97:02d}"


def is_valid(number: str) -> bool:
    """Tell whether `number` has twelve digits, the last two of which check the others."""
    return bool(_NUMBER.fullmatch(number)) and int(number) % 97 == 1


def clean(number: str) -> str:
    """Return a customer's account number as typed, without its spaces.

    :raises InvalidAccountNumber: when the check digits do not fit.
    """
    compact = "".join(number.split())
    if not is_valid(compact):
        raise InvalidAccountNumber(number=number)
    return compact


def display(number: str) -> str:
    """Return the number in groups of four, as people read it aloud; the bank's own numbers stay as they are."""
    return " ".join(number[start : start + 4] for start in range(0, 12, 4)) if is_valid(number) else number


def next_account_numbers(count: int = 1) -> list[str]:
    """Return `count` new account numbers. Numbers taken in a transaction that is rolled back are lost."""
    return [with_check_digits(serial) for serial in _next_values("accounts_number_seq", count)]


def next_customer_numbers(count: int = 1) -> list[str]:
    """Return `count` new customer numbers, `C-100001` and up."""
    return [f"C-{value}" for value in _next_values("accounts_customer_number_seq", count)]


def next_application_number() -> str:
    """Return a new application number, `KY-100001` and up."""
    return f"KY-{_next_values('accounts_application_number_seq', 1)[0]}"


def _next_values(sequence: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count])
        return [value for (value,) in cursor.fetchall()]
