"""Where the customer was who ordered a transfer of a batch: risk is asked when it is carried out, which may be later."""

from django.db import migrations, models


def _text(verbose_name: str, max_length: int) -> models.CharField:
    return models.CharField(blank=True, db_default="", editable=False, max_length=max_length, verbose_name=verbose_name)


class Migration(migrations.Migration):
    dependencies = [("transactions", "0016_risk_held")]

    operations = [
        migrations.AddField("transferbatchitem", "device_id", _text("device", 128)),
        migrations.AddField("transferbatchitem", "ip_address", _text("network address", 39)),
        migrations.AddField("transferbatchitem", "country", _text("country", 2)),
    ]
