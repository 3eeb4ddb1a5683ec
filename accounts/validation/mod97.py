"""ISO 7064 MOD 97-10, the check digits of IBAN (ISO 13616) and LEI (ISO 17442)."""

from __future__ import annotations


def remainder(text: str) -> int:
    """Return `text` modulo 97, letters read as 10 to 35."""
    return int("".join(str(int(character, 36)) for character in text)) % 97


def check_digits(text: str) -> str:
    """Return the two digits which, written after `text`, leave 1."""
    return f"{98 - remainder(text + '00'):02d}"
