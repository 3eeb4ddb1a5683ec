"""What risk holds back: why, and when and by whom it was decided."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent
_PIN = pinned_search_path("transactions").sql


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_partner_float"),
        ("approvals", "0012_risk_held"),
        ("partners", "0004_systems"),
        ("risk", "0005_assessments"),
        ("transactions", "0015_rows_known"),
    ]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, _PIN),  # last on the way back: what is left was pinned, and stays so
        migrations.AlterModelOptions(
            name="transaction",
            options={
                "default_permissions": ("view",),
                "permissions": [
                    ("deposit", "Can take a deposit"),
                    ("withdraw", "Can pay out a withdrawal"),
                    ("transfer", "Can transfer between accounts"),
                    ("charge_fee", "Can charge a fee"),
                    ("reverse", "Can reverse a transaction"),
                    ("refund", "Can refund a transfer"),
                    ("release", "Can release a payment held as a possible duplicate"),
                    ("cancel_held", "Can cancel a payment that is held back"),
                    ("release_risk_held", "Can ask for the release of a payment held by risk"),
                    ("decline_risk_held", "Can decline a payment held by risk"),
                    ("view_trial_balance", "Can view the trial balance"),
                ],
                "verbose_name": "transaction",
                "verbose_name_plural": "transactions",
            },
        ),
        migrations.RemoveConstraint(
            model_name="transaction",
            name="transaction_held_says_why",
        ),
        migrations.RemoveConstraint(
            model_name="transaction",
            name="transaction_held_is_confirmed",
        ),
        migrations.AddField(
            model_name="transaction",
            name="risk_decided_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="decided by risk at"),
        ),
        migrations.AddField(
            model_name="transaction",
            name="risk_release",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="approvals.approvalrequest",
                verbose_name="released by",
            ),
        ),
        migrations.AlterField(
            model_name="transaction",
            name="held_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("possible_duplicate", "possible duplicate"),
                    ("risk_review", "to be looked at by risk"),
                    ("duplicate_and_risk", "possible duplicate, and to be looked at by risk"),
                ],
                db_default="",
                default="",
                editable=False,
                max_length=20,
                verbose_name="held because",
            ),
        ),
        migrations.AddConstraint(
            model_name="transaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "HELD"), _negated=True),
                    ("held_because__in", ["possible_duplicate", "risk_review", "duplicate_and_risk"]),
                    _connector="OR",
                ),
                name="transaction_held_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="transaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("POSTED", "REVERSED")), _negated=True),
                    models.Q(("held_because__in", ("possible_duplicate", "duplicate_and_risk")), _negated=True),
                    ("confirmed_genuine_at__isnull", False),
                    _connector="OR",
                ),
                name="transaction_held_is_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="transaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("POSTED", "REVERSED")), _negated=True),
                    models.Q(("held_because__in", ("risk_review", "duplicate_and_risk")), _negated=True),
                    ("risk_release__isnull", False),
                    _connector="OR",
                ),
                name="transaction_risk_held_is_released",
            ),
        ),
        migrations.AddConstraint(
            model_name="transaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("risk_decided_at__isnull", True), ("risk_release__isnull", True)),
                    models.Q(
                        ("held_because__in", ("risk_review", "duplicate_and_risk")), ("risk_decided_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="transaction_risk_decides_of_held",
            ),
        ),
        migrations.AddConstraint(
            model_name="transaction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("risk_release__isnull", False)),
                fields=("risk_release",),
                name="transaction_risk_release_once",
            ),
        ),
        sql_file(HERE / "risk_held.sql"),
        migrations.RunSQL(_PIN, migrations.RunSQL.noop),
    ]
