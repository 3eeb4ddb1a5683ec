"""The daily report of risk, kept."""

import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("risk", "0007_cases"),
    ]

    operations = [
        migrations.CreateModel(
            name="RiskDayReport",
            fields=[
                ("business_date", models.DateField(primary_key=True, serialize=False, verbose_name="day")),
                ("raised", models.PositiveIntegerField(verbose_name="raised")),
                ("closed", models.PositiveIntegerField(verbose_name="decided")),
                ("confirmed", models.PositiveIntegerField(verbose_name="confirmed")),
                ("false_positive", models.PositiveIntegerField(verbose_name="false positives")),
                ("reported", models.PositiveIntegerField(verbose_name="reported")),
                ("open_at_end", models.PositiveIntegerField(verbose_name="open at the end")),
                ("overdue_at_end", models.PositiveIntegerField(verbose_name="overdue at the end")),
                ("cases_opened", models.PositiveIntegerField(verbose_name="cases opened")),
                ("cases_closed", models.PositiveIntegerField(verbose_name="cases closed")),
                ("ageing", models.JSONField(default=dict, verbose_name="ageing")),
                ("blocked", models.JSONField(default=dict, verbose_name="money stopped")),
                ("lines", models.JSONField(default=list, verbose_name="by reason")),
                ("is_settled", models.BooleanField(verbose_name="settled")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
            ],
            options={
                "verbose_name": "day of risk",
                "verbose_name_plural": "risk by day",
                "permissions": [("view_registers", "Can read and take the registers of large values and of reports")],
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "closed",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("confirmed"), "+", models.F("false_positive")
                                    ),
                                    "+",
                                    models.F("reported"),
                                ),
                            )
                        ),
                        name="risk_day_adds_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("overdue_at_end__lte", models.F("open_at_end"))),
                        name="risk_day_overdue_is_open",
                    ),
                ],
            },
        ),
    ]
