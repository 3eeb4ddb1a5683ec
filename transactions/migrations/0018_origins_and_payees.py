"""What risk is told: where the customer was who ordered a transfer of a batch, and the name of a standing order's payee elsewhere."""

from django.db import migrations, models

import bankops.core.sealed


def _text(verbose_name: str, max_length: int) -> models.CharField:
    return models.CharField(blank=True, db_default="", editable=False, max_length=max_length, verbose_name=verbose_name)


class Migration(migrations.Migration):
    dependencies = [("transactions", "0017_risk_held_later")]

    operations = [
        migrations.AddField("transferbatchitem", "device_id", _text("device", 128)),
        migrations.AddField("transferbatchitem", "ip_address", _text("network address", 39)),
        migrations.AddField("transferbatchitem", "country", _text("country", 2)),
        migrations.AddField(
            "standingorder",
            "payee_name",
            bankops.core.sealed.SealedTextField(blank=True, null=True, verbose_name="payee's name"),
        ),
        migrations.AddField(
            "standingorder",
            "payee_lists_version",
            models.BigIntegerField(editable=False, null=True, verbose_name="lists it was held against"),
        ),
        migrations.AddField(
            "standingorder",
            "payee_looked_at",
            models.DateTimeField(editable=False, null=True, verbose_name="looked at"),
        ),
        migrations.AddField("standingorder", "payee_failure", _text("why it failed", 100)),
        migrations.AddField("standingorder", "payee_alert", _text("alert about it", 200)),
        migrations.AddIndex(
            "standingorder",
            models.Index(
                condition=models.Q(("payee_name__isnull", False), ("state__in", ("ACTIVE", "SUSPENDED"))),
                fields=["id", "payee_lists_version"],
                name="standing_order_payee_named",
            ),
        ),
    ]
