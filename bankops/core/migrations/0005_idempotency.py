"""Keys under which requests are repeated, and the answers to them."""

from pathlib import Path

from django.db import migrations, models

import bankops.core.ids
from bankops.core.db import pinned_search_path, sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_end_of_day"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdempotencyRecord",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("scope", models.CharField(max_length=64, verbose_name="whose key")),
                ("key", models.CharField(max_length=255, verbose_name="key")),
                ("digest", models.BinaryField(max_length=32, verbose_name="digest of the request")),
                ("method", models.CharField(max_length=7, verbose_name="method")),
                ("path", models.CharField(max_length=200, verbose_name="path")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("STARTED", "begun"),
                            ("DONE", "answered"),
                            ("ABANDONED", "abandoned, nothing was done"),
                        ],
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("started_at", models.DateTimeField(verbose_name="begun at")),
                ("takeovers", models.PositiveSmallIntegerField(db_default=0, verbose_name="takeovers")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="answered at")),
                ("status", models.PositiveSmallIntegerField(null=True, verbose_name="status")),
                ("body", models.TextField(blank=True, db_default="", verbose_name="answer")),
                ("headers", models.JSONField(db_default={}, verbose_name="headers")),
                ("subject_id", models.CharField(blank=True, db_default="", max_length=64, verbose_name="record id")),
                ("replays", models.PositiveIntegerField(db_default=0, verbose_name="replays")),
                ("last_replay_at", models.DateTimeField(null=True, verbose_name="last replayed at")),
            ],
            options={
                "verbose_name": "request with a key",
                "verbose_name_plural": "requests with a key",
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "STARTED")), fields=["started_at"], name="idempotency_in_flight"
                    ),
                    models.Index(fields=["started_at"], name="idempotency_by_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("scope", "key"), name="idempotency_key_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["STARTED", "DONE", "ABANDONED"])),
                        name="idempotency_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at", None), ("state", "STARTED"), ("status", None)),
                            models.Q(
                                models.Q(("state", "STARTED"), _negated=True),
                                ("finished_at__isnull", False),
                                ("status__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="idempotency_done_has_answer",
                    ),
                ],
            },
        ),
        sql_file(Path(__file__).parent / "idempotency.sql"),
        pinned_search_path("core_idempotency"),
    ]
