"""What this app writes into the audit trail."""

from django.utils.translation import gettext_lazy as _

from bankops.core.audit import event_type

ALERT_RAISED = event_type("risk.alert.raised", _("Alert raised"))
ALERT_RAISED_AGAIN = event_type("risk.alert.raised_again", _("Alert raised again"))
ALERT_TAKEN = event_type("risk.alert.taken", _("Alert taken"))
ALERT_HANDED_BACK = event_type("risk.alert.handed_back", _("Alert handed back"))
ALERT_REASSIGNED = event_type("risk.alert.reassigned", _("Alert handed to somebody else"))
ALERT_CONFLICT_DECLARED = event_type("risk.alert.conflict_declared", _("Conflict of interest declared"))
ALERT_CLOSED = event_type("risk.alert.closed", _("Alert closed"))
ALERT_INTO_CASE = event_type("risk.alert.put_into_case", _("Alert became part of a case"))
ALERT_OPEN_AGAIN = event_type("risk.alert.reopened", _("Alert opened again with its case"))
CASE_OPENED = event_type("risk.case.opened", _("Case opened"))
CASE_ALERT_ADDED = event_type("risk.case.alert_added", _("Alert added to the case"))
CASE_NOTE_WRITTEN = event_type("risk.case.note_written", _("Note written"))
CASE_FILE_ADDED = event_type("risk.case.file_added", _("File added"))
CASE_FILE_OPENED = event_type("risk.case.file_opened", _("File opened"))
CASE_LINKED = event_type("risk.case.linked", _("Record linked"))
CASE_WAITS = event_type("risk.case.parked", _("Case waits for something"))
CASE_RESUMED = event_type("risk.case.resumed", _("Case worked again"))
CASE_REASSIGNED = event_type("risk.case.reassigned", _("Case handed to somebody else"))
CASE_ACTION = event_type("risk.case.operation_ordered", _("Operation ordered from the case"))
CASE_CLOSED = event_type("risk.case.closed", _("Case closed"))
CASE_REOPENED = event_type("risk.case.reopened", _("Case opened again"))
REPORT_WRITTEN = event_type("risk.report.written", _("Report drafted or changed"))
REPORT_FROZEN = event_type("risk.report.frozen", _("Report frozen"))
REPORT_EXPORTED = event_type("risk.report.exported", _("Report exported"))
REGISTER_EXPORTED = event_type("risk.register.exported", _("Register exported"))
