"""What a list of endpoints' health counts has a name that can be counted."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_guards")]

    operations = [
        migrations.AlterModelOptions(
            name="endpointhealth",
            options={
                "default_permissions": ("view",),
                "verbose_name": "health record of a webhook endpoint",
                "verbose_name_plural": "health records of webhook endpoints",
            },
        ),
    ]
