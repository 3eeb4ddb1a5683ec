"""Partners and their credentials, to read; what changes them are the doors. No page shows a secret or its hash."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core.admin.display import amount, moment
from bankops.core.admin.readonly import ReadOnlyAdmin, ReadOnlyInline, TrackedAdmin
from partners import rules, scopes
from partners.admin.credential_doors import (
    IssueCredential,
    PickUpSecret,
    RevokeCredential,
    RotateCredential,
    SetSigningKey,
)
from partners.admin.partner_doors import (
    ChangePartner,
    EndPartner,
    RegisterPartner,
    ResumePartner,
    SetNetworks,
    SetPartnerLimits,
    SuspendPartner,
)
from partners.admin.system_doors import AddContact, AddSystem, EndContact, RetireSystem, ShowContact
from partners.models import (
    Credential,
    CredentialSecret,
    Partner,
    PartnerContact,
    PartnerLimit,
    PartnerSystem,
    SigningKey,
)


class LimitsOfPartner(ReadOnlyInline):
    model = PartnerLimit
    verbose_name_plural = _("Limits")
    fields = ("currency", "single", "daily")
    readonly_fields = fields
    show_change_link = False

    @admin.display(description=_("per transaction"))
    def single(self, limit: PartnerLimit) -> SafeString | str:
        return amount(limit.single)

    @admin.display(description=_("per day"))
    def daily(self, limit: PartnerLimit) -> SafeString | str:
        return amount(limit.daily)


class CredentialsOfPartner(ReadOnlyInline):
    model = Credential
    verbose_name_plural = _("Credentials")
    fields = ("name", "client_id", "state", "issued_at")
    readonly_fields = fields


class SystemsOfPartner(ReadOnlyInline):
    model = PartnerSystem
    verbose_name_plural = _("Systems")
    fields = ("name", "purpose", "added_at", "retired_at")
    readonly_fields = fields


class ContactsOfPartner(ReadOnlyInline):
    model = PartnerContact
    verbose_name_plural = _("Contacts")
    fields = ("name", "role", "since", "until")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[PartnerContact]:
        """Show whom two people agreed to, and no drafts."""
        contacts: QuerySet[PartnerContact] = super().get_queryset(request)
        return contacts.filter(since__isnull=False).defer("email", "phone")


class SecretsOfCredential(ReadOnlyInline):
    model = CredentialSecret
    verbose_name_plural = _("Secrets")
    fields = ("hint", "valid_from", "valid_until", "picked_up_by")
    readonly_fields = fields
    show_change_link = False


class SigningKeysOfCredential(ReadOnlyInline):
    model = SigningKey
    verbose_name_plural = _("Signing keys")
    fields = ("identity", "compared", "valid_from", "valid_until")
    readonly_fields = fields
    show_change_link = False

    @admin.display(description=_("key id"))
    def identity(self, key: SigningKey) -> str:
        return key.public_id

    @admin.display(description=_("fingerprint"))
    def compared(self, key: SigningKey) -> str:
        return str(key)


@admin.register(Partner)
class PartnerAdmin(TrackedAdmin):
    doors = (
        RegisterPartner,
        IssueCredential,
        SetNetworks,
        SetPartnerLimits,
        ChangePartner,
        AddSystem,
        AddContact,
        ResumePartner,
        SuspendPartner,
        EndPartner,
    )
    timeline_subject = "partner"

    list_display = ("name", "kind", "state", "may_credit_any")
    list_filter = ("state", "kind")
    search_fields = ("name", "legal_name")
    ordering = ("name",)
    fields = (
        "name",
        "legal_name",
        "identity",
        "kind",
        "state",
        "calls_from",
        "may_credit_any",
        "requires_signature",
        "rate_per_second",
        "rate_burst",
        "created_at",
    )
    readonly_fields = ("identity", "calls_from")
    inlines = (LimitsOfPartner, CredentialsOfPartner, SystemsOfPartner, ContactsOfPartner)

    @admin.display(description=_("id"))
    def identity(self, partner: Partner) -> str:
        return partner.public_id

    @admin.display(description=_("calls from"))
    def calls_from(self, partner: Partner) -> str:
        return ", ".join(rules.networks_of(partner)) or gettext("nowhere: it cannot call")


@admin.register(Credential)
class CredentialAdmin(ReadOnlyAdmin):
    doors = (PickUpSecret, RotateCredential, SetSigningKey, RevokeCredential)
    timeline_subject = "credential"

    list_display = ("name", "partner", "client_id", "state", "issued_at")
    list_filter = ("state",)
    list_select_related = ("partner",)
    search_fields = ("name", "client_id", "partner__name")
    ordering = ("-issued_at",)
    fields = ("name", "partner", "system", "client_id", "state", "may", "issued_at", "ends_at", "revoked_at", "waiting")
    readonly_fields = ("may", "waiting")
    inlines = (SecretsOfCredential, SigningKeysOfCredential)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Credential]:
        credentials: QuerySet[Credential] = super().get_queryset(request)
        return credentials.select_related("partner", "system", "pickup_by")

    @admin.display(description=_("may"))
    def may(self, credential: Credential) -> str:
        return ", ".join(str(scopes.ALL.get(scope, scope)) for scope in credential.scopes)

    @admin.display(description=_("secret to be picked up"))
    def waiting(self, credential: Credential) -> str:
        if credential.pickup_by is None or credential.pickup_until is None:
            return gettext("none")
        words = gettext("by {name}, until {until}")
        return format_html(words, name=credential.pickup_by.full_name, until=moment(credential.pickup_until))


@admin.register(PartnerSystem)
class PartnerSystemAdmin(ReadOnlyAdmin):
    doors = (RetireSystem,)
    timeline_subject = "partner_system"

    list_display = ("name", "partner", "purpose", "added_at", "retired_at")
    list_select_related = ("partner",)
    search_fields = ("name", "partner__name")
    ordering = ("name",)
    fields = ("name", "partner", "purpose", "added_at", "retired_at")


@admin.register(PartnerContact)
class PartnerContactAdmin(ReadOnlyAdmin):
    doors = (ShowContact, EndContact)
    timeline_subject = "partner_contact"

    list_display = ("name", "partner", "role", "since", "until")
    list_filter = ("role",)
    list_select_related = ("partner",)
    search_fields = ("name", "partner__name")
    ordering = ("name",)
    fields = ("name", "partner", "role", "reached", "drafted_at", "since", "until")
    readonly_fields = ("reached",)

    @admin.display(description=_("reached at"))
    def reached(self, contact: PartnerContact) -> str:
        return ", ".join(sealed.masked for sealed in (contact.email, contact.phone) if sealed)
