"""Score models, and the guards around them."""

from pathlib import Path

from django.db import migrations, models

import bankops.core.ids
from approvals.protection import always_two
from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("risk", "0009_monitoring"),
    ]

    operations = [
        migrations.CreateModel(
            name="ScoreModelVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("features_version", models.PositiveSmallIntegerField(verbose_name="version of the features")),
                ("content", models.JSONField(verbose_name="content")),
                ("content_hash", models.CharField(max_length=64, verbose_name="hash of the content")),
                ("learnt_since", models.DateTimeField(verbose_name="movements from")),
                ("learnt_until", models.DateTimeField(verbose_name="movements until")),
                ("parts", models.JSONField(verbose_name="movements")),
                ("metrics", models.JSONField(verbose_name="quality")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("CANDIDATE", "candidate"),
                            ("SHADOW", "shadow"),
                            ("ACTIVE", "active"),
                            ("RETIRED", "retired"),
                        ],
                        default="CANDIDATE",
                        editable=False,
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("trained_at", models.DateTimeField(verbose_name="trained at")),
                ("shadow_since", models.DateTimeField(null=True, verbose_name="in shadow since")),
                ("active_since", models.DateTimeField(null=True, verbose_name="active since")),
                ("retired_at", models.DateTimeField(null=True, verbose_name="retired at")),
                ("trained_by_id", models.CharField(max_length=64, verbose_name="maker's id")),
                ("trained_by_name", models.CharField(max_length=150, verbose_name="trained by")),
                ("approval_request_id", models.CharField(blank=True, max_length=64, verbose_name="approval request")),
            ],
            options={
                "verbose_name": "score model",
                "verbose_name_plural": "score models",
                "permissions": [
                    ("start_model_shadow", "Can ask for a score model to run beside the active one"),
                    ("activate_model", "Can ask for a score model to count"),
                    ("retire_model", "Can ask for a score model to stop counting"),
                ],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(fields=("number",), name="score_model_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "ACTIVE")), fields=("state",), name="score_model_one_active"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "SHADOW")), fields=("state",), name="score_model_one_shadow"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("content_hash__regex", "^[0-9a-f]{64}$")), name="score_model_hashed"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("learnt_until__gt", models.F("learnt_since"))),
                        name="score_model_learnt_over_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("features_version__gte", 1), ("number__gte", 1)), name="score_model_counted"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("active_since__isnull", True),
                                ("retired_at__isnull", True),
                                ("shadow_since__isnull", True),
                                ("state", "CANDIDATE"),
                            ),
                            models.Q(
                                ("active_since__isnull", True),
                                ("retired_at__isnull", True),
                                ("shadow_since__isnull", False),
                                ("state", "SHADOW"),
                            ),
                            models.Q(
                                ("active_since__isnull", False),
                                ("retired_at__isnull", True),
                                ("shadow_since__isnull", False),
                                ("state", "ACTIVE"),
                            ),
                            models.Q(("retired_at__isnull", False), ("state", "RETIRED")),
                            _connector="OR",
                        ),
                        name="score_model_state_dated",
                    ),
                ],
            },
        ),
        sql_file(HERE / "score.sql"),
        always_two("risk.activate_model", "risk.retire_model"),
        pinned_search_path("risk_score"),
    ]
