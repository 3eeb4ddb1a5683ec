"""A statement as ISO 20022 `camt.053.001.08`, Bank to Customer Statement: what other banks' and firms' systems read.

Element names and their order are those of the message definition (https://www.iso20022.org, "Bank-to-Customer Cash
Management"); the domain codes of a booking are of its external code set "Bank Transaction Code".
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django.conf import settings
from lxml import etree

from accounts.models import Category
from bankops.core.errors import AmountTooLarge
from bankops.core.money import Money
from transactions.models import Kind, Side
from transactions.statements.content import Line, Statement

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_PIECE = 64 * 1024
_DIGITS_MAX = 18
_NARRATIVE_MAX = 140
_BOOKED_FROM, _BOOKED_TO = "T00:00:00", "T23:59:59"

_CODES: dict[tuple[str, Side], tuple[str, str, str]] = {
    (Kind.DEPOSIT, Side.CREDIT): ("PMNT", "CNTR", "CDPT"),
    (Kind.DEPOSIT, Side.DEBIT): ("PMNT", "CNTR", "CDPT"),
    (Kind.WITHDRAWAL, Side.DEBIT): ("PMNT", "CNTR", "CWDL"),
    (Kind.WITHDRAWAL, Side.CREDIT): ("PMNT", "CNTR", "CWDL"),
    (Kind.TRANSFER, Side.DEBIT): ("PMNT", "ICDT", "BOOK"),
    (Kind.TRANSFER, Side.CREDIT): ("PMNT", "RCDT", "BOOK"),
    (Kind.PAYMENT_OUT, Side.DEBIT): ("PMNT", "ICDT", "DMCT"),
    (Kind.PAYMENT_IN, Side.CREDIT): ("PMNT", "RCDT", "DMCT"),
    (Kind.FEE, Side.DEBIT): ("ACMT", "MDOP", "CHRG"),
    (Kind.FEE, Side.CREDIT): ("ACMT", "MCOP", "CHRG"),
    (Kind.INTEREST, Side.DEBIT): ("ACMT", "MDOP", "INTR"),
    (Kind.INTEREST, Side.CREDIT): ("ACMT", "MCOP", "INTR"),
}
_NOT_AVAILABLE = ("PMNT", "NTAV", "NTAV")


def write(statement: Statement) -> Iterator[bytes]:
    """Yield the document piece by piece.

    :raises AmountTooLarge: before the first piece, when an amount has more digits than the message can hold.
    """
    for money in (statement.opening, statement.closing, statement.debits, statement.credits):
        _digits(money)
    return _document(statement)


def _document(statement: Statement) -> Iterator[bytes]:
    buffer = io.BytesIO()
    with etree.xmlfile(buffer, encoding="UTF-8") as xml:
        xml.write_declaration()
        with xml.element("Document", nsmap={None: NAMESPACE}), xml.element("BkToCstmrStmt"):
            xml.write(_group_header(statement))
            with xml.element("Stmt"):
                for element in _head(statement):
                    xml.write(element)
                for line in statement.lines():
                    xml.write(_entry(line))
                    if buffer.tell() > _PIECE:
                        yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.BytesIO) -> bytes:
    piece = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return piece


def _group_header(statement: Statement) -> Any:
    return _element("GrpHdr", _element("MsgId", text=statement.copy), _element("CreDtTm", text=_moment(statement)))


def _head(statement: Statement) -> Iterator[Any]:
    """Yield everything of a statement but its entries, in the order of `AccountStatement9`."""
    period = statement.period
    yield _element("Id", text=statement.number[:35])
    yield _element("CreDtTm", text=_moment(statement))
    yield _element(
        "FrToDt",
        _element("FrDtTm", text=f"{period.from_date}{_BOOKED_FROM}"),
        _element("ToDtTm", text=f"{period.to_date}{_BOOKED_TO}"),
    )
    yield _account(statement)
    yield _balance(statement, "OPBD", statement.opening, f"{period.from_date}")
    yield _balance(statement, "CLBD", statement.closing, f"{period.to_date}")
    yield _element(
        "TxsSummry",
        _element("TtlNtries", _element("NbOfNtries", text=str(statement.count))),
        _element("TtlCdtNtries", _element("Sum", text=str(statement.credits))),
        _element("TtlDbtNtries", _element("Sum", text=str(statement.debits))),
    )


def _account(statement: Statement) -> Any:
    account = statement.account
    return _element(
        "Acct",
        _element("Id", _element("Othr", _element("Id", text=account.number))),
        _element("Ccy", text=account.currency),
        _element("Ownr", _element("Nm", text=statement.holder[:140]), *_address(statement)),
        _element("Svcr", _element("FinInstnId", _element("Nm", text=settings.BANKOPS_NAME[:140])), *_branch(statement)),
    )


def _address(statement: Statement) -> list[Any]:
    lines = [_element("AdrLine", text=line[:70]) for line in statement.address[:7] if line]
    return [_element("PstlAdr", *lines)] if lines else []


def _branch(statement: Statement) -> list[Any]:
    return [_element("BrnchId", _element("Nm", text=statement.bank[:140]))] if statement.bank else []


def _balance(statement: Statement, code: str, balance: Money, day: str) -> Any:
    """Return a balance with the side it stands on: money the bank owes is credit."""
    grows_on_credit = Category(statement.account.category).normal_side == Side.CREDIT
    is_credit = (balance.minor >= 0) == grows_on_credit
    return _element(
        "Bal",
        _element("Tp", _element("CdOrPrtry", _element("Cd", text=code))),
        _amount(balance),
        _element("CdtDbtInd", text="CRDT" if is_credit else "DBIT"),
        _element("Dt", _element("Dt", text=day)),
    )


def _entry(line: Line) -> Any:
    return _element(
        "Ntry",
        _element("NtryRef", text=str(line.version)),
        _amount(line.amount),
        _element("CdtDbtInd", text=_indicator(line)),
        *([_element("RvslInd", text="true")] if line.is_reversal else []),
        _element("Sts", _element("Cd", text="BOOK")),
        _element("BookgDt", _element("Dt", text=line.booking_date.isoformat())),
        _element("ValDt", _element("Dt", text=line.value_date.isoformat())),
        *([_element("AcctSvcrRef", text=line.reference[:35])] if line.reference else []),
        _code(line),
        _element("NtryDtls", _details(line)),
    )


def _details(line: Line) -> Any:
    parts = [_references(line), _amount(line.amount), _element("CdtDbtInd", text=_indicator(line)), *_parties(line)]
    narrative = [line.narrative[at : at + _NARRATIVE_MAX] for at in range(0, len(line.narrative), _NARRATIVE_MAX)]
    if narrative:
        parts.append(_element("RmtInf", *(_element("Ustrd", text=text) for text in narrative)))
    return _element("TxDtls", *parts)


def _references(line: Line) -> Any:
    servicer = [_element("AcctSvcrRef", text=line.reference[:35])] if line.reference else []
    return _element("Refs", *servicer, _element("EndToEndId", text=line.external_reference[:35] or "NOTPROVIDED"))


def _parties(line: Line) -> list[Any]:
    """Return the other side: who paid where money came in, who was paid where it went out."""
    other = "Dbtr" if _indicator(line) == "CRDT" else "Cdtr"
    parties = []
    if line.counterparty:
        parties.append(_element(other, _element("Pty", _element("Nm", text=line.counterparty[:140]))))
    if line.counterparty_account:
        number = "".join(line.counterparty_account.split())
        parties.append(_element(f"{other}Acct", _element("Id", _element("Othr", _element("Id", text=number)))))
    return [_element("RltdPties", *parties)] if parties else []


def _code(line: Line) -> Any:
    """Return the booking's code. That of a reversal is the code of what it takes back, which was on the other side."""
    side = line.side.opposite if line.is_reversal else line.side
    domain, family, sub_family = _CODES.get((line.kind, side), _NOT_AVAILABLE)
    return _element(
        "BkTxCd",
        _element(
            "Domn",
            _element("Cd", text=domain),
            _element("Fmly", _element("Cd", text=family), _element("SubFmlyCd", text=sub_family)),
        ),
        *([_element("Prtry", _element("Cd", text=line.kind))] if line.kind else []),
    )


def _indicator(line: Line) -> str:
    return "CRDT" if line.side == Side.CREDIT else "DBIT"


def _amount(money: Money) -> Any:
    return _element("Amt", text=str(Money(abs(money.minor), money.currency)), Ccy=money.currency)


def _digits(money: Money) -> None:
    if len(str(abs(money.minor))) > _DIGITS_MAX:
        raise AmountTooLarge(value=str(money))


def _moment(statement: Statement) -> str:
    return statement.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _element(name: str, *children: Any, text: str | None = None, **attributes: str) -> Any:
    """Return an element without a namespace of its own: where it is written, the document's is in force."""
    element = etree.Element(name, attributes)
    element.text = text
    element.extend(children)
    return element
