"""Which accounts a partner's systems may read, debit or credit."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import bankops.core.ids
from approvals.protection import always_two
from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_access"),
        ("approvals", "0003_protected_operations"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="account",
            options={
                "default_permissions": ("view",),
                "permissions": [
                    ("open_account", "Can open an account"),
                    ("close_account", "Can close an account"),
                    ("freeze_account", "Can freeze an account"),
                    ("release_account", "Can release a frozen account"),
                    ("mark_dormant", "Can mark an account dormant"),
                    ("wake_account", "Can wake a dormant account"),
                    ("set_overdraft", "Can set an account's overdraft limit"),
                    ("set_limits", "Can set an account's limits"),
                    ("reopen_account", "Can reopen a closed account"),
                    ("view_general_ledger", "Can view the bank's own accounts"),
                    ("view_all_branches", "Can view customers and accounts of every branch"),
                    ("view_confidential_account", "Can view this confidential account"),
                    ("set_confidential", "Can make an account confidential, and open to all again"),
                    ("grant_access", "Can grant access to a confidential account"),
                    ("revoke_access", "Can revoke access to a confidential account"),
                    ("partner_read", "Can read this account as a partner"),
                    ("partner_debit", "Can debit this account as a partner"),
                    ("partner_credit", "Can credit this account as a partner"),
                    ("grant_partner_access", "Can give a partner rights to an account"),
                    ("revoke_partner_access", "Can take a partner's rights to an account"),
                ],
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
            },
        ),
        migrations.CreateModel(
            name="AccountPartnerGrant",
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
                        related_name="partner_grants",
                        to="accounts.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="account_partner_grants",
                        to="auth.group",
                        verbose_name="partner",
                    ),
                ),
                (
                    "permission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="account_partner_grants",
                        to="auth.permission",
                        verbose_name="right",
                    ),
                ),
            ],
            options={
                "verbose_name": "a partner's right to an account",
                "verbose_name_plural": "partners' rights to accounts",
                "abstract": False,
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("group", "content_object", "permission"), name="account_partner_grant_once"
                    )
                ],
            },
        ),
        sql_file(HERE / "partner_grants.sql"),
        always_two("accounts.grant_partner_access"),
        pinned_search_path("accounts_partner_grant"),
    ]
