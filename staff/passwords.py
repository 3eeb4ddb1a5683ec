"""Passwords somebody else makes up: temporary ones, and recovery codes."""

from __future__ import annotations

import secrets

# Without the letters and digits that are mistaken for each other when read from paper.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def temporary_password() -> str:
    """Return a random password of 79 bits, in four groups that can be read out on the phone."""
    return "-".join(random_text(4) for _ in range(4))


def random_text(length: int) -> str:
    """Return random letters and digits, 4.95 bits each."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
