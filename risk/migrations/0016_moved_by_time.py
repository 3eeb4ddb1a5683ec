"""What moved in a time is found without reading all that ever moved."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("risk", "0015_later_answers")]

    operations = [
        migrations.AddIndex(
            model_name="movedmoney",
            index=BrinIndex(fields=["moment"], name="moved_by_time", pages_per_range=16),
        ),
    ]
