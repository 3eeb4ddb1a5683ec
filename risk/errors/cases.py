"""What working cases and writing reports refuses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class UnknownCase(BankOpsError):
    code = "unknown_case"
    message = _("There is no such case.")
    http_status = 404


class CaseClosed(BankOpsError):
    code = "case_closed"
    message = _("Case %(case)s is closed: nothing is added to it. Open it again first.")
    http_status = 409


class CaseNotClosed(BankOpsError):
    code = "case_not_closed"
    message = _("Case %(case)s is %(state)s; only a closed one can be opened again.")
    http_status = 409


class CaseNotYours(BankOpsError):
    code = "case_not_yours"
    message = _("Case %(case)s is worked by %(name)s. Ask them, or have it handed to you.")
    http_status = 409


class CaseUnchanged(BankOpsError):
    code = "case_unchanged"
    message = _("Case %(case)s is so already: %(state)s.")
    http_status = 409


class CaseNeedsTwo(BankOpsError):
    code = "case_needs_two"
    message = _("Case %(case)s is of high priority: submit its closing as risk.close_high_risk_case, for two people.")
    http_status = 409


class CaseNeedsNoTwo(BankOpsError):
    code = "case_needs_no_two"
    message = _("Case %(case)s is not of high priority: submit its closing as risk.close_case.")
    http_status = 409


class CaseWithoutAlert(BankOpsError):
    code = "case_without_alert"
    message = _("A case is opened from at least one alert.")


class AlertOpenAgain(BankOpsError):
    code = "alert_open_again"
    message = _("About the same as alert %(alert)s another one was raised since. Open a case from that one instead.")
    http_status = 409


class CaseFileTaken(BankOpsError):
    code = "case_file_taken"
    message = _("Case %(case)s has this file already.")
    http_status = 409


class UnknownCaseFile(BankOpsError):
    code = "unknown_case_file"
    message = _("There is no such file on this case, or it was erased: the bank need not keep it any longer.")
    http_status = 404


class LinkedAlready(BankOpsError):
    code = "linked_already"
    message = _("%(record)s is linked to case %(case)s already.")
    http_status = 409


class NothingToLink(BankOpsError):
    code = "nothing_to_link"
    message = _(
        "“%(text)s” is no record of this kind that you may see. Write a customer number, an account number, or the id tr_… of"
        " a transaction that risk assessed or saw move."
    )


class NoteRequired(BankOpsError):
    code = "note_required"
    message = _("Write the note.")


class ReportIncomplete(BankOpsError):
    code = "report_incomplete"
    message = _("The report of case %(case)s is not complete. Still missing: %(missing)s.")
    http_status = 409


class ReportOutdated(BankOpsError):
    code = "report_outdated"
    message = _(
        "Case %(case)s knows more by now than its report tells. Open the report, read it again and write it once more."
    )
    http_status = 409


class ReportNamesConfidential(BankOpsError):
    code = "report_names_confidential"
    message = _(
        "The report of case %(case)s names a confidential account that was not granted to you. Ask for a grant, or have"
        " somebody export it who holds one."
    )
    http_status = 403


class ReportPartConfidential(BankOpsError):
    code = "report_part_confidential"
    message = _(
        "“%(part)s” names a confidential account that was not granted to you, so you cannot change it. Leave it as it was, or"
        " ask for a grant."
    )
    http_status = 403


class ReportChanged(BankOpsError):
    code = "report_changed"
    message = _(
        "Somebody changed the report meanwhile. Open it again and enter your change into what stands there now."
    )
    http_status = 409


class ReportMissing(BankOpsError):
    code = "report_missing"
    message = _("Case %(case)s has no draft of a report yet.")
    http_status = 404


class NoteTooLong(BankOpsError):
    code = "note_too_long"
    message = _("A note takes at most %(limit)s characters; this has %(count)s. Shorten it, or write two.")


class ReportErased(BankOpsError):
    code = "report_erased"
    message = _("The report of case %(case)s was erased: the bank need not keep it any longer.")
    http_status = 410


class ReportNotTypeset(BankOpsError):
    code = "report_not_typeset"
    message = _("The report could not be put on paper. Try again, or take the JSON file.")
    http_status = 503
