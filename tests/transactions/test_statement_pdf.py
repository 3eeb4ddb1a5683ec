"""The statement on paper, read back from the finished PDF."""

from __future__ import annotations

import io
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from pypdf import PdfReader

from accounts.models import Account
from bankops.core.models import AuditEvent
from staff.models import User
from tests.accounts.factories import cny, make_account, make_customer
from tests.architecture.source import ROOT
from tests.desk import address, words
from tests.personas import SignIn
from tests.transactions.factories import deposit
from tests.transactions.statements import file_of, made
from transactions.errors import StatementNotTypeset
from transactions.statements import labels, pdf_file

pytestmark = pytest.mark.django_db(transaction=True)  # no typesetter runs inside a transaction

CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES"


@pytest.fixture
def li() -> Account:
    account = make_account(customer=make_customer("李华 (Li Hua)"))
    deposit(account, cny("1234567.89"), narrative='第一笔 #import("x") *not bold*')
    return account


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_it_names_the_holder_and_every_amount(li: Account) -> None:
    (page,) = pages(file_of(made(li, address=("人民路 1 号", "200000 上海")), "pdf"))
    for text in ("李华 (Li Hua)", "1,234,567.89", "人民路 1 号", "Opening balance", "Closing balance", "1/1", "CNY"):
        assert text in page
    assert "第一笔" in page
    assert '#import("x") *not bold*' in page, "what a customer wrote is text, not markup"


def test_in_chinese_too(li: Account) -> None:
    (page,) = pages(file_of(made(li, language="zh-hans"), "pdf"))
    for text in ("账户对账单", "期初余额", "期末余额", "记账日期", "李华"):
        assert text in page


def test_every_page_carries_the_balance_on_to_the_next(li: Account) -> None:
    for number in range(60):
        deposit(li, cny("1.00"), narrative=f"No {number}")
    whole = made(li)
    text = pages(file_of(whole, "pdf"))
    assert len(text) > 1
    assert [f"{number}/{len(text)}" in page for number, page in enumerate(text, start=1)] == [True] * len(text)
    for before, after in pairwise(text):
        assert carried(before, "Carried forward") == carried(after, "Brought forward")
    assert "Closing balance" in text[-1]
    assert "No 59" in text[-1], "the last bookings stay with the closing balance"
    shown = "".join(text)
    assert all(f"No {number}" in shown for number in range(60))


def carried(page: str, label: str) -> str:
    (line,) = [line for line in page.splitlines() if label in line]
    return line.replace(label, "").strip()


def test_an_empty_period_says_so() -> None:
    (page,) = pages(file_of(made(make_account()), "pdf"))
    assert "No bookings in this period." in page


def test_the_fonts_are_in_the_file(li: Account) -> None:
    reader = PdfReader(io.BytesIO(file_of(made(li), "pdf")))
    fonts: Any = reader.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    names = {str(font.get_object()["/BaseFont"]) for font in fonts.values()}
    assert names
    assert all("NotoSansSC" in name and "+" in name for name in names), "a subset of the font, and no other font"


def test_a_typesetter_that_takes_too_long_is_ended_and_nothing_is_noted(
    signed_in_client: SignIn, customer_service: User, li: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_file, "TYPESETTING_SECONDS", 0.01)
    desk = signed_in_client(customer_service)
    answer = desk.get(address(li, "statement"), {"format": "pdf"})
    assert answer.status_code == 503
    assert "statement_not_typeset" in words(answer)
    assert not AuditEvent.objects.filter(event_type="transactions.statement.taken").exists()


def test_a_typesetter_that_fails_is_an_answer(li: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pdf_file, "_HERE", tmp_path)
    (tmp_path / "statement.typ").write_text('#panic("broken")')
    (tmp_path / "typesetting.py").write_text((Path(pdf_file.__file__).parent / "typesetting.py").read_text())
    with pytest.raises(StatementNotTypeset) as caught:
        file_of(made(li), "pdf")
    assert "broken" in str(caught.value.__cause__)


def test_a_template_reads_nothing_outside_its_room(tmp_path: Path) -> None:
    room, outside = tmp_path / "room", tmp_path / "secret.txt"
    room.mkdir()
    outside.write_text("secret")
    (room / "statement.typ").write_text('#read("../secret.txt")')
    script = Path(pdf_file.__file__).parent / "typesetting.py"
    done = subprocess.run(
        [sys.executable, "-I", str(script), str(room), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "would escape the project root" in done.stderr


def test_the_catalogue_is_compiled_and_has_every_word() -> None:
    with (CATALOGUE / "django.po").open("rb") as text, (CATALOGUE / "django.mo").open("rb") as compiled:
        source = {message.id: message.string for message in read_po(text) if message.id}
        built = {message.id: message.string for message in read_mo(compiled) if message.id}
    assert built == source
    english, chinese = labels.labels("en"), labels.labels("zh-hans")
    same = [key for key in english if english[key] == chinese[key] and not key.startswith("plain.")]
    assert same == []
