"""A report on paper: PDF, typeset by typst with a Chinese and Latin font that comes with the product."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from bankops.core.db import in_transaction
from risk.errors import ReportNotTypeset
from risk.models import CaseReport
from risk.reporting.draft import PARTS, Draft

TYPESETTING_SECONDS = 60
_HERE = Path(__file__).parent


def write(report: CaseReport, written: Draft) -> bytes:
    """Return the finished document.

    :raises ReportNotTypeset: when typst takes longer than `TYPESETTING_SECONDS`, or fails.
    """
    assert not in_transaction(), "no transaction waits for a typesetter"
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        shutil.copy(_HERE / "report.typ", room)
        (room / "report.json").write_text(json.dumps(_content(report, written), ensure_ascii=False))
        fonts = str(pylopdf_fonts_zh_cn.sans_path().parent)
        command = [sys.executable, "-I", str(_HERE / "typesetting.py"), str(room), fonts]
        try:
            done = subprocess.run(command, capture_output=True, timeout=TYPESETTING_SECONDS, check=False, text=True)
        except subprocess.TimeoutExpired as late:
            raise ReportNotTypeset from late
        if done.returncode:
            raise ReportNotTypeset from RuntimeError(done.stderr[-2000:])
        return (room / "report.pdf").read_bytes()


def _content(report: CaseReport, written: Draft) -> dict[str, Any]:
    at = report.frozen_at or report.written_at
    return {
        "title": _("Report of a suspicious transaction"),
        "bank": settings.BANKOPS_NAME,
        "reference": f"{report.case.reference}-{report.number}",
        "standing": _("final") if report.frozen_at else _("DRAFT, version %(number)s") % {"number": report.version},
        "at": timezone.localtime(at).strftime("%Y-%m-%d %H:%M"),
        "fingerprint": report.sha256,
        "confidential": _("Confidential. Nobody named in it may learn of it."),
        "parts": [{"label": str(part.label), "text": written.texts.get(part.name, "")} for part in PARTS],
        "tables": [*_tables(written.facts)],
    }


def _tables(facts: Any) -> list[dict[str, Any]]:
    customers = [
        [one["number"], one["name"], one["birth_date"], "\n".join(_identifier(each) for each in one["identifiers"])]
        for one in facts["customers"]
    ]
    accounts = [
        [one["number"], one["currency"], one["status"], one["opened_on"], one["customer"]] for one in facts["accounts"]
    ]
    movements = [_movement(one) for one in facts["transactions"]]
    return [
        _table(_("Customers"), [_("Number"), _("Name"), _("Date of birth"), _("Identified by")], customers),
        _table(_("Accounts"), [_("Number"), _("Currency"), _("Status"), _("Opened"), _("Customer")], accounts),
        _table(
            _("Transactions"),
            [_("Reference"), _("When"), _("Payer"), _("Payee"), _("Amount"), _("Id")],
            movements,
        ),
    ]


def _table(label: str, headings: list[str], rows: list[list[str]]) -> dict[str, Any]:
    return {"label": label, "headings": headings, "rows": rows}


def _movement(one: dict[str, str]) -> list[str]:
    """Return a row; a report that was frozen before these were told has fewer of them."""
    told = {"at": "", "payer": "", "payee": "", **one}
    return [
        told["reference"],
        told["at"][:16].replace("T", " "),
        *(told[name] for name in ("payer", "payee", "amount", "id")),
    ]


def _identifier(one: dict[str, str]) -> str:
    return f"{one['type']} {one['issuer']} {one['value']}"
