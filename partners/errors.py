"""What partners' services refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class UnknownPartner(BankOpsError):
    code = "unknown_partner"
    message = _("There is no partner %(partner)s.")
    http_status = 404


class UnknownCredential(BankOpsError):
    code = "unknown_credential"
    message = _("There is no credential %(credential)s.")
    http_status = 404


class PartnerNameTaken(BankOpsError):
    code = "partner_name_taken"
    message = _("There is a partner named “%(name)s” already.")
    http_status = 409


class PartnerNotActive(BankOpsError):
    code = "partner_not_active"
    message = _("%(partner)s is %(state)s. Only for an active partner can this be done.")
    http_status = 409


class PartnerNotSuspended(BankOpsError):
    code = "partner_not_suspended"
    message = _("%(partner)s is %(state)s, not suspended.")
    http_status = 409


class PartnerEnded(BankOpsError):
    code = "partner_ended"
    message = _("The partnership with %(partner)s has ended, for good. Register a partner anew.")
    http_status = 409


class PartnerUnchanged(BankOpsError):
    code = "partner_unchanged"
    message = _("That is so already: nothing would change for %(partner)s.")
    http_status = 409


class PartnerFieldMissing(BankOpsError):
    code = "partner_field_missing"
    message = _("“%(field)s” is needed.")


class UnknownPartnerKind(BankOpsError):
    code = "unknown_partner_kind"
    message = _("“%(kind)s” is no kind of partner. There are: %(kinds)s.")


class RateOutOfRange(BankOpsError):
    code = "rate_out_of_range"
    message = _("A partner may make 1 to 1,000 calls a second, and 100 to 10,000 at once.")


class UnknownScope(BankOpsError):
    code = "unknown_scope"
    message = _("No scope: %(scope)s. Choose at least one of %(scopes)s.")


class NotANetwork(BankOpsError):
    code = "not_a_network"
    message = _(
        "“%(network)s” is not a network. Write it like 203.0.113.0/24, with nothing set behind the slash's bits."
    )


class NetworkTooWide(BankOpsError):
    code = "network_too_wide"
    message = _("%(network)s is too wide: at least /8, for IPv6 /32.")


class TooManyNetworks(BankOpsError):
    code = "too_many_networks"
    message = _("A partner has at most %(limit)s networks.")


class LimitsOutOfOrder(BankOpsError):
    code = "limits_out_of_order"
    message = _("A day's limit is at least that of one transaction, and neither is negative.")


class CredentialNotActive(BankOpsError):
    code = "credential_not_active"
    message = _("Credential %(credential)s is %(state)s. Only an active one can have its secret replaced.")
    http_status = 409


class CredentialRevoked(BankOpsError):
    code = "credential_revoked"
    message = _("Credential %(credential)s is revoked already.")
    http_status = 409


class OverlapOutOfRange(BankOpsError):
    code = "overlap_out_of_range"
    message = _("The old secret lives on for 0 to %(limit)s whole hours.")


class SecretNotWaiting(BankOpsError):
    code = "secret_not_waiting"
    message = _("No secret waits to be picked up: it was picked up, or its time is over. Ask for a new one.")
    http_status = 409


class NotYoursToPickUp(BankOpsError):
    code = "not_yours_to_pick_up"
    message = _("Only whoever asked for a secret can pick it up, and nobody who agreed to it.")
    http_status = 403


class SecretsStillLive(BankOpsError):
    code = "secrets_still_live"
    message = _("Two secrets of %(credential)s live. Wait until the older one ends, or revoke the credential.")
    http_status = 409


class StaffOnly(BankOpsError):
    code = "staff_only"
    message = _("Only a member of staff can ask for this.")
    http_status = 403


class PartnerNotAllowed(BankOpsError):
    """Says no more on purpose: what is wrong with a credential is not for whoever holds it to find out."""

    code = "partner_not_allowed"
    message = _("This partner may not do this.")
    http_status = 403


class PartnerLimitMissing(BankOpsError):
    code = "partner_limit_missing"
    message = _("No limit in %(currency)s was agreed with this partner, so it can move nothing in it.")


class PartnerLimitExceeded(BankOpsError):
    code = "partner_limit_exceeded"
    message = _("This exceeds what the partner may move: %(limit)s %(currency)s %(per)s, %(left)s left.")


class TokenMissing(BankOpsError):
    code = "token_missing"
    message = _("Send an access token: “Authorization: Bearer …”.")
    http_status = 401


class TokenInvalid(BankOpsError):
    code = "token_invalid"
    message = _("The access token is not valid. Get a new one.")
    http_status = 401


class TokenExpired(BankOpsError):
    code = "token_expired"
    message = _("The access token has expired. Get a new one.")
    http_status = 401


class NetworkRefused(BankOpsError):
    code = "network_refused"
    message = _("Calls are not accepted from this address.")
    http_status = 403


class ScopeMissing(BankOpsError):
    code = "scope_missing"
    message = _("The access token lacks the scope %(scope)s.")
    http_status = 403
