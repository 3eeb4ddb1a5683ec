"""Customers as a bank knows them: addresses, contacts, owners, tax residences, consents, and rights on accounts."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import bankops.core.ids
import bankops.core.sealed
from bankops.core.db import pinned_search_path, sql_file

# Whoever had a role before there were rights: a joint owner everything, a disponent to view and debit.
_RIGHTS_BY_ROLE = """
UPDATE accounts_accountparty SET rights = CASE role WHEN 'JOINT' THEN 'FULL' ELSE 'DEBIT' END
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_sealed_personal_data"), ("core", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("valid_from", models.DateField(verbose_name="since")),
                ("valid_until", models.DateField(blank=True, null=True, verbose_name="ended on")),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("RESIDENTIAL", "home"),
                            ("REGISTERED", "registered office"),
                            ("BUSINESS", "place of business"),
                            ("MAILING", "for letters"),
                        ],
                        max_length=12,
                        verbose_name="type",
                    ),
                ),
                ("lines", bankops.core.sealed.SealedTextField(verbose_name="street and house")),
                ("postal_code", bankops.core.sealed.SealedTextField(blank=True, verbose_name="postal code")),
                ("city", models.CharField(max_length=100, verbose_name="city")),
                ("region", models.CharField(blank=True, max_length=100, verbose_name="region")),
                ("country", models.CharField(max_length=2, verbose_name="country")),
            ],
            options={
                "verbose_name": "address",
                "verbose_name_plural": "addresses",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="BeneficialOwner",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("valid_from", models.DateField(verbose_name="since")),
                ("valid_until", models.DateField(blank=True, null=True, verbose_name="ended on")),
                ("outsider_name", bankops.core.sealed.SealedTextField(blank=True, null=True, verbose_name="name")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                (
                    "control",
                    models.CharField(
                        choices=[
                            ("SHARES", "shares"),
                            ("VOTING", "voting rights"),
                            ("OTHER_MEANS", "other means"),
                            ("SENIOR_MANAGER", "senior managing official"),
                        ],
                        max_length=14,
                        verbose_name="control by",
                    ),
                ),
                ("share", models.PositiveIntegerField(blank=True, null=True, verbose_name="share")),
            ],
            options={
                "verbose_name": "beneficial owner",
                "verbose_name_plural": "beneficial owners",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("MARKETING", "offers and news"),
                            ("DATA_SHARING", "sharing data with partners"),
                            ("CREDIT_BUREAU", "asking the credit bureau"),
                            ("PROFILING", "personal assessment by machines"),
                        ],
                        max_length=14,
                        verbose_name="purpose",
                    ),
                ),
                ("text_version", models.CharField(max_length=20, verbose_name="version of the text")),
                ("given_at", models.DateTimeField(verbose_name="given at")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("BRANCH", "in the branch"),
                            ("PHONE", "by phone"),
                            ("LETTER", "by letter"),
                            ("ONLINE", "online"),
                        ],
                        max_length=8,
                        verbose_name="channel",
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at")),
            ],
            options={
                "verbose_name": "consent",
                "verbose_name_plural": "consents",
                "permissions": [
                    ("give_consent", "Can record a customer's consent"),
                    ("withdraw_consent", "Can record that a customer withdrew a consent"),
                ],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("valid_from", models.DateField(verbose_name="since")),
                ("valid_until", models.DateField(blank=True, null=True, verbose_name="ended on")),
                (
                    "kind",
                    models.CharField(
                        choices=[("PHONE", "phone"), ("EMAIL", "e-mail")], max_length=5, verbose_name="kind"
                    ),
                ),
                ("value", bankops.core.sealed.SealedTextField(verbose_name="value")),
                (
                    "value_index",
                    bankops.core.sealed.BlindIndexField(
                        context="accounts.contact", editable=False, null=True, of="value"
                    ),
                ),
                ("is_preferred", models.BooleanField(default=False, verbose_name="preferred")),
                ("verified_at", models.DateTimeField(blank=True, null=True, verbose_name="verified at")),
            ],
            options={
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="CustomerChange",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("base_version", models.PositiveIntegerField(verbose_name="based on version")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("content", bankops.core.sealed.SealedTextField(null=True, verbose_name="content")),
                ("made_by", models.CharField(max_length=100, verbose_name="made by")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
            ],
            options={
                "verbose_name": "change of a customer",
                "verbose_name_plural": "changes of customers",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TaxResidence",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("valid_from", models.DateField(verbose_name="since")),
                ("valid_until", models.DateField(blank=True, null=True, verbose_name="ended on")),
                ("country", models.CharField(max_length=2, verbose_name="country")),
                ("tax_number", bankops.core.sealed.SealedTextField(blank=True, verbose_name="tax number")),
                ("self_certified_on", models.DateField(verbose_name="self-certified on")),
            ],
            options={
                "verbose_name": "tax residence",
                "verbose_name_plural": "tax residences",
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.AlterModelOptions(
            name="accountparty",
            options={
                "default_permissions": ("view",),
                "permissions": [
                    ("add_party", "Can give somebody rights on an account"),
                    ("remove_party", "Can end somebody's rights on an account"),
                ],
                "verbose_name": "account party",
                "verbose_name_plural": "account parties",
            },
        ),
        migrations.AlterModelOptions(
            name="customer",
            options={
                "default_permissions": ("view",),
                "permissions": [
                    ("register_customer", "Can register a customer"),
                    ("reveal_personal_data", "Can see a customer's personal data in clear, with a reason"),
                    ("export_personal_data", "Can export everything held about a customer"),
                    ("pseudonymise_customer", "Can erase a former customer's personal data"),
                    ("update_customer", "Can change a customer's data"),
                ],
                "verbose_name": "customer",
                "verbose_name_plural": "customers",
            },
        ),
        migrations.RemoveConstraint(
            model_name="accountparty",
            name="party_once",
        ),
        migrations.RemoveConstraint(
            model_name="customeridentifier",
            name="identifier_type_known",
        ),
        migrations.AddField(
            model_name="accountparty",
            name="debit_limit",
            field=models.BigIntegerField(
                blank=True,
                help_text="In minor units. Empty: no limit of their own.",
                null=True,
                verbose_name="limit of a debit",
            ),
        ),
        migrations.AddField(
            model_name="accountparty",
            name="rights",
            field=models.CharField(
                choices=[("VIEW", "view"), ("DEBIT", "view and debit"), ("FULL", "everything the owner may")],
                default="VIEW",
                max_length=5,
                verbose_name="rights",
            ),
        ),
        migrations.AddField(
            model_name="accountparty",
            name="signature",
            field=models.CharField(
                choices=[("SINGLE", "alone"), ("JOINT", "together with another who may")],
                default="SINGLE",
                max_length=6,
                verbose_name="signs",
            ),
        ),
        migrations.AddField(
            model_name="accountparty",
            name="valid_from",
            field=models.DateField(blank=True, null=True, verbose_name="since"),
        ),
        migrations.AddField(
            model_name="accountparty",
            name="valid_until",
            field=models.DateField(blank=True, null=True, verbose_name="ended on"),
        ),
        migrations.AddField(
            model_name="customer",
            name="ownership_note",
            field=models.CharField(blank=True, max_length=200, verbose_name="why no owner is named"),
        ),
        migrations.AddField(
            model_name="customer",
            name="risk_rating",
            field=models.CharField(
                choices=[("LOW", "low"), ("MEDIUM", "medium"), ("HIGH", "high")],
                default="MEDIUM",
                max_length=6,
                verbose_name="risk rating",
            ),
        ),
        migrations.AddField(
            model_name="customer",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
        ),
        migrations.AddField(
            model_name="customeridentifier",
            name="ended_on",
            field=models.DateField(blank=True, null=True, verbose_name="ended on"),
        ),
        migrations.AddField(
            model_name="historicalcustomer",
            name="ownership_note",
            field=models.CharField(blank=True, max_length=200, verbose_name="why no owner is named"),
        ),
        migrations.AddField(
            model_name="historicalcustomer",
            name="risk_rating",
            field=models.CharField(
                choices=[("LOW", "low"), ("MEDIUM", "medium"), ("HIGH", "high")],
                default="MEDIUM",
                max_length=6,
                verbose_name="risk rating",
            ),
        ),
        migrations.AddField(
            model_name="historicalcustomer",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
        ),
        migrations.AlterField(
            model_name="customeridentifier",
            name="type",
            field=models.CharField(
                choices=[
                    ("RESIDENT_ID", "resident identity number"),
                    ("PASSPORT", "passport"),
                    ("CREDIT_CODE", "unified social credit code"),
                    ("COMPANY_NUMBER", "company registration number"),
                    ("LEI", "legal entity identifier"),
                    ("EXTERNAL", "number at another system"),
                ],
                max_length=16,
                verbose_name="type",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountparty",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_until__isnull", True)), fields=("account", "customer"), name="party_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="accountparty",
            constraint=models.CheckConstraint(
                condition=models.Q(("rights__in", ["VIEW", "DEBIT", "FULL"])), name="party_rights_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="accountparty",
            constraint=models.CheckConstraint(
                condition=models.Q(("signature__in", ["SINGLE", "JOINT"])), name="party_signature_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="accountparty",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("debit_limit__isnull", True),
                    models.Q(("debit_limit__gt", 0), ("rights", "DEBIT")),
                    _connector="OR",
                ),
                name="party_limit_of_debits",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountparty",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until__gte", models.F("valid_from")),
                    ("valid_until__isnull", True),
                    ("valid_from__isnull", True),
                    _connector="OR",
                ),
                name="party_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(("risk_rating__in", ["LOW", "MEDIUM", "HIGH"])), name="customer_risk_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="customeridentifier",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("type__in", ["RESIDENT_ID", "PASSPORT", "CREDIT_CODE", "COMPANY_NUMBER", "LEI", "EXTERNAL"])
                ),
                name="identifier_type_known",
            ),
        ),
        migrations.AddField(
            model_name="address",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="addresses",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AddField(
            model_name="beneficialowner",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="owners",
                to="accounts.customer",
                verbose_name="organisation",
            ),
        ),
        migrations.AddField(
            model_name="beneficialowner",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="owner_of",
                to="accounts.customer",
                verbose_name="owner",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consents",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contacts",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AddField(
            model_name="customerchange",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AddField(
            model_name="taxresidence",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tax_residences",
                to="accounts.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=models.Q(("type__in", ["RESIDENTIAL", "REGISTERED", "BUSINESS", "MAILING"])),
                name="address_type_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=models.Q(("country__regex", "^[A-Z]{2}$")), name="address_country_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_until__isnull", True)), fields=("customer", "type"), name="address_type_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="beneficialowner",
            constraint=models.CheckConstraint(
                condition=models.Q(("control__in", ["SHARES", "VOTING", "OTHER_MEANS", "SENIOR_MANAGER"])),
                name="owner_control_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="beneficialowner",
            constraint=models.CheckConstraint(
                condition=models.Q(("owner__isnull", True), ("outsider_name__isnull", True), _connector="OR"),
                name="owner_one_of_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="beneficialowner",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("share__isnull", True), models.Q(("share__gt", 0), ("share__lte", 10000)), _connector="OR"
                ),
                name="owner_share_of_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="beneficialowner",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("control__in", ["SHARES", "VOTING"]), _negated=True),
                    ("share__isnull", False),
                    _connector="OR",
                ),
                name="owner_share_said",
            ),
        ),
        migrations.AddConstraint(
            model_name="beneficialowner",
            constraint=models.UniqueConstraint(
                condition=models.Q(("owner__isnull", False), ("valid_until__isnull", True)),
                fields=("organisation", "owner", "control"),
                name="owner_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", ["MARKETING", "DATA_SHARING", "CREDIT_BUREAU", "PROFILING"])),
                name="consent_purpose_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["BRANCH", "PHONE", "LETTER", "ONLINE"])),
                name="consent_channel_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)), fields=("customer", "purpose"), name="consent_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_at__isnull", True), ("withdrawn_at__gte", models.F("given_at")), _connector="OR"
                ),
                name="consent_withdrawn_later",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["value_index"], name="contact_by_value"),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["PHONE", "EMAIL"])), name="contact_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_until__isnull", True)),
                fields=("customer", "kind", "value_index"),
                name="contact_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_preferred", True), ("valid_until__isnull", True)),
                fields=("customer", "kind"),
                name="contact_one_preferred",
            ),
        ),
        migrations.AddConstraint(
            model_name="customerchange",
            constraint=models.UniqueConstraint(fields=("digest",), name="customer_change_once"),
        ),
        migrations.AddConstraint(
            model_name="taxresidence",
            constraint=models.CheckConstraint(
                condition=models.Q(("country__regex", "^[A-Z]{2}$")), name="tax_country_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="taxresidence",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_until__isnull", True)),
                fields=("customer", "country"),
                name="tax_country_once",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["risk_rating", "-id"], name="customer_by_risk"),
        ),
        migrations.RunSQL([_RIGHTS_BY_ROLE], migrations.RunSQL.noop),
        sql_file(Path(__file__).parent / "people_guards.sql"),
        pinned_search_path("accounts"),
    ]
