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


class NotAPublicKey(BankOpsError):
    code = "not_a_public_key"
    message = _("This is no Ed25519 public key. Paste it as PEM, or its 32 bytes in Base64; never the private one.")


class SigningKeyInUse(BankOpsError):
    code = "signing_key_in_use"
    message = _("Credential %(credential)s has this signing key already. A new one is to be made by the partner.")
    http_status = 409


class SigningKeysStillLive(BankOpsError):
    code = "signing_keys_still_live"
    message = _("Two signing keys of %(credential)s live. Wait until the older one ends, or let both end at once.")
    http_status = 409


class StaffOnly(BankOpsError):
    code = "staff_only"
    message = _("Only a member of staff can ask for this.")
    http_status = 403


class UnknownSystem(BankOpsError):
    code = "unknown_system"
    message = _("This partner has no system %(system)s.")
    http_status = 404


class SystemNameTaken(BankOpsError):
    code = "system_name_taken"
    message = _("%(partner)s has a system named “%(name)s” already.")
    http_status = 409


class SystemRetired(BankOpsError):
    code = "system_retired"
    message = _("System “%(name)s” is retired.")
    http_status = 409


class SystemInUse(BankOpsError):
    code = "system_in_use"
    message = _("“%(name)s” still signs in with: %(credentials)s. Revoke that first.")
    http_status = 409


class UnknownContact(BankOpsError):
    code = "unknown_contact"
    message = _("There is no contact %(contact)s.")
    http_status = 404


class UnknownContactRole(BankOpsError):
    code = "unknown_contact_role"
    message = _("“%(role)s” is nothing to be called about. There are: %(roles)s.")


class NotAnEmail(BankOpsError):
    code = "not_an_email"
    message = _("That is not an e-mail address.")


class NotAPhone(BankOpsError):
    code = "not_a_phone"
    message = _("That is not a phone number. Write it with its country, like +86 21 5555 0100.")


class ContactKnown(BankOpsError):
    code = "contact_known"
    message = _("%(name)s was added already.")
    http_status = 409


class ContactNotInForce(BankOpsError):
    code = "contact_not_in_force"
    message = _("%(name)s is no contact: it was never agreed to, or has ended.")
    http_status = 409


class InstallationIsLive(BankOpsError):
    code = "installation_is_live"
    message = _(
        "These are live books: they never become a sandbox. Take BANKOPS_SANDBOX away, or name another database."
    )
    http_status = 503


class InstallationIsSandbox(BankOpsError):
    code = "installation_is_sandbox"
    message = _(
        "These are the books of a sandbox: they never become live. Set BANKOPS_SANDBOX, or name another database."
    )
    http_status = 503


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


class SignatureRequired(BankOpsError):
    code = "signature_required"
    message = _("Sign this request (RFC 9421): this partner's requests are signed, all of them.")
    http_status = 401


class SignatureInvalid(BankOpsError):
    """Says no more on purpose: what a forger got right is not for it to find out."""

    code = "signature_invalid"
    message = _(
        "The signature is not right: one with the tag “bankops”, by a live Ed25519 key of this credential, over the request "
        "as it was sent."
    )
    http_status = 401


class SignatureExpired(BankOpsError):
    code = "signature_expired"
    message = _("The signature is to be made within the last %(minutes)s minutes (“created”). Look at your clock.")
    http_status = 401


class SignatureIncomplete(BankOpsError):
    code = "signature_incomplete"
    message = _("The signature does not cover all it has to. Missing: %(missing)s.")
    http_status = 401


class NonceReplayed(BankOpsError):
    code = "nonce_replayed"
    message = _("This signature's nonce was used before. Sign again, with another; the Idempotency-Key stays.")
    http_status = 401


class ContentDigestMismatch(BankOpsError):
    code = "content_digest_mismatch"
    message = _("The body is not the one that Content-Digest was made of (RFC 9530).")
    http_status = 400
