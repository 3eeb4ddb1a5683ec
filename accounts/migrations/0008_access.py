"""Confidential accounts, and who may see them."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import bankops.core.ids
from approvals.protection import always_two
from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent

_CONFIDENTIAL = {
    "model_name": "account",
    "name": "is_confidential",
    "field": models.BooleanField(
        default=False, help_text="Seen only by those to whom it was granted.", verbose_name="confidential"
    ),
}


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_lifecycle"),
        ("approvals", "0003_protected_operations"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(**_CONFIDENTIAL),
        migrations.AddField(**{**_CONFIDENTIAL, "model_name": "historicalaccount"}),
        migrations.CreateModel(
            name="AccountGrant",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("granted_at", models.DateTimeField(verbose_name="granted at")),
                (
                    "approval_request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="approvals.approvalrequest",
                        verbose_name="approval request",
                    ),
                ),
                (
                    "content_object",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="accounts.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "permission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="account_grants",
                        to="auth.permission",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="account_grants",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "access to a confidential account",
                "verbose_name_plural": "access to confidential accounts",
                "abstract": False,
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(fields=("user", "permission", "content_object"), name="account_grant_once")
                ],
            },
        ),
        sql_file(HERE / "account_grants.sql"),
        always_two(
            "accounts.approve_application",
            "accounts.grant_access",
            "accounts.lower_risk_rating",
            "accounts.override_check",
            "accounts.pseudonymise_customer",
            "accounts.release_account",
            "accounts.reopen_account",
            "accounts.set_confidential",
            "accounts.wake_account",
        ),
        pinned_search_path("accounts_grant"),
    ]
