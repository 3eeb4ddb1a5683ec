"""Systems and contacts of partners, and what this installation is for."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import bankops.core.ids
import bankops.core.sealed
from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0003_signing"),
    ]

    operations = [
        migrations.CreateModel(
            name="Installation",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("is_sandbox", models.BooleanField(verbose_name="is a sandbox")),
                ("said_at", models.DateTimeField(verbose_name="said at")),
            ],
            options={
                "verbose_name": "installation",
                "verbose_name_plural": "installations",
                "default_permissions": (),
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="installation_is_one")],
            },
        ),
        migrations.CreateModel(
            name="PartnerSystem",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("purpose", models.CharField(blank=True, max_length=200, verbose_name="what it is for")),
                ("added_at", models.DateTimeField(verbose_name="added at")),
                ("retired_at", models.DateTimeField(blank=True, null=True, verbose_name="retired at")),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="systems",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
            ],
            options={
                "verbose_name": "system of a partner",
                "verbose_name_plural": "systems of partners",
                "permissions": [
                    ("add_system", "Can add a system of a partner"),
                    ("retire_system", "Can retire a system of a partner"),
                ],
                "default_permissions": ("view",),
            },
        ),
        migrations.AddField(
            model_name="credential",
            name="system",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.partnersystem",
                verbose_name="system",
            ),
        ),
        migrations.CreateModel(
            name="PartnerContact",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("TECHNICAL", "technical"), ("OPERATIONS", "operations"), ("SECURITY", "security")],
                        max_length=10,
                        verbose_name="called about",
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("email", bankops.core.sealed.SealedTextField(verbose_name="e-mail")),
                ("phone", bankops.core.sealed.SealedTextField(blank=True, verbose_name="phone")),
                ("drafted_at", models.DateTimeField(verbose_name="drafted at")),
                ("since", models.DateTimeField(blank=True, null=True, verbose_name="since")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact at a partner",
                "verbose_name_plural": "contacts at partners",
                "permissions": [
                    ("add_contact", "Can add a contact at a partner"),
                    ("end_contact", "Can end a contact at a partner"),
                    ("show_contact", "Can see how a contact at a partner is reached"),
                ],
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["TECHNICAL", "OPERATIONS", "SECURITY"])),
                        name="partner_contact_role_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until", None), ("since__isnull", False), _connector="OR"),
                        name="partner_contact_begins_first",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="partnersystem",
            constraint=models.UniqueConstraint(
                models.F("partner"),
                django.db.models.functions.text.Lower("name"),
                condition=models.Q(("retired_at", None)),
                name="partner_system_once",
            ),
        ),
        # Books that somebody works with already are live, whatever the settings of the next start say.
        migrations.RunSQL(
            "INSERT INTO partners_installation (id, is_sandbox, said_at)"
            " SELECT 1, false, clock_timestamp() WHERE EXISTS (SELECT FROM staff_user)",
            migrations.RunSQL.noop,
        ),
        sql_file(HERE / "systems.sql"),
        pinned_search_path("partners"),
    ]
