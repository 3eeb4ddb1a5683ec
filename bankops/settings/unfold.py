"""How the admin looks and what stands in its menu. Every entry shows only to those who may open it."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _may(permission: str) -> Any:
    return lambda request: request.user.has_perm(permission)


def _item(title: Any, icon: str, url_name: str, permission: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(url_name), "permission": _may(permission)}


def _in_journal(request: Any) -> bool:
    """Tell whether the journal is open: the trial balance lies below its address and has an entry of its own."""
    return "/journalentry/" in request.path and "/trial_balance/" not in request.path


def _in_policies(request: Any) -> bool:
    """Tell whether the policies are open: the simulator lies below their address and has an entry of its own."""
    return "/approvals/policy/" in request.path and "/simulator/" not in request.path


def _is_somebody(request: Any) -> bool:
    """Tell whether the person may have notices: everybody may."""
    return bool(request.user.is_active)


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "bankops",
    "SITE_HEADER": "bankops",
    "SITE_SUBHEADER": _("Bank operations"),
    "SITE_SYMBOL": "account_balance",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("bankops/icon.svg")},
    ],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_HISTORY": True,
    "STYLES": [
        lambda request: static("bankops/colours.css"),
        lambda request: static("bankops/bankops.css"),
        lambda request: static("bankops/pages.css"),
        lambda request: static("bankops/keepers.css"),
    ],
    "ACCOUNT": {"navigation": [{"title": _("My sign-in"), "link": reverse_lazy("staff:my_sign_in")}]},
    "SCRIPTS": [lambda request: static("bankops/pages.js")],
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "navigation": [
            {
                "title": _("Approvals"),
                "items": [
                    _item(
                        _("Inbox"),
                        "approval",
                        "admin:approvals_approvalrequest_changelist",
                        "approvals.view_approvalrequest",
                    )
                    | {"badge": "approvals.admin.waiting.badge"},
                    _item(_("My notices"), "notifications", "admin:notifications_notice_changelist", "")
                    | {"badge": "notifications.admin.notices.unread_badge", "permission": _is_somebody},
                    _item(_("Stand-ins"), "swap_horiz", "admin:approvals_standin_changelist", "approvals.view_standin"),
                    _item(_("Duty roster"), "calendar_month", "admin:approvals_duty_changelist", "approvals.view_duty"),
                    _item(_("Policies"), "policy", "admin:approvals_policy_changelist", "approvals.view_policy")
                    | {"active": _in_policies},
                    _item(_("Simulator"), "science", "admin:approvals_policy_simulator", "approvals.view_policy"),
                    _item(
                        _("Reference rates"),
                        "currency_exchange",
                        "admin:approvals_referencerate_changelist",
                        "approvals.view_referencerate",
                    ),
                ],
            },
            {
                "title": _("Customers"),
                "items": [
                    _item(_("Customers"), "person", "admin:accounts_customer_changelist", "accounts.view_customer"),
                    _item(
                        _("Applications"),
                        "assignment_ind",
                        "admin:accounts_application_changelist",
                        "accounts.view_application",
                    ),
                    _item(
                        _("Documents"), "description", "admin:accounts_document_changelist", "accounts.view_document"
                    ),
                    _item(
                        _("Reviews due"),
                        "event_repeat",
                        "admin:accounts_customer_reviews_due",
                        "accounts.view_customer",
                    ),
                    _item(
                        _("Accounts"),
                        "account_balance_wallet",
                        "admin:accounts_account_changelist",
                        "accounts.view_account",
                    ),
                    _item(
                        _("Confidential accounts"),
                        "visibility_off",
                        "admin:accounts_accountgrant_changelist",
                        "accounts.view_accountgrant",
                    ),
                    _item(
                        _("Partners' rights"),
                        "link",
                        "admin:accounts_accountpartnergrant_changelist",
                        "accounts.view_accountpartnergrant",
                    ),
                ],
            },
            {
                "title": _("Partners"),
                "items": [
                    _item(_("Partners"), "handshake", "admin:partners_partner_changelist", "partners.view_partner"),
                    _item(_("Credentials"), "key", "admin:partners_credential_changelist", "partners.view_credential"),
                    _item(
                        _("Webhook endpoints"),
                        "webhook",
                        "admin:notifications_endpoint_changelist",
                        "notifications.view_endpoint",
                    ),
                    _item(
                        _("Webhook health"),
                        "monitor_heart",
                        "admin:notifications_endpointhealth_changelist",
                        "notifications.view_endpointhealth",
                    ),
                    _item(
                        _("Deliveries"),
                        "outgoing_mail",
                        "admin:notifications_delivery_changelist",
                        "notifications.view_delivery",
                    ),
                    _item(
                        _("Incidents"),
                        "crisis_alert",
                        "admin:notifications_incident_changelist",
                        "notifications.view_incident",
                    ),
                ],
            },
            {
                "title": _("Money"),
                "items": [
                    _item(
                        _("Transactions"),
                        "swap_horiz",
                        "admin:transactions_transaction_changelist",
                        "transactions.view_transaction",
                    ),
                    _item(
                        _("Transfer batches"),
                        "list_alt",
                        "admin:transactions_transferbatch_changelist",
                        "transactions.view_transferbatch",
                    ),
                    _item(_("Holds"), "lock", "admin:transactions_hold_changelist", "transactions.view_hold"),
                    _item(
                        _("Standing orders"),
                        "event_repeat",
                        "admin:transactions_standingorder_changelist",
                        "transactions.view_standingorder",
                    ),
                    _item(
                        _("Their payments"),
                        "event_available",
                        "admin:transactions_standingorderrun_changelist",
                        "transactions.view_standingorderrun",
                    ),
                    _item(
                        _("Interest rates"),
                        "percent",
                        "admin:transactions_interestrate_changelist",
                        "transactions.view_interestrate",
                    ),
                    _item(
                        _("Duplicates by day"),
                        "content_copy",
                        "admin:transactions_duplicatedayreport_changelist",
                        "transactions.view_duplicatedayreport",
                    ),
                    _item(
                        _("Duplicate policies"),
                        "rule",
                        "admin:transactions_duplicatepolicy_changelist",
                        "transactions.view_duplicatepolicy",
                    ),
                ],
            },
            {
                "title": _("Risk"),
                "items": [
                    _item(_("Patterns"), "hub", "admin:risk_pattern_changelist", "risk.view_pattern"),
                    _item(_("Alerts"), "notification_important", "admin:risk_alert_changelist", "risk.view_alert"),
                    _item(_("Cases"), "folder_open", "admin:risk_case_changelist", "risk.view_case"),
                    _item(
                        _("Screening hits"),
                        "person_search",
                        "admin:risk_screeninghit_changelist",
                        "risk.view_screeninghit",
                    ),
                    _item(_("Lists"), "list_alt", "admin:risk_watchlist_changelist", "risk.view_watchlist"),
                    _item(
                        _("Editions of lists"), "history", "admin:risk_listedition_changelist", "risk.view_listedition"
                    ),
                    _item(_("Rules"), "rule", "admin:risk_rule_changelist", "risk.view_rule"),
                    _item(_("Back-tests"), "history", "admin:risk_rulebacktest_changelist", "risk.view_rulebacktest"),
                    _item(_("Snoozed rules"), "snooze", "admin:risk_rulesnooze_changelist", "risk.view_rulesnooze"),
                    _item(_("Risk by day"), "today", "admin:risk_riskdayreport_changelist", "risk.view_riskdayreport"),
                    _item(_("Rules by outcome"), "tune", "admin:risk_riskdayreport_tuning", "risk.view_riskdayreport"),
                    _item(
                        _("Large values"), "payments", "admin:risk_riskdayreport_large_values", "risk.view_registers"
                    ),
                    _item(_("Reports filed"), "gavel", "admin:risk_riskdayreport_suspicious", "risk.view_registers"),
                    _item(
                        _("Score models"),
                        "analytics",
                        "admin:risk_scoremodelversion_changelist",
                        "risk.view_scoremodelversion",
                    ),
                ],
            },
            {
                "title": _("Books"),
                "items": [
                    _item(
                        _("Journal"),
                        "menu_book",
                        "admin:transactions_journalentry_changelist",
                        "accounts.view_general_ledger",
                    )
                    | {"active": _in_journal},
                    _item(
                        _("Chart of accounts"),
                        "account_tree",
                        "admin:accounts_chartline_changelist",
                        "accounts.view_chartline",
                    ),
                    _item(
                        _("Trial balance"),
                        "balance",
                        "admin:transactions_journalentry_trial_balance",
                        "transactions.view_trial_balance",
                    ),
                    _item(_("Ends of day"), "bedtime", "admin:core_endofdayrun_changelist", "core.view_endofdayrun"),
                ],
            },
            {
                "title": _("People"),
                "items": [
                    _item(_("Staff"), "badge", "admin:staff_user_changelist", "staff.view_user"),
                    _item(_("Branches"), "storefront", "admin:staff_branch_changelist", "staff.view_branch"),
                    _item(_("Audit trail"), "history", "admin:core_auditevent_changelist", "core.view_auditevent"),
                ],
            },
        ],
    },
}
