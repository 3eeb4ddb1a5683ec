"""Counters of movements, and the functions that fold, read and forget."""

from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

import bankops.core.models.outbox
from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent
KINDS = [
    ("payer", "the account that pays"),
    ("payee", "whoever is paid"),
    ("customer", "the customer whose movement it is"),
    ("device", "the device it is ordered from"),
    ("pair", "an account that pays and whom it pays"),
    ("cust_device", "a customer and a device"),
    ("cust_country", "a customer and a country of its network"),
    ("cash", "the cash of a customer"),
    ("refunded", "whoever gets money back"),
]


def kind() -> models.CharField:
    return models.CharField(choices=KINDS, max_length=12, verbose_name="kind")


def many(field: models.Field, name: str) -> django.contrib.postgres.fields.ArrayField:
    return django.contrib.postgres.fields.ArrayField(base_field=field, size=None, verbose_name=name)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("core", "0006_outbox_audience")]

    operations = [
        migrations.CreateModel(
            name="VelocityCounter",
            fields=[
                ("key", models.UUIDField(primary_key=True, serialize=False, verbose_name="key")),
                ("kind", kind()),
                ("first_seen", models.DateTimeField(verbose_name="first seen")),
                ("last_seen", models.DateTimeField(verbose_name="last seen")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                ("country_at", models.DateTimeField(null=True, verbose_name="country seen")),
                ("slots", many(models.IntegerField(), "slots")),
                ("counts", many(models.IntegerField(), "counts")),
                ("sums", many(models.BigIntegerField(), "sums")),
                ("payees", many(models.BigIntegerField(), "payees")),
                ("payees_at", many(models.IntegerField(), "payees seen")),
                ("payers", many(models.BigIntegerField(), "payers")),
                ("payers_at", many(models.IntegerField(), "payers seen")),
            ],
            options={
                "verbose_name": "counter of movements",
                "verbose_name_plural": "counters of movements",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="VelocityFold",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("folded_below", models.BigIntegerField(verbose_name="folded below")),
            ],
            options={
                "verbose_name": "state of the folder",
                "verbose_name_plural": "state of the folder",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="VelocityTail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(verbose_name="key")),
                ("kind", kind()),
                (
                    "xid",
                    models.BigIntegerField(db_default=bankops.core.models.outbox.TransactionNumber(), editable=False),
                ),
                ("moment", models.DateTimeField(verbose_name="moment")),
                ("slot", models.IntegerField(verbose_name="slot")),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("payee", models.BigIntegerField(null=True, verbose_name="payee")),
                ("payer", models.BigIntegerField(null=True, verbose_name="payer")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
            ],
            options={
                "verbose_name": "movement to be counted",
                "verbose_name_plural": "movements to be counted",
                "default_permissions": (),
                "indexes": [models.Index(fields=["key", "xid"], name="velocity_tail_of_key")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="velocity_amount_not_negative"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", [code for code, _words in KINDS])), name="velocity_kind_known"
                    ),
                ],
            },
        ),
        sql_file(HERE / "velocity.sql"),
        pinned_search_path("risk"),
    ]
