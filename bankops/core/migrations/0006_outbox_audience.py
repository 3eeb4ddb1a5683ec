"""Whom a message of the outbox is for, and an order in which none is missed."""

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models

from bankops.core.models.outbox import TransactionNumber

_FOR_SOMEBODY = models.Q(("audience", ""), _negated=True)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_idempotency"),
    ]

    operations = [
        migrations.AddField(
            model_name="outboxmessage",
            name="audience",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="audience"),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="event_id",
            field=models.UUIDField(db_default=RandomUUID(), editable=False, verbose_name="event id"),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="xid",
            field=models.BigIntegerField(db_default=TransactionNumber(), editable=False),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(condition=_FOR_SOMEBODY, fields=["audience", "xid", "id"], name="outbox_feed"),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                condition=_FOR_SOMEBODY, fields=["audience", "subject_id", "id"], name="outbox_of_subject"
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.UniqueConstraint(condition=_FOR_SOMEBODY, fields=("event_id",), name="outbox_event_once"),
        ),
    ]
