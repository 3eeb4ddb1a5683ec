"""Partners, their networks, credentials and limits."""

import django.db.models.deletion
import django.db.models.functions.text
import oauth2_provider.generators
import oauth2_provider.models
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import bankops.core.ids


class Migration(migrations.Migration):
    initial = True
    # The OAuth library's tables point to our credentials.
    run_before = [("oauth2_provider", "0001_initial")]

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Partner",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("legal_name", models.CharField(max_length=200, verbose_name="legal name")),
                (
                    "kind",
                    models.CharField(
                        choices=[("BUSINESS", "business"), ("AGENT", "agent")], max_length=10, verbose_name="kind"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("ACTIVE", "active"), ("SUSPENDED", "suspended"), ("ENDED", "ended")],
                        default="ACTIVE",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "may_credit_any",
                    models.BooleanField(
                        default=False,
                        help_text="Without it, only into accounts that were granted to it.",
                        verbose_name="may pay any customer",
                    ),
                ),
                ("rate_per_second", models.PositiveIntegerField(default=50, verbose_name="calls a second")),
                ("rate_burst", models.PositiveIntegerField(default=200, verbose_name="calls at once")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                (
                    "group",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="partner",
                        to="auth.group",
                        verbose_name="group",
                    ),
                ),
            ],
            options={
                "verbose_name": "partner",
                "verbose_name_plural": "partners",
                "permissions": [
                    ("register_partner", "Can register a partner"),
                    ("change_partner", "Can change what a partner may do"),
                    ("suspend_partner", "Can suspend a partner"),
                    ("resume_partner", "Can let a suspended partner call again"),
                    ("end_partner", "Can end a partnership"),
                    ("set_networks", "Can set the networks a partner calls from"),
                    ("set_partner_limits", "Can set a partner's limits"),
                ],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="Network",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("cidr", models.CharField(max_length=43, verbose_name="network")),
                ("added_at", models.DateTimeField(verbose_name="added at")),
                ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="removed at")),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="networks",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
            ],
            options={
                "verbose_name": "network",
                "verbose_name_plural": "networks",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="Credential",
            fields=[
                (
                    "client_id",
                    models.CharField(
                        db_index=True,
                        default=oauth2_provider.generators.generate_client_id,
                        max_length=255,
                        unique=True,
                        verbose_name="client ID",
                    ),
                ),
                (
                    "client_type",
                    models.CharField(
                        choices=[("confidential", "Confidential"), ("public", "Public")],
                        max_length=32,
                        verbose_name="client type",
                    ),
                ),
                (
                    "authorization_grant_type",
                    models.CharField(
                        choices=[
                            ("authorization-code", "Authorization code"),
                            ("urn:ietf:params:oauth:grant-type:device_code", "Device Code"),
                            ("implicit", "Implicit"),
                            ("password", "Resource owner password-based"),
                            ("client-credentials", "Client credentials"),
                            ("openid-hybrid", "OpenID connect hybrid"),
                        ],
                        max_length=44,
                        verbose_name="authorization grant type",
                    ),
                ),
                (
                    "client_secret",
                    oauth2_provider.models.ClientSecretField(
                        blank=True,
                        db_index=True,
                        default=oauth2_provider.generators.generate_client_secret,
                        help_text="Client secret for authentication",
                        max_length=255,
                        verbose_name="client secret",
                    ),
                ),
                ("hash_client_secret", models.BooleanField(default=True, verbose_name="hash client secret")),
                ("name", models.CharField(blank=True, max_length=255, verbose_name="name")),
                ("skip_authorization", models.BooleanField(default=False, verbose_name="skip authorization")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                (
                    "algorithm",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "No OIDC support"),
                            ("RS256", "RSA with SHA-2 256"),
                            ("HS256", "HMAC with SHA-2 256"),
                        ],
                        default="",
                        max_length=5,
                        verbose_name="algorithm",
                    ),
                ),
                (
                    "registration_source",
                    models.CharField(
                        choices=[
                            ("manual", "Manual"),
                            ("dcr", "Dynamic Client Registration"),
                            ("cimd", "Client ID Metadata Document"),
                        ],
                        default="manual",
                        help_text="How this application was registered (manual, DCR per RFC 7591, or CIMD)",
                        max_length=32,
                        verbose_name="registration source",
                    ),
                ),
                (
                    "cimd_expires_at",
                    models.DateTimeField(
                        blank=True,
                        default=None,
                        help_text="When the cached Client ID Metadata Document should be re-fetched",
                        null=True,
                        verbose_name="CIMD expires at",
                    ),
                ),
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("scopes", models.JSONField(default=list, verbose_name="scopes")),
                (
                    "state",
                    models.CharField(
                        choices=[("AWAITING_PICKUP", "awaiting pick-up"), ("ACTIVE", "active"), ("REVOKED", "revoked")],
                        default="AWAITING_PICKUP",
                        max_length=15,
                        verbose_name="state",
                    ),
                ),
                ("issued_at", models.DateTimeField(verbose_name="issued at")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends at")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked at")),
                ("pickup_until", models.DateTimeField(blank=True, null=True, verbose_name="pick up until")),
                ("pickup_overlap", models.DurationField(blank=True, null=True, verbose_name="old secret lives on for")),
                ("approval_request_id", models.UUIDField(verbose_name="approval request")),
                (
                    "pickup_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="picks up",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
            ],
            options={
                "verbose_name": "credential",
                "verbose_name_plural": "credentials",
                "permissions": [
                    ("issue_credential", "Can issue a credential to a partner"),
                    ("rotate_credential", "Can have a credential's secret replaced"),
                    ("revoke_credential", "Can revoke a credential"),
                    ("pick_up_secret", "Can pick up a secret that was agreed to"),
                ],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="PartnerLimit",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("per_transaction", models.BigIntegerField(verbose_name="per transaction")),
                ("per_day", models.BigIntegerField(verbose_name="per day")),
                ("set_at", models.DateTimeField(verbose_name="set at")),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="limits",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
            ],
            options={
                "verbose_name": "partner's limit",
                "verbose_name_plural": "partners' limits",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="PartnerUsage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("day", models.DateField(verbose_name="business day")),
                ("used", models.BigIntegerField(verbose_name="used")),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="usage",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
            ],
            options={
                "verbose_name": "use of a partner's limit",
                "verbose_name_plural": "use of partners' limits",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="CredentialSecret",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
                ("hint", models.CharField(max_length=4, verbose_name="ends in")),
                ("valid_from", models.DateTimeField(verbose_name="valid from")),
                ("valid_until", models.DateTimeField(blank=True, null=True, verbose_name="valid until")),
                ("approval_request_id", models.UUIDField(verbose_name="approval request")),
                (
                    "credential",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="secrets",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                        verbose_name="credential",
                    ),
                ),
                (
                    "picked_up_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="picked up by",
                    ),
                ),
            ],
            options={
                "verbose_name": "secret of a credential",
                "verbose_name_plural": "secrets of credentials",
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(fields=("approval_request_id",), name="secret_once_per_consent")
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalPartner",
            fields=[
                ("id", models.UUIDField(db_index=True, default=bankops.core.ids.uuid7, editable=False)),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("legal_name", models.CharField(max_length=200, verbose_name="legal name")),
                (
                    "kind",
                    models.CharField(
                        choices=[("BUSINESS", "business"), ("AGENT", "agent")], max_length=10, verbose_name="kind"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("ACTIVE", "active"), ("SUSPENDED", "suspended"), ("ENDED", "ended")],
                        default="ACTIVE",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "may_credit_any",
                    models.BooleanField(
                        default=False,
                        help_text="Without it, only into accounts that were granted to it.",
                        verbose_name="may pay any customer",
                    ),
                ),
                ("rate_per_second", models.PositiveIntegerField(default=50, verbose_name="calls a second")),
                ("rate_burst", models.PositiveIntegerField(default=200, verbose_name="calls at once")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="auth.group",
                        verbose_name="group",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical partner",
                "verbose_name_plural": "historical partners",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [models.Index(fields=["history_date", "id"], name="partners_hi_history_ca9f85_idx")],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddConstraint(
            model_name="partner",
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower("name"), name="partner_name_once"),
        ),
        migrations.AddConstraint(
            model_name="partner",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["BUSINESS", "AGENT"])), name="partner_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="partner",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["ACTIVE", "SUSPENDED", "ENDED"])), name="partner_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="partner",
            constraint=models.CheckConstraint(
                condition=models.Q(("rate_burst__gte", 100), ("rate_per_second__gte", 1)), name="partner_rate_sensible"
            ),
        ),
        migrations.AddConstraint(
            model_name="network",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at", None)), fields=("partner", "cidr"), name="partner_network_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="credential",
            constraint=models.CheckConstraint(
                condition=models.Q(("authorization_grant_type", "client-credentials"), ("client_type", "confidential")),
                name="credential_client_credentials_only",
            ),
        ),
        migrations.AddConstraint(
            model_name="credential",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "client_secret",
                        django.db.models.functions.text.Concat(models.Value("secrets:"), models.F("client_id")),
                    ),
                    ("hash_client_secret", False),
                ),
                name="credential_secret_elsewhere",
            ),
        ),
        migrations.AddConstraint(
            model_name="credential",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["AWAITING_PICKUP", "ACTIVE", "REVOKED"])),
                name="credential_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="credential",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revoked_at__isnull", False), ("state", "REVOKED")),
                    models.Q(models.Q(("state", "REVOKED"), _negated=True), ("revoked_at", None)),
                    _connector="OR",
                ),
                name="credential_revoked_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="credential",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("pickup_by", None), ("pickup_until", None)),
                    models.Q(("pickup_by__isnull", False), ("pickup_until__isnull", False)),
                    _connector="OR",
                ),
                name="credential_pickup_says_who",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerlimit",
            constraint=models.UniqueConstraint(fields=("partner", "currency"), name="partner_limit_once"),
        ),
        migrations.AddConstraint(
            model_name="partnerlimit",
            constraint=models.CheckConstraint(
                condition=models.Q(("per_day__gte", models.F("per_transaction")), ("per_transaction__gte", 0)),
                name="partner_limit_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerusage",
            constraint=models.UniqueConstraint(fields=("partner", "currency", "day"), name="partner_usage_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="partnerusage",
            constraint=models.CheckConstraint(condition=models.Q(("used__gte", 0)), name="partner_usage_not_negative"),
        ),
    ]
