"""What a partner keeps with its hold for itself."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transactions", "0013_partner_holds"),
    ]

    operations: list[migrations.operations.base.Operation] = [
        migrations.CreateModel(
            name="HoldNote",
            fields=[
                (
                    "hold",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="note",
                        serialize=False,
                        to="transactions.hold",
                        verbose_name="hold",
                    ),
                ),
                ("metadata", models.JSONField(default=dict, verbose_name="metadata")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "partner's note on a hold",
                "verbose_name_plural": "partners' notes on holds",
                "default_permissions": (),
            },
        ),
    ]
