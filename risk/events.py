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

LIST_TAKEN_ON = event_type("risk.list.taken_on", _("Edition of a list taken on"))
LIST_REFUSED = event_type("risk.list.refused", _("Edition of a list not taken on"))
LIST_ACCEPTED = event_type("risk.list.accepted", _("Refused edition of a list taken on after all"))
LIST_OVERDUE = event_type("risk.list.overdue", _("List missing or too old"))
LIST_RECOVERED = event_type("risk.list.recovered", _("List there again"))
LIST_NOT_FETCHED = event_type("risk.list.not_fetched", _("List could not be fetched"))
MEMBER_ADDED = event_type("risk.list.member_added", _("Put on a list of the bank's own"))
MEMBER_REMOVED = event_type("risk.list.member_removed", _("Taken off a list of the bank's own"))
MEMBER_REVEALED = event_type("risk.list.member_revealed", _("Member of an own list shown"))
HIT_FOUND = event_type("risk.hit.found", _("Screening hit found"))
HIT_REOPENED = event_type("risk.hit.reopened", _("Screening hit open again"))
HIT_LAPSED = event_type("risk.hit.lapsed", _("Screening hit lapsed"))
HIT_DECIDED = event_type("risk.hit.decided", _("Screening hit decided"))
