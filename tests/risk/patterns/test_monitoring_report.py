"""`manage.py monitoring_report`: on small files made here, on bad ones, and on the real ones where they are."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from risk.patterns.settings import Settings
from risk.patterns.trial.background import own_accounts, read_background
from risk.patterns.trial.measuring import days_of
from risk.patterns.trial.mixing import mix
from risk.patterns.trial.pattern_file import read_patterns
from risk.patterns.trial.placing import Placing

PROJECT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("BANKOPS_SHARED_DATA", PROJECT.parent / "shared" / "data"))
HEADER = "trans_id;account_id;date;type;operation;amount;balance;k_symbol;bank;account"


def hop(payer: str, payee: str, amount: float, at: str, currency: str = "US Dollar") -> dict[str, Any]:
    return {
        "timestamp": at,
        "from_bank": "020",
        "from_account": payer,
        "to_bank": "020",
        "to_account": payee,
        "amount_paid": amount,
        "payment_currency": currency,
        "payment_format": "ACH",
        "is_laundering": 1,
    }


def pattern(id: str, family: str, *hops: dict[str, Any]) -> dict[str, Any]:
    return {"pattern_id": id, "pattern_family": family, "transactions": list(hops)}


CYCLE = pattern(
    "P-1",
    "CYCLE",
    hop("A", "B", 1000, "2022/09/01 10:00"),
    hop("B", "C", 853.40, "2022/09/01 22:00", "Euro"),
    hop("C", "A", 990, "2022/09/02 15:00"),
)
LONE = pattern("P-2", "RANDOM", hop("X", "Y", 500, "2022/09/02 09:00"))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Patterns, and sixty days of a hundred accounts that draw cash and pay their landlords."""
    directory, berka = tmp_path / "aml", tmp_path / "berka"
    directory.mkdir()
    berka.mkdir()
    write_patterns(directory, [CYCLE, LONE])
    rows = [HEADER]
    for day in range(60):
        date = (datetime(1994, 1, 1) + timedelta(days=day)).strftime("%y%m%d")  # noqa: DTZ001 (days only)
        for number in range(100):
            rows.append(f'{len(rows)};{number};{date};"VYDAJ";"VYBER";500.00;1000.00;"";;')
        if day % 30 < 28:
            number = day % 30
            rows.append(f'{len(rows)};{number};{date};"VYDAJ";"PREVOD NA UCET";2000.00;0;"";"AB";"777{number}"')
    (berka / "trans.asc").write_text("\r\n".join(rows) + '\r\n99999;1;940301;"PRIJ', encoding="latin-1")
    return directory


def write_patterns(directory: Path, patterns: list[dict[str, Any]]) -> None:
    (directory / "laundering_patterns.json").write_text(json.dumps({"source": "made here", "patterns": patterns}))


