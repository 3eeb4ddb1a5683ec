"""The only writers of customers and accounts. Import this module and call `account_services.open_account(...)`."""

from accounts.drafts import AddressDraft, ContactDraft, IdentifierDraft, OwnerDraft, TaxResidenceDraft
from accounts.services.access import grant_access, revoke_access, set_confidential
from accounts.services.applications import (
    AccountWish,
    Answers,
    approve_application,
    expire_applications,
    reject_application,
    resubmit_application,
    start_application,
    withdraw_application,
)
from accounts.services.checks import confirm_identity, override_check, run_checks
from accounts.services.closing import close_account, reopen_account
from accounts.services.consents import give_consent, withdraw_consent
from accounts.services.customer_changes import draft_change, submit_change, update_customer
from accounts.services.customers import register_customer
from accounts.services.documents import OpenedFile, open_document, refuse_document, upload_document, verify_document
from accounts.services.dormancy import fall_dormant, mark_dormant, wake_account
from accounts.services.expired_documents import announce_expiring, give_back_renewed, restrict_expired
from accounts.services.exporting import export_personal_data
from accounts.services.limits import LimitDraft, set_limits, set_overdraft
from accounts.services.opening import open_account
from accounts.services.parties import Rights, add_party, remove_party
from accounts.services.partner_access import grant_partner_access, revoke_partner_access
from accounts.services.payee_checks import check_payee
from accounts.services.pseudonymising import pseudonymise_customer
from accounts.services.recognising import recognise_customer
from accounts.services.restricting import freeze_account, release_account, release_ended
from accounts.services.revealing import reveal_personal_data
from accounts.services.reviews import ReviewAnswers, confirm_review, lower_risk_rating, raise_risk_rating

__all__ = [
    "AccountWish",
    "AddressDraft",
    "Answers",
    "ContactDraft",
    "IdentifierDraft",
    "LimitDraft",
    "OpenedFile",
    "OwnerDraft",
    "ReviewAnswers",
    "Rights",
    "TaxResidenceDraft",
    "add_party",
    "announce_expiring",
    "approve_application",
    "check_payee",
    "close_account",
    "confirm_identity",
    "confirm_review",
    "draft_change",
    "expire_applications",
    "export_personal_data",
    "fall_dormant",
    "freeze_account",
    "give_back_renewed",
    "give_consent",
    "grant_access",
    "grant_partner_access",
    "lower_risk_rating",
    "mark_dormant",
    "open_account",
    "open_document",
    "override_check",
    "pseudonymise_customer",
    "raise_risk_rating",
    "recognise_customer",
    "refuse_document",
    "register_customer",
    "reject_application",
    "release_account",
    "release_ended",
    "remove_party",
    "reopen_account",
    "restrict_expired",
    "resubmit_application",
    "reveal_personal_data",
    "revoke_access",
    "revoke_partner_access",
    "run_checks",
    "set_confidential",
    "set_limits",
    "set_overdraft",
    "start_application",
    "submit_change",
    "update_customer",
    "upload_document",
    "verify_document",
    "wake_account",
    "withdraw_application",
    "withdraw_consent",
]
