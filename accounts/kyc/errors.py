"""Why an application, a check or a document is not taken as it is."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError

# -- Applications ----------------------------------------------------------------------------------------------------


class UnknownApplication(BankOpsError):
    code = "unknown_application"
    message = _("There is no such application.")
    http_status = 404


class ApplicantRejected(BankOpsError):
    code = "applicant_rejected"
    message = _("Customer %(customer)s was rejected for good. No application can be made for them.")
    http_status = 409


class AlreadyApproved(BankOpsError):
    code = "customer_already_approved"
    message = _("Customer %(customer)s is approved already. Open accounts on the customer's page.")
    http_status = 409


class ApplicationOpen(BankOpsError):
    code = "application_open"
    message = _("Customer %(customer)s has an application already: %(application)s. Go on with that one.")
    http_status = 409


class ApplicationClosed(BankOpsError):
    code = "application_closed"
    message = _("Application %(application)s is %(stage)s. Nothing more can be done on it.")
    http_status = 409


class NotResubmittable(BankOpsError):
    code = "not_resubmittable"
    message = _("Application %(application)s was not rejected with another try allowed. Start a new one if you may.")
    http_status = 409


class AnswersDoNotFit(BankOpsError):
    code = "answers_do_not_fit"
    message = _("“%(form)s” is no legal form of this kind of customer (%(kind)s). Choose another one.")


class NotReady(BankOpsError):
    code = "application_not_ready"
    message = _("Application %(application)s cannot be approved yet: %(missing)s.")
    http_status = 409


class NoOwners(BankOpsError):
    code = "owners_missing"
    message = _("Record who owns organisation %(customer)s, or why nobody can be named, before it is approved.")
    http_status = 409


class RejectionReasonRequired(BankOpsError):
    code = "rejection_reason_required"
    message = _("Choose at least one reason for the rejection from the list.")


class UnknownReason(BankOpsError):
    code = "unknown_reason"
    message = _("“%(value)s” is not on the list of reasons.")


# -- Checks ----------------------------------------------------------------------------------------------------------


class UnknownCheck(BankOpsError):
    code = "unknown_check"
    message = _("“%(check)s” is not one of the four checks.")


class NothingToOverride(BankOpsError):
    code = "nothing_to_override"
    message = _("The check %(check)s is settled already. There is nothing to override.")
    http_status = 409


class NotToConfirm(BankOpsError):
    code = "identity_not_to_confirm"
    message = _("The identity check does not wait for a person: %(why)s")
    http_status = 409


class OwnRegistration(BankOpsError):
    code = "own_registration"
    message = _("You registered this customer or brought the application. Somebody else has to compare the document.")
    http_status = 403


# -- Documents -------------------------------------------------------------------------------------------------------


class UnknownDocument(BankOpsError):
    code = "unknown_document"
    message = _("There is no such document.")
    http_status = 404


class DocumentEmpty(BankOpsError):
    code = "document_empty"
    message = _("The file is empty. Choose another one.")


class DocumentTooLarge(BankOpsError):
    code = "document_too_large"
    message = _("The file is larger than %(limit)s MB. Scan it with a lower resolution.")
    http_status = 413


class DocumentTypeRefused(BankOpsError):
    code = "document_type_refused"
    message = _("Only PDF, JPEG and PNG files are taken. Convert the file, or scan the document.")
    http_status = 415


class DocumentNotWhatItSays(BankOpsError):
    code = "document_not_what_it_says"
    message = _("The file's name says %(named)s, but it is %(found)s. Choose the right file.")


class DocumentUnreadable(BankOpsError):
    code = "document_unreadable"
    message = _("The file is damaged: it cannot be read as %(found)s. Scan the document again.")


class DocumentBomb(BankOpsError):
    code = "document_bomb"
    message = _("The file unpacks to far more than its size. It is not taken; scan the document yourself.")


class DocumentActive(BankOpsError):
    code = "document_active"
    message = _("The PDF carries a program or other files (%(found)s). Print it and scan the print.")


class DocumentEncrypted(BankOpsError):
    code = "document_encrypted"
    message = _("The PDF is protected by a password. Ask for one without.")


class DocumentTaken(BankOpsError):
    code = "document_taken"
    message = _("The same file was given for this customer on %(day)s already.")
    http_status = 409


class DocumentDecided(BankOpsError):
    code = "document_decided"
    message = _("The document is %(state)s already.")
    http_status = 409


class DocumentAlreadyExpired(BankOpsError):
    code = "document_already_expired"
    message = _("The document expired on %(day)s. Refuse it, and ask for a valid one.")


class ExpiryRequired(BankOpsError):
    code = "expiry_required"
    message = _("Write until when the document is valid, as it stands on it.")


class OwnDocument(BankOpsError):
    code = "own_document"
    message = _("You uploaded this document. Somebody else has to verify it.")
    http_status = 403


class DocumentErased(BankOpsError):
    code = "document_erased"
    message = _("The file was erased with the customer's personal data.")
    http_status = 410


# -- Periodic review -------------------------------------------------------------------------------------------------


class NotUnderReview(BankOpsError):
    code = "not_under_review"
    message = _("Customer %(customer)s is not an approved customer. There is nothing to review.")
    http_status = 409


class ReviewEases(BankOpsError):
    code = "review_eases"
    message = _(
        "Customer %(customer)s would be rated lower, or a risk would count less than before. Two others have to agree:"
        " submit it for approval (accounts.lower_risk_rating)."
    )
    http_status = 409


class RatingNotHigher(BankOpsError):
    code = "rating_not_higher"
    message = _("Customer %(customer)s is rated %(rating)s already. Choose a higher rating.")
    http_status = 409
