"""A spreadsheet must never run what a customer wrote."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest

from bankops.core import csv_cells


@pytest.mark.parametrize(
    "attack",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(1+1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =cmd|' /C calc'!A0",
        "＝1+1",
        "－2+3",
        "-",
        "+",
        "=",
        "--1",
        "+86 21 5555",
        "-1e5",
        "-1,5",
        "-٣",
    ],
)
def test_what_could_be_a_formula_becomes_text(attack: str) -> None:
    assert csv_cells.neutral(attack) == f"'{attack}"


@pytest.mark.parametrize("cell", ["", "Rent", "-34.60", "+12", "1250.00", "-0.05", "2026-11-22", "Müller & Co", "a=b"])
def test_numbers_and_plain_text_stay_as_they_are(cell: str) -> None:
    assert csv_cells.neutral(cell) == cell


def test_rows_come_back_as_they_were_through_any_reader_of_csv() -> None:
    rows = [["Reference", "Narrative"], ["TR-1", 'say "hi", then; \n go'], ["-1.00", "茶"]]
    written = "".join(csv_cells.lines(rows))
    assert list(csv.reader(io.StringIO(written, newline=""))) == rows


def _attacks() -> list[str]:
    shared = Path(os.environ.get("BANKOPS_SHARED_DATA", Path(__file__).parents[2].parent / "shared/data"))
    path = shared / "csv_injection/csv_injection.txt"
    if not path.is_file():
        pytest.skip("the shared collection of spreadsheet attacks is not here")
    return [line for line in path.read_text().splitlines() if line.strip()]


def test_a_collection_of_known_attacks_is_neutralised() -> None:
    attacks = _attacks()
    assert len(attacks) > 10
    for attack in attacks:
        first = csv_cells.neutral(attack).lstrip()[:1]
        assert first not in {"=", "+", "-", "@", "\t"}, attack