def report(directory: Path, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("monitoring_report", str(directory), json=True, stdout=out, **options)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


class TestTheReport:
    def test_counts_what_was_found_and_what_was_not(self, files: Path) -> None:
        told = report(files)["own_accounts"]

        assert [(line["family"], line["patterns"], line["found"]) for line in told["lines"]] == [
            ("CYCLE", 1, 1),
            ("RANDOM", 1, 0),
        ]
        assert (told["alerts"], told["beside"]) == (1, 0)
        assert told["transfers"] == 60 * 100 + 56 + 4
        assert told["per_ten_thousand"] == pytest.approx(10_000 / 6060, abs=0.05)

    def test_attaches_patterns_to_accounts_in_use(self, files: Path) -> None:
        rows = read_background(files.parent / "berka")

        line = mix(read_patterns(files), rows, Placing(attached=True, seed=4))
        again = mix(read_patterns(files), rows, Placing(attached=True, seed=4))
        other = mix(read_patterns(files), rows, Placing(attached=True, seed=5))

        in_use = {row.account for row in rows}
        assert {
            account for labelled in line.labelled for one in labelled.transfers for account in (one.payer, one.payee)
        } <= in_use
        assert line == again != other

    def test_keeps_values_moments_and_order(self, files: Path) -> None:
        """USD 1,000 and EUR 853.40 are worth the same; the last pattern ends on the background's last day."""
        rows = read_background(files.parent / "berka")

        line = mix(read_patterns(files), rows, Placing())

        cycle = line.labelled[0].transfers
        assert cycle[0].amount == cycle[1].amount
        assert cycle[-1].at.date() == rows[-1].at.date()
        assert cycle[1].at - cycle[0].at == timedelta(hours=12)
        assert [one.at for one in line.transfers] == sorted(one.at for one in line.transfers)
        assert len(list(days_of(line.transfers))) == 60

    def test_prints_three_tables(self, files: Path) -> None:
        out = StringIO()

        call_command("monitoring_report", str(files), background=files.parent / "berka", stdout=out)

        assert out.getvalue().count("per 10,000") == 3
        assert out.getvalue().count("CYCLE") == 3

    def test_the_banks_own_sides_are_named(self, files: Path) -> None:
        rows = read_background(files.parent / "berka")

        assert {row.other for row in rows if not row.between_accounts} <= own_accounts()
        assert Settings(own_accounts=own_accounts()).own_accounts


class TestRefusals:
    def refused(self, directory: Path, **options: Any) -> str:
        with pytest.raises(CommandError) as refusal:
            call_command("monitoring_report", str(directory), stdout=StringIO(), **options)
        return str(refusal.value)

    def test_no_patterns(self, tmp_path: Path) -> None:
        assert "[monitoring_pattern_file_missing]" in self.refused(tmp_path)

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ("{", "as a whole"),
            ("[]", "There is no list of patterns."),
            ('{"patterns": []}', "There is no list of patterns."),
            ('{"patterns": [{"pattern_id": "1"}]}', "patterns[0]: pattern_family is missing."),
            (json.dumps({"patterns": [pattern("P", "CYCLE")]}), "It has no transactions."),
            (json.dumps({"patterns": [pattern("P", "CYCLE", {"timestamp": "now"})]}), "patterns[0].transactions[0]"),
            (json.dumps({"patterns": [pattern("P", "CYCLE", hop("A", "B", 1, "01.09.2022"))]}), "01.09.2022"),
            (json.dumps({"patterns": [pattern("P", "CYCLE", hop("A", "B", 1, "2022/09/01 10:00", "Shell"))]}), "Shell"),
            (
                json.dumps({"patterns": [pattern("P", "CYCLE", hop("A", "B", -1, "2022/09/01 10:00"))]}),
                "not above zero",
            ),
        ],
    )
    def test_patterns_that_cannot_be_read(self, files: Path, content: str, told: str) -> None:
        (files / "laundering_patterns.json").write_text(content)

        refusal = self.refused(files)

        assert "[monitoring_pattern_file_unreadable]" in refusal
        assert told in refusal

    def test_no_background(self, files: Path, tmp_path: Path) -> None:
        refusal = self.refused(files, background=tmp_path)

        assert "There is no trans.asc" in refusal
        assert "[monitoring_background_unfit]" in refusal

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ("", "lacks the column trans_id"),
            ("a;b\n1;2\n", "lacks the column trans_id"),
            (f'{HEADER}\n1;1;940101;"VYDAJ";"VYBER";5.00;1;"";;\n', "no transfer between accounts"),
            (f'{HEADER}\n1;1;940101;"OTHER";"VYBER";5.00;1;"";;\n', "line 2"),
            (f'{HEADER}\n1;1;941301;"VYDAJ";"VYBER";5.00;1;"";"AB";"5"\n', "line 2"),
            (f'{HEADER}\n1;1;940101;"VYDAJ";"VYBER";five;1;"";"AB";"5"\n', "line 2"),
            (f"{HEADER}\n1;1;940101\n", "line 2"),
            (f'{HEADER}\n1;1;940101;"VYDAJ";"PREVOD";5.00;1;"";"AB";"5"\n', "accounts are in use"),
        ],
    )
    def test_a_background_that_cannot_be_read(self, files: Path, content: str, told: str) -> None:
        (files.parent / "berka" / "trans.asc").write_text(content, encoding="latin-1")

        refusal = self.refused(files)

        assert "[monitoring_background_unfit]" in refusal
        assert told in refusal


@pytest.mark.slow
@pytest.mark.skipif(
    not (SHARED / "ibm_aml" / "laundering_patterns.json").is_file() or not (SHARED / "berka" / "trans.asc").is_file(),
    reason=f"the labelled patterns are not at {SHARED} (set BANKOPS_SHARED_DATA to the directory that holds ibm_aml/ and berka/)",
)
class TestOnLabelledPatterns:
    def test_seven_of_ten_at_fifty_alerts_for_ten_thousand(self) -> None:
        told = report(SHARED / "ibm_aml")
        together = told["own_accounts"]

        assert together["total"]["found"] >= 0.7 * together["total"]["patterns"]
        assert together["per_ten_thousand"] <= 50
        assert together["unseen"]["found"] >= 0.7 * together["unseen"]["patterns"]
        # A tenth of what alarms there are is about nothing.
        assert together["beside"] <= together["alerts"] / 10

    def test_nearly_as_many_where_no_account_tells_them_apart(self) -> None:
        told = report(SHARED / "ibm_aml")

        assert told["attached"]["total"]["found"] >= 0.7 * told["attached"]["total"]["patterns"]
        assert told["attached"]["per_ten_thousand"] <= 70  # three in ten of those days' transfers are patterns
        assert told["attached_and_spread"]["total"]["found"] >= 0.6 * told["attached_and_spread"]["total"]["patterns"]
        assert told["attached_and_spread"]["per_ten_thousand"] <= 50
