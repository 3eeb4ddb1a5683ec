"""A statement on paper: PDF, typeset by typst with a Chinese and Latin font that comes with the product."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
from django.conf import settings
from django.utils import timezone

from bankops.core.db import in_transaction
from bankops.core.money import Money
from transactions.errors import StatementNotTypeset
from transactions.statements.content import Line, Statement

TYPESETTING_SECONDS = 60
_HERE = Path(__file__).parent
_TYPST_LANGUAGES = {"zh-hans": "zh"}


def write(statement: Statement) -> Iterator[bytes]:
    """Return the finished document, in one piece.

    :raises StatementNotTypeset: when typst takes longer than `TYPESETTING_SECONDS`, or fails.
    """
    assert not in_transaction(), "no transaction waits for a typesetter"
    with tempfile.TemporaryDirectory() as room:
        return iter([_typeset(Path(room), statement)])


def _typeset(room: Path, statement: Statement) -> bytes:
    shutil.copy(_HERE / "statement.typ", room)
    (room / "statement.json").write_text(json.dumps(_content(statement), ensure_ascii=False))
    fonts = str(pylopdf_fonts_zh_cn.sans_path().parent)
    command = [sys.executable, "-I", str(_HERE / "typesetting.py"), str(room), fonts]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TYPESETTING_SECONDS, check=False, text=True)
    except subprocess.TimeoutExpired as late:
        raise StatementNotTypeset from late
    if done.returncode:
        raise StatementNotTypeset from RuntimeError(done.stderr[-2000:])
    return (room / "statement.pdf").read_bytes()


def _content(statement: Statement) -> dict[str, Any]:
    period = statement.period
    return {
        "words": {key: word for key, word in statement.labels.items() if "." not in key},
        "language": _TYPST_LANGUAGES.get(statement.language, statement.language),
        "bank_name": settings.BANKOPS_NAME,
        "branch": statement.bank,
        "number": statement.number,
        "copy": statement.copy,
        "made_at": timezone.localtime(statement.made_at).strftime("%Y-%m-%d %H:%M"),
        "holder": statement.holder,
        "address": list(statement.address),
        "account_number": statement.account_number,
        "currency": statement.account.currency,
        "from": period.from_date.isoformat(),
        "to": period.to_date.isoformat(),
        "opening": _amount(statement.opening),
        "closing": _amount(statement.closing),
        "debits": _amount(statement.debits),
        "credits": _amount(statement.credits),
        "rows": [_row(line) for line in statement.lines()],
    }


def _row(line: Line) -> dict[str, str]:
    return {
        "booking_date": line.booking_date.isoformat(),
        "value_date": line.value_date.isoformat(),
        "reference": line.reference,
        "narrative": line.narrative,
        "counterparty": line.counterparty,
        "counterparty_account": line.counterparty_account,
        "amount": _amount(line.amount),
        "balance": _amount(line.balance),
    }


def _amount(money: Money) -> str:
    return f"{money.decimal:,f}"
