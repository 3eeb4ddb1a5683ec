"""Assessments of movements, and the hits of rules in them."""

from pathlib import Path

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import bankops.core.ids
from bankops.core.db import sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("risk", "0002_rules"),
        ("risk", "0003_lists"),
        ("risk", "0004_alerts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("movement", models.CharField(max_length=40, verbose_name="movement")),
                ("reference", models.CharField(max_length=20, verbose_name="reference")),
                ("customer", models.CharField(blank=True, max_length=40, verbose_name="customer")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("APPROVE", "let through"),
                            ("REVIEW", "let through and look at it"),
                            ("BLOCK_AND_REVIEW", "hold back until somebody has looked"),
                            ("DECLINE", "refuse"),
                        ],
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                ("score", models.PositiveSmallIntegerField(verbose_name="score")),
                (
                    "band",
                    models.CharField(
                        choices=[("low", "low"), ("medium", "medium"), ("high", "high")],
                        max_length=6,
                        verbose_name="band",
                    ),
                ),
                ("failure", models.CharField(blank=True, max_length=60, verbose_name="could not be assessed")),
                ("ruleset", models.BigIntegerField(verbose_name="state of the rules")),
                ("reasons", models.JSONField(verbose_name="reasons")),
                ("shadow", models.JSONField(verbose_name="reasons in shadow")),
                ("snoozed", models.JSONField(verbose_name="snoozed")),
                ("facts", models.TextField(verbose_name="facts")),
                ("assessed_at", models.DateTimeField(verbose_name="assessed at")),
                ("milliseconds", models.FloatField(verbose_name="milliseconds")),
            ],
            options={
                "verbose_name": "assessment",
                "verbose_name_plural": "assessments",
                "default_permissions": ("view",),
                "indexes": [
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["assessed_at"], name="assessment_by_time", pages_per_range=16
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("movement",), name="assessment_once"),
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["APPROVE", "REVIEW", "BLOCK_AND_REVIEW", "DECLINE"])),
                        name="assessment_outcome_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("band__in", ["low", "medium", "high"])), name="assessment_band_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("score__lte", 1000)), name="assessment_score_within"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("failure", ""), ("outcome__in", ["BLOCK_AND_REVIEW", "DECLINE"]), _connector="OR"
                        ),
                        name="assessment_failed_stops",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleHit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.UUIDField(verbose_name="version of the rule")),
                ("rule", models.CharField(max_length=60, verbose_name="rule")),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("LIVE", "counted"),
                            ("SHADOW", "beside the live rules"),
                            ("SNOOZED", "snoozed for the customer"),
                        ],
                        max_length=7,
                        verbose_name="how",
                    ),
                ),
                ("hit_at", models.DateTimeField(verbose_name="when")),
                (
                    "assessment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hits",
                        to="risk.assessment",
                        verbose_name="assessment",
                    ),
                ),
            ],
            options={
                "verbose_name": "hit of a rule",
                "verbose_name_plural": "hits of rules",
                "default_permissions": (),
                "indexes": [models.Index(fields=["version", "hit_at"], name="rule_hit_of_version")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["LIVE", "SHADOW", "SNOOZED"])), name="rule_hit_how_known"
                    )
                ],
            },
        ),
        sql_file(HERE / "assessments.sql"),
    ]
