"""Secrets at rest."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from bankops.core.encryption import CannotDecrypt, decrypt, encrypt, fingerprint, fingerprints


def test_what_was_encrypted_comes_back_and_never_looks_the_same_twice() -> None:
    first, second = encrypt(b"secret", context="a"), encrypt(b"secret", context="a")
    assert decrypt(first, context="a") == decrypt(second, context="a") == b"secret"
    assert first != second
    assert b"secret" not in first


@pytest.mark.parametrize("byte", [0, 1, 12, 13, -1])
def test_a_changed_byte_is_noticed(byte: int) -> None:
    sealed = bytearray(encrypt(b"secret", context="a"))
    sealed[byte] ^= 1
    with pytest.raises(CannotDecrypt):
        decrypt(bytes(sealed), context="a")


def test_it_opens_only_in_its_own_place() -> None:
    with pytest.raises(CannotDecrypt):
        decrypt(encrypt(b"secret", context="a"), context="b")


def test_a_new_key_in_front_still_reads_what_the_old_one_wrote(settings: Settings) -> None:
    settings.BANKOPS_ENCRYPTION_KEYS = ["old"]
    sealed, mark = encrypt(b"secret", context="a"), fingerprint("code", context="a")
    settings.BANKOPS_ENCRYPTION_KEYS = ["new", "old"]
    assert decrypt(sealed, context="a") == b"secret"
    assert mark in fingerprints("code", context="a")
    assert fingerprint("code", context="a") != mark
    settings.BANKOPS_ENCRYPTION_KEYS = ["new"]
    with pytest.raises(CannotDecrypt):
        decrypt(sealed, context="a")


def test_fingerprints_differ_by_place() -> None:
    assert fingerprint("code", context="a") != fingerprint("code", context="b")
