"""The forms a statement is written in. A new one is a module with `write`, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from transactions.errors import StatementTooLong
from transactions.statements import camt053, csv_file, pdf_file, xlsx_file
from transactions.statements.content import Statement


@dataclass(frozen=True, slots=True)
class Form:
    """One form.

    Attributes:
        key: in addresses and in the audit trail.
        write: yields the file. What it raises, it raises before it returns.
        bookings_max: how many bookings it is made for; None where it does not matter.

    """

    key: str
    label: str | Promise
    extension: str
    media_type: str
    write: Callable[[Statement], Iterator[bytes]]
    bookings_max: int | None = None


FORMS = {
    form.key: form
    for form in (
        Form("pdf", _("PDF"), "pdf", "application/pdf", pdf_file.write, bookings_max=5_000),
        Form(
            "xlsx",
            _("Excel"),
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            xlsx_file.write,
            bookings_max=200_000,
        ),
        Form("csv", _("CSV"), "csv", "text/csv; charset=utf-8", csv_file.write),
        Form("camt053", _("camt.053"), "xml", "application/xml", camt053.write),
    )
}


def write(statement: Statement, form: Form) -> Iterator[bytes]:
    """Yield a statement as a file.

    :raises StatementTooLong: when it has more bookings than the form is made for.
    :raises StatementNotTypeset: when it could not be typeset.
    :raises AmountTooLarge: when an amount does not fit the form.
    """
    if form.bookings_max is not None and statement.count > form.bookings_max:
        raise StatementTooLong(count=statement.count, limit=form.bookings_max, form=str(form.label))
    return form.write(statement)


def file_name(statement: Statement, form: Form) -> str:
    """Return what the file is called: `statement-<number>.<extension>`, in ASCII."""
    return f"statement-{statement.number}.{form.extension}"
