"""Holds that partners place, and which one of its like a payment was that is held back."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transactions", "0012_transfer_batches"),
    ]

    operations: list[migrations.operations.base.Operation] = [
        migrations.AddField(
            model_name="transaction",
            name="ordinal",
            field=models.PositiveIntegerField(editable=False, null=True, verbose_name="ordinal among its like"),
        ),
        migrations.AddField(
            model_name="hold",
            name="partner",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.partner",
                verbose_name="partner",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="payee_as_written",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=40, verbose_name="payee as written"
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="confirmed_genuine_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="confirmed as no duplicate at"),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                condition=models.Q(("partner__isnull", False), ("state", "PENDING")),
                fields=["account", "payee", "amount"],
                name="hold_alike",
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                condition=models.Q(("partner__isnull", False)),
                fields=["partner", "-placed_at", "-id"],
                name="hold_of_partner",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("partner__isnull", True),
                    models.Q(("purpose", "PAYMENT"), models.Q(("external_reference", ""), _negated=True)),
                    _connector="OR",
                ),
                name="hold_partner_announces_payment",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(
                condition=models.Q(("partner__isnull", False)),
                fields=("partner", "external_reference"),
                name="hold_reference_once_per_partner",
            ),
        ),
    ]
