"""Why a bank's files, or the description of them, are refused as a whole. Nothing has been written when one is raised.

A single bad row does not raise: it is a `rows.Rejection`, counted and listed in the report.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class ProfileInvalid(BankOpsError):
    code = "bank_import_profile_invalid"
    message = _("%(profile)s, %(key)s: %(problem)s See docs/bank-import.md for the format.")


class ProfileUnknown(BankOpsError):
    code = "bank_import_profile_unknown"
    message = _("There is no bank profile “%(profile)s”. Known: %(known)s; or give the path of a .toml file.")


class BankFileMissing(BankOpsError):
    code = "bank_import_file_missing"
    message = _("%(file)s is not in %(directory)s. Give the directory that holds all files the profile names.")


class ColumnMissing(BankOpsError):
    code = "bank_import_column_missing"
    message = _("%(file)s, line 1: column %(column)s is missing. The file has: %(found)s.")


class WrongEncoding(BankOpsError):
    code = "bank_import_wrong_encoding"
    message = _(
        "%(file)s, line %(line)s, column %(column)s: not %(encoding)s text. Correct the profile's encoding, or the file."
    )


class OutOfDateOrder(BankOpsError):
    code = "bank_import_out_of_date_order"
    message = _(
        "%(file)s, line %(line)s, column %(column)s: a row of an earlier day, although the profile says that rows are "
        "in order of date. Sort the file, or set ordered_by_date = false."
    )


class LedgerLineDiffers(BankOpsError):
    code = "bank_import_ledger_line_differs"
    message = _(
        "The profile says that line %(line)s of the chart is of category %(wanted)s, but here it is of %(found)s. "
        "Give it another code in the profile."
    )


class ProductMissing(BankOpsError):
    code = "bank_import_product_missing"
    message = _("The profile sells accounts as product %(product)s, which this bank does not have. Known: %(known)s.")


class ImportRunning(BankOpsError):
    code = "bank_import_running"
    message = _("An import of %(bank)s is running already. Wait until it has ended; nothing was changed.")
    http_status = 409


class CountsDoNotAddUp(BankOpsError):
    code = "bank_import_counts_do_not_add_up"
    message = _(
        "%(rows_read)s rows were read, but %(posted)s are posted, %(compared)s compared and %(rejected)s rejected. "
        "What was posted stays; do not trust this report, and tell us."
    )
