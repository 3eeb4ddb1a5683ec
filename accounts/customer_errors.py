"""Why a customer's data cannot be had as asked. What is wrong inside a number says `accounts.validation.errors`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class BirthDateRequired(BankOpsError):
    code = "birth_date_required"
    message = _("Write the date of birth: a person is registered with it.")


class BirthDateInFuture(BankOpsError):
    code = "birth_date_in_future"
    message = _("The date of birth is still to come. Compare it with the document.")


class BirthDateContradicts(BankOpsError):
    code = "birth_date_contradicts"
    message = _("The date of birth is not the one in the resident identity number (characters 7–14). Compare both.")


class BirthDateOfOrganisation(BankOpsError):
    code = "birth_date_of_organisation"
    message = _("An organisation has no date of birth. Leave it out.")


class OrganisationNumberRequired(BankOpsError):
    code = "organisation_number_required"
    message = _("Write the unified social credit code or the number in a company register.")


class IdentifierNotForKind(BankOpsError):
    code = "identifier_not_for_kind"
    message = _("A %(type)s cannot identify a customer of the kind “%(kind)s”. Choose another document.")


class CreditCodeIssuer(BankOpsError):
    code = "credit_code_issuer"
    message = _("Unified social credit codes are issued in China. Choose China, or “company registration number”.")


class DocumentExpired(BankOpsError):
    code = "document_expired"
    message = _("The document (%(type)s) expired on %(day)s. Ask for one that is valid.")


class DocumentIssuedLater(BankOpsError):
    code = "document_issued_later"
    message = _(
        "The document (%(type)s) would be issued on %(day)s, after today or after it expires. Compare both dates."
    )


class AddressIncomplete(BankOpsError):
    code = "address_incomplete"
    message = _("Write street, city and country of the address.")


class CertifiedInFuture(BankOpsError):
    code = "certified_in_future"
    message = _("The day of the tax self-certification is still to come. Write the day on the form.")


class OwnerNotNamed(BankOpsError):
    code = "owner_not_named"
    message = _("Name the owner: a customer's number, or the name of somebody who is no customer; not both.")


class OwnersOfPerson(BankOpsError):
    code = "owners_of_person"
    message = _("Customer %(customer)s is a person: only organisations have beneficial owners.")


class ShareRequired(BankOpsError):
    code = "share_required"
    message = _("Write the share in per cent: more than 0, at most 100, two decimal places.")


class OwnersOverWhole(BankOpsError):
    code = "owners_over_whole"
    message = _(
        "The owners would hold %(total)s by %(control)s. Together they hold 100 %% at most; compare the register."
    )


class OwnershipCircle(BankOpsError):
    code = "ownership_circle"
    message = _("Customer %(organisation)s would own itself through %(owner)s. Compare the register of owners.")


class AlreadyKept(BankOpsError):
    code = "already_kept"
    message = _("This is kept already: %(what)s. End the one that stands first, or leave it out.")
    http_status = 409


class NotKept(BankOpsError):
    code = "not_kept"
    message = _("What you want to end is not there any more. Reload the customer's page.")
    http_status = 409


class CustomerChanged(BankOpsError):
    code = "customer_changed"
    message = _(
        "Somebody saved customer %(customer)s since you opened this form. Reload it and enter your change again."
    )
    http_status = 409


class NothingToChange(BankOpsError):
    code = "nothing_to_change"
    message = _("Nothing is different. Change something, or go back.")


class ChangeUnreadable(BankOpsError):
    code = "change_unreadable"
    message = _("This change of a customer's data cannot be read: %(problem)s.")


class ChangeNotFound(BankOpsError):
    code = "change_not_found"
    message = _("There is no such change of this customer's data. Submit it again from the customer's page.")
    http_status = 404


class LastIdentifier(BankOpsError):
    code = "last_identifier"
    message = _("This leaves the customer without a valid identifying number. Add the new document in the same change.")


class PartyIsOwner(BankOpsError):
    code = "party_is_owner"
    message = _("Customer %(customer)s owns account %(account)s and may do everything already.")


class PartyThere(BankOpsError):
    code = "party_there"
    message = _("Customer %(customer)s has rights on account %(account)s already. End those first.")
    http_status = 409


class PartyNotFound(BankOpsError):
    code = "party_not_found"
    message = _("Nobody has these rights on the account any more. Reload its page.")
    http_status = 409


class DebitLimitNotNeeded(BankOpsError):
    code = "debit_limit_not_needed"
    message = _("A limit goes with the right to debit only. Leave it out, or choose that right.")


class DebitLimitNotPositive(BankOpsError):
    code = "debit_limit_not_positive"
    message = _("A limit of debits is more than zero.")


class ConsentThere(BankOpsError):
    code = "consent_there"
    message = _("Customer %(customer)s has given this consent already: %(purpose)s.")
    http_status = 409


class ConsentNotFound(BankOpsError):
    code = "consent_not_found"
    message = _("This consent does not stand any more. Reload the customer's page.")
    http_status = 409


class ConsentTextRequired(BankOpsError):
    code = "consent_text_required"
    message = _("Write the version that stands at the foot of the consent form.")
