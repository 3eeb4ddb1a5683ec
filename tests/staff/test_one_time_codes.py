"""TOTP arithmetic against the standards' own numbers."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django_otp.oath import hotp

from staff import one_time_codes
from staff.one_time_codes import code_at, matching_step, provisioning_uri, step_at

SEED = b"12345678901234567890"
NOON = datetime(2026, 3, 2, 12, 0, 10, tzinfo=UTC)


def at(unix: int) -> datetime:
    return datetime.fromtimestamp(unix, tz=UTC)


@pytest.fixture
def vectors() -> dict[str, Any]:
    default = Path(__file__).resolve().parents[3] / "shared" / "data"
    path = Path(os.environ.get("BANKOPS_SHARED_DATA", default)) / "totp" / "vectors.json"
    if not path.exists():
        pytest.skip(f"the shared vectors are not here: {path}")
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def test_hotp_gives_the_numbers_of_rfc_4226_appendix_d(vectors: dict[str, Any]) -> None:
    given = [str(hotp(SEED, counter)).zfill(6) for counter in range(10)]
    assert given == vectors["hotp_sha1_6"]


def test_totp_gives_the_numbers_of_rfc_6238_appendix_b(vectors: dict[str, Any]) -> None:
    rows = vectors["totp_8"]["SHA1"]
    assert len(rows) == 6
    for unix, expected in rows:
        assert code_at(SEED, at(int(unix)), digits=8) == expected


def test_six_digits_are_the_last_six_of_eight_and_keep_leading_zeros() -> None:
    # RFC 6238 appendix B: at 1111111109 the eight digits are 07081804.
    assert code_at(SEED, at(1111111109)) == "081804"


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_counts_one_step_either_way_and_no_further(steps: int, accepted: bool) -> None:
    code = code_at(SEED, NOON + timedelta(seconds=30 * steps))
    assert matching_step(SEED, code, NOON) == (step_at(NOON) + steps if accepted else None)


@pytest.mark.parametrize("text", ["", "１２３４５６", "12345", "1234567", "abcdef", "\ud800"])
def test_what_is_no_code_matches_nothing(text: str) -> None:
    assert matching_step(SEED, text, NOON) is None


def test_the_address_in_the_qr_code_holds_what_an_app_needs() -> None:
    uri = provisioning_uri(SEED, issuer="Bank & Co", account="E1001")
    assert uri == ("otpauth://totp/Bank%20%26%20Co%3AE1001?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Bank+%26+Co")
    assert one_time_codes.readable(b"\x00") == "AA"
