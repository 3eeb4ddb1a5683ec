"""What a partner keeps with its transaction for itself."""

import django.db.models.deletion
from django.db import migrations, models

_IS_OBJECT = """
    ALTER TABLE transactions_transactionnote ADD CONSTRAINT transaction_note_is_object
        CHECK (jsonb_typeof(metadata) = 'object' AND length(metadata::text) <= 20000)
"""
_AS_BEFORE = "ALTER TABLE transactions_transactionnote DROP CONSTRAINT transaction_note_is_object"


class Migration(migrations.Migration):
    dependencies = [("transactions", "0009_partner_orders")]

    operations = [
        migrations.CreateModel(
            name="TransactionNote",
            fields=[
                (
                    "transaction",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="note",
                        serialize=False,
                        to="transactions.transaction",
                        verbose_name="transaction",
                    ),
                ),
                ("metadata", models.JSONField(default=dict, verbose_name="metadata")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
            ],
            options={
                "verbose_name": "partner's note",
                "verbose_name_plural": "partners' notes",
                "default_permissions": (),
            },
        ),
        migrations.RunSQL(_IS_OBJECT, _AS_BEFORE),
    ]
