"""Keys that requests are signed with, and nonces used."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import bankops.core.ids
from bankops.core.db import pinned_search_path, sql_file


def _must_sign() -> models.BooleanField:
    text = "Then each of its credentials needs a signing key before it can call."
    return models.BooleanField(default=False, help_text=text, verbose_name="must sign its requests")


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0002_guards"),
    ]

    operations = [
        migrations.AddField(model_name="partner", name="requires_signature", field=_must_sign()),
        migrations.AddField(model_name="historicalpartner", name="requires_signature", field=_must_sign()),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("public_key", models.CharField(max_length=44, verbose_name="public key")),
                ("valid_from", models.DateTimeField(verbose_name="valid from")),
                ("valid_until", models.DateTimeField(blank=True, null=True, verbose_name="valid until")),
                ("approval_request_id", models.UUIDField(verbose_name="approval request")),
                (
                    "credential",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signing_keys",
                        to="partners.credential",
                        verbose_name="credential",
                    ),
                ),
            ],
            options={
                "verbose_name": "signing key",
                "verbose_name_plural": "signing keys",
                "permissions": [("set_signing_key", "Can have a credential's signing key set")],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(fields=("approval_request_id",), name="signing_key_once_per_consent"),
                    models.CheckConstraint(
                        condition=models.Q(("public_key__regex", "^[A-Za-z0-9+/]{43}=$")),
                        name="signing_key_is_32_bytes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UsedNonce",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("nonce", models.CharField(max_length=128, verbose_name="nonce")),
                ("seen_at", models.DateTimeField(verbose_name="seen at")),
                (
                    "credential",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.credential",
                        verbose_name="credential",
                    ),
                ),
            ],
            options={
                "verbose_name": "used nonce",
                "verbose_name_plural": "used nonces",
                "default_permissions": (),
                "indexes": [models.Index(fields=["seen_at"], name="nonce_by_age")],
                "constraints": [models.UniqueConstraint(fields=("credential", "nonce"), name="nonce_once")],
            },
        ),
        sql_file(Path(__file__).parent / "signing.sql"),
        pinned_search_path("partners_signing"),
    ]
