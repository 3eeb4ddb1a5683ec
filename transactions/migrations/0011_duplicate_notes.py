"""What became of payments that came in again, day by day; by what number a partner named its payee."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import bankops.core.ids
from bankops.core.db import sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0001_initial"),
        ("transactions", "0010_transaction_notes"),
    ]

    operations = [
        migrations.AddField(
            model_name="transactionnote",
            name="payee_as_written",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=40, verbose_name="payee as written"
            ),
        ),
        migrations.CreateModel(
            name="DuplicateDayReport",
            fields=[
                ("business_date", models.DateField(primary_key=True, serialize=False, verbose_name="day")),
                ("payments", models.PositiveIntegerField(verbose_name="payments")),
                ("second_effects", models.PositiveIntegerField(verbose_name="made twice")),
                ("replayed", models.PositiveIntegerField(verbose_name="answered as before")),
                ("in_flight", models.PositiveIntegerField(verbose_name="told to wait")),
                ("other_content", models.PositiveIntegerField(verbose_name="refused: other content")),
                ("same_reference", models.PositiveIntegerField(verbose_name="refused: same reference")),
                ("look_alike", models.PositiveIntegerField(verbose_name="refused: look-alike")),
                ("abandoned", models.PositiveIntegerField(verbose_name="given up")),
                ("held", models.PositiveIntegerField(verbose_name="held back")),
                ("still_held", models.PositiveIntegerField(verbose_name="still held")),
                ("released", models.PositiveIntegerField(verbose_name="released by the bank")),
                ("confirmed", models.PositiveIntegerField(verbose_name="confirmed by the partner")),
                ("cancelled", models.PositiveIntegerField(verbose_name="cancelled")),
                ("expired", models.PositiveIntegerField(verbose_name="expired")),
                ("lines", models.JSONField(default=list, verbose_name="by partner")),
                ("is_settled", models.BooleanField(verbose_name="settled")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
            ],
            options={
                "verbose_name": "day of duplicates",
                "verbose_name_plural": "duplicates by day",
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_settled", False)), fields=["business_date"], name="duplicate_day_open"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            held=models.F("still_held")
                            + models.F("released")
                            + models.F("confirmed")
                            + models.F("cancelled")
                            + models.F("expired")
                        ),
                        name="duplicate_day_adds_up",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DuplicateNote",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("REPLAYED", "answered as before"),
                            ("IN_FLIGHT", "told to wait, the first was being carried out"),
                            ("REFUSED", "refused"),
                            ("ABANDONED", "given up, nothing was done"),
                            ("HELD", "held back"),
                            ("RELEASED", "released by the bank"),
                            ("CONFIRMED", "confirmed by its maker"),
                            ("CANCELLED", "cancelled"),
                            ("EXPIRED", "expired"),
                        ],
                        max_length=9,
                        verbose_name="answer",
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("same_key", "same key"),
                            ("other_content", "same key, other content"),
                            ("same_reference", "same reference"),
                            ("look_alike", "look-alike"),
                        ],
                        max_length=14,
                        verbose_name="cause",
                    ),
                ),
                ("credential", models.CharField(blank=True, max_length=64, verbose_name="credential")),
                ("record", models.CharField(blank=True, max_length=64, verbose_name="request")),
                ("amount", models.BigIntegerField(null=True, verbose_name="amount")),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                (
                    "partner",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duplicate_notes",
                        to="transactions.transaction",
                    ),
                ),
                (
                    "twin",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="transactions.transaction",
                    ),
                ),
            ],
            options={
                "verbose_name": "note of a duplicate",
                "verbose_name_plural": "notes of duplicates",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["at"], name="duplicate_note_day"),
                    models.Index(
                        condition=models.Q(("answer__in", ("RELEASED", "CONFIRMED", "CANCELLED", "EXPIRED"))),
                        fields=["transaction"],
                        name="duplicate_note_ending",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "answer__in",
                                [
                                    "REPLAYED",
                                    "IN_FLIGHT",
                                    "REFUSED",
                                    "ABANDONED",
                                    "HELD",
                                    "RELEASED",
                                    "CONFIRMED",
                                    "CANCELLED",
                                    "EXPIRED",
                                ],
                            )
                        ),
                        name="duplicate_note_answer_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cause__in", ["same_key", "other_content", "same_reference", "look_alike"])
                        ),
                        name="duplicate_note_cause_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__isnull", True), ("currency", "")),
                            models.Q(("amount__isnull", False), models.Q(("currency", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="duplicate_note_amount_has_currency",
                    ),
                ],
            },
        ),
        sql_file(HERE / "duplicate_notes.sql"),
    ]
