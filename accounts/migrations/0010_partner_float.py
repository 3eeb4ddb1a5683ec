"""Which account is an agent's own: the one that stands for the cash at its counter."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_partner_access")]

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
                    ("partner_float", "Can use this account as an agent's own"),
                    ("grant_partner_access", "Can give a partner rights to an account"),
                    ("revoke_partner_access", "Can take a partner's rights to an account"),
                ],
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
            },
        ),
    ]
