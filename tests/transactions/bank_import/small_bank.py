"""A small bank whose files the tests write themselves, well or badly."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

HEADERS = {
    "district.asc": "A1;A2;A3",
    "client.asc": '"client_id";"birth_number";"district_id"',
    "account.asc": '"account_id";"district_id";"frequency";"date"',
    "disp.asc": '"disp_id";"client_id";"account_id";"type"',
    "order.asc": '"order_id";"account_id";"bank_to";"account_to";"amount";"k_symbol"',
    "trans.asc": '"trans_id";"account_id";"date";"type";"operation";"amount";"balance";"k_symbol";"bank";"account"',
}
ROWS = {
    "district.asc": ['1;"Praha";"Prague"', '2;"Benesov";"central Bohemia"'],
    "client.asc": ['1;"706213";1', '2;"450204";2', '3;"406009";2'],
    "account.asc": ['1;1;"POPLATEK MESICNE";930101', '2;2;"POPLATEK MESICNE";930102', '3;2;"POPLATEK TYDNE";940501'],
    "disp.asc": ['1;1;1;"OWNER"', '2;2;2;"OWNER"', '3;3;2;"DISPONENT"', '4;3;3;"OWNER"'],
    "order.asc": ['29401;1;"YZ";"87144583";2452.00;"SIPO"', '29402;2;"ST";"89597016";3372.70;" "'],
    "trans.asc": [
        '10;1;930101;"PRIJEM";"VKLAD";700.00;700.00;"";;',
        '20;2;930102;"PRIJEM";"VKLAD";1000.00;1000.00;"";;',
        # Two rows of one day, the second first.
        '12;1;930103;"VYDAJ";"VYBER";100.00;900.00;"";;',
        '11;1;930103;"PRIJEM";"PREVOD Z UCTU";300.00;1000.00;"";"AB";"12345678"',
        # Interest of 3.15 printed as 3.20 on a balance of 903.15 printed as 903.10, and a fee that carries the difference.
        '13;1;930131;"PRIJEM";"";3.20;903.10;"UROK";;',
        '14;1;930131;"VYDAJ";"VYBER";14.60;888.50;"SLUZBY";;',
        '21;2;930131;"VYDAJ";"PREVOD NA UCET";250.00;750.00;"SIPO";"YZ";"87144583"',
    ],
}


class SmallBank:
    """Two districts, three clients, three accounts (one without movements), seven transactions."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.rows = {name: list(rows) for name, rows in ROWS.items()}
        self.headers = dict(HEADERS)

    def write(self) -> Path:
        """Write every file as it now stands and return the directory."""
        for name, header in self.headers.items():
            self.write_file(name, [header, *self.rows[name]])
        return self.directory

    def write_file(self, name: str, lines: Iterable[str]) -> None:
        """Write one file with the bank's line ends."""
        (self.directory / name).write_bytes("".join(f"{line}\r\n" for line in lines).encode("latin-1"))

    def tear(self, name: str, text: str) -> None:
        """Put `text` at the end of a file already written, without a line end."""
        with (self.directory / name).open("ab") as file:
            file.write(text.encode("latin-1"))
