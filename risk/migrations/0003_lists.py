"""Lists, who is on them, and whom screening takes for one of them."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import bankops.core.ids
import bankops.core.sealed
import risk.lists.values
from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent
_PIN = pinned_search_path("risk")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_partner_float"),
        ("approvals", "0008_endpoint_terms_whole"),
        ("notifications", "0002_guards"),
        ("risk", "0001_velocity"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, _PIN.sql),
        migrations.CreateModel(
            name="ListsVersion",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("entries", models.BigIntegerField(verbose_name="entries")),
                ("members", models.BigIntegerField(verbose_name="members")),
            ],
            options={
                "verbose_name": "version of the lists",
                "verbose_name_plural": "version of the lists",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ScreeningDue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer_id", models.UUIDField(verbose_name="customer")),
                (
                    "because",
                    models.CharField(
                        choices=[
                            ("NEW", "new customer"),
                            ("CHANGED", "the customer's data changed"),
                            ("LISTED", "an entry that was met changed"),
                            ("INTERVAL", "not screened for long"),
                        ],
                        max_length=8,
                        verbose_name="because",
                    ),
                ),
                (
                    "queued_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="since"),
                ),
            ],
            options={
                "verbose_name": "customer to be screened",
                "verbose_name_plural": "customers to be screened",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ScreeningState",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="screening",
                        serialize=False,
                        to="accounts.customer",
                        verbose_name="customer",
                    ),
                ),
                ("customer_version", models.PositiveIntegerField(verbose_name="version of the customer")),
                ("lists_version", models.BigIntegerField(verbose_name="version of the lists")),
                ("screened_at", models.DateTimeField(verbose_name="screened at")),
            ],
            options={
                "verbose_name": "state of screening",
                "verbose_name_plural": "states of screening",
                "default_permissions": (),
                "indexes": [models.Index(fields=["screened_at"], name="screening_longest_ago")],
            },
        ),
        migrations.CreateModel(
            name="WatchList",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.CharField(max_length=60, verbose_name="key")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("SANCTIONS", "sanctions"),
                            ("PEP", "politically exposed persons"),
                            ("REGION", "countries"),
                            ("OWN", "the bank's own"),
                        ],
                        max_length=9,
                        verbose_name="kind",
                    ),
                ),
                (
                    "colour",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("BLACK", "black: no business"),
                            ("GREY", "grey: to be looked at"),
                            ("WHITE", "white: known to be in order"),
                        ],
                        max_length=5,
                        verbose_name="colour",
                    ),
                ),
                (
                    "format",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("OFAC_CSV", "OFAC, CSV files"),
                            ("UN_XML", "United Nations, XML"),
                            ("PARTIES_CSV", "people and organisations, CSV of this bank"),
                            ("REGIONS_CSV", "countries, CSV of this bank"),
                        ],
                        max_length=11,
                        verbose_name="format",
                    ),
                ),
                ("label", models.CharField(max_length=100, verbose_name="name")),
                ("max_age_days", models.PositiveSmallIntegerField(default=7, verbose_name="too old after, in days")),
                (
                    "most_lost_percent",
                    models.PositiveSmallIntegerField(default=10, verbose_name="most entries lost, in per cent"),
                ),
                ("edition", models.PositiveIntegerField(null=True, verbose_name="edition")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="last confirmed")),
                ("overdue_since", models.DateTimeField(null=True, verbose_name="overdue since")),
            ],
            options={
                "verbose_name": "list",
                "verbose_name_plural": "lists",
                "permissions": [
                    ("accept_list_edition", "Can have a refused edition of a list taken on"),
                    ("add_to_list", "Can have somebody put on a list of the bank's own"),
                    ("remove_from_list", "Can have somebody taken off a list of the bank's own"),
                ],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(fields=("key",), name="list_key_once"),
                    models.CheckConstraint(
                        condition=models.Q(("key__regex", "^[a-z][a-z0-9_]*([.-][a-z0-9_]+)*$")),
                        name="list_key_is_a_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["SANCTIONS", "PEP", "REGION", "OWN"])), name="list_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("colour__in", ["BLACK", "GREY", "WHITE"]),
                                ("edition", None),
                                ("format", ""),
                                ("kind", "OWN"),
                            ),
                            models.Q(
                                models.Q(("kind", "OWN"), _negated=True),
                                ("colour", ""),
                                ("format__in", ["OFAC_CSV", "UN_XML", "PARTIES_CSV", "REGIONS_CSV"]),
                            ),
                            _connector="OR",
                        ),
                        name="list_colour_or_format",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("max_age_days__gte", 1), ("max_age_days__lte", 400)),
                        name="list_max_age_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("most_lost_percent__lte", 100)), name="list_most_lost_sane"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ListEdition",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.PositiveIntegerField(verbose_name="edition")),
                ("sha256", models.CharField(max_length=64, verbose_name="fingerprint")),
                ("published_on", models.DateField(null=True, verbose_name="published on")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("CURRENT", "in use"),
                            ("REFUSED", "not taken on"),
                            ("REPLACED", "replaced by a later one"),
                        ],
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "refused_because",
                    models.CharField(blank=True, max_length=60, verbose_name="why it was not taken on"),
                ),
                ("entries", models.PositiveIntegerField(verbose_name="entries")),
                ("added", models.PositiveIntegerField(verbose_name="added")),
                ("changed", models.PositiveIntegerField(verbose_name="changed")),
                ("removed", models.PositiveIntegerField(verbose_name="removed")),
                ("loaded_at", models.DateTimeField(verbose_name="loaded at")),
                ("loaded_by", models.CharField(max_length=100, verbose_name="loaded by")),
                ("approval_request_id", models.UUIDField(editable=False, null=True, verbose_name="approval request")),
                (
                    "watch_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="editions",
                        to="risk.watchlist",
                        verbose_name="list",
                    ),
                ),
            ],
            options={
                "verbose_name": "edition of a list",
                "verbose_name_plural": "editions of lists",
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["watch_list", "sha256"], name="edition_by_fingerprint")],
                "constraints": [
                    models.UniqueConstraint(fields=("watch_list", "number"), name="edition_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "CURRENT")), fields=("watch_list",), name="edition_current_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["CURRENT", "REFUSED", "REPLACED"])),
                        name="edition_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "REFUSED"), _negated=True),
                            models.Q(("refused_because", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="edition_refusal_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ListEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.CharField(max_length=100, verbose_name="key")),
                ("since", models.PositiveIntegerField(verbose_name="since edition")),
                ("until", models.PositiveIntegerField(null=True, verbose_name="until edition")),
                ("kind", models.CharField(max_length=10, verbose_name="kind")),
                ("reference", models.CharField(blank=True, max_length=100, verbose_name="reference")),
                ("names", models.JSONField(verbose_name="names")),
                ("birth_dates", models.JSONField(default=list, verbose_name="dates of birth")),
                (
                    "countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), default=list, size=None, verbose_name="countries"
                    ),
                ),
                (
                    "programmes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), default=list, size=None, verbose_name="programmes"
                    ),
                ),
                ("content", models.CharField(max_length=64, verbose_name="fingerprint of all")),
                ("matter", models.CharField(max_length=64, verbose_name="fingerprint of what matters")),
                (
                    "watch_list",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="risk.watchlist",
                        verbose_name="list",
                    ),
                ),
            ],
            options={
                "verbose_name": "entry of a list",
                "verbose_name_plural": "entries of lists",
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["watch_list", "since"], name="entry_by_start"),
                    models.Index(
                        condition=models.Q(("until__isnull", False)),
                        fields=["watch_list", "until"],
                        name="entry_by_end",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)), fields=("watch_list", "key"), name="entry_in_force_once"
                    ),
                    models.UniqueConstraint(fields=("watch_list", "key", "since"), name="entry_since_once"),
                    models.CheckConstraint(
                        condition=models.Q(("until", None), ("until__gt", models.F("since")), _connector="OR"),
                        name="entry_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RefusedContent",
            fields=[
                (
                    "edition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="refused_content",
                        serialize=False,
                        to="risk.listedition",
                    ),
                ),
                ("content", models.BinaryField(verbose_name="content")),
            ],
            options={
                "verbose_name": "content of a refused edition",
                "verbose_name_plural": "content of refused editions",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="RescreenRun",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("entries", models.PositiveIntegerField(verbose_name="entries")),
                ("chunks", models.PositiveIntegerField(verbose_name="parts")),
                ("chunks_left", models.PositiveIntegerField(verbose_name="parts left")),
                ("hits", models.PositiveIntegerField(default=0, verbose_name="new hits")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
                (
                    "edition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rescreening",
                        to="risk.listedition",
                        verbose_name="edition",
                    ),
                ),
            ],
            options={
                "verbose_name": "screening against an edition",
                "verbose_name_plural": "screenings against editions",
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("finished_at", None)), fields=["started_at"], name="rescreening_open"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("chunks_left__lte", models.F("chunks"))), name="rescreening_left_of_all"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RescreenChunk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("after", models.UUIDField(null=True)),
                ("upto", models.UUIDField(null=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="left",
                        to="risk.rescreenrun",
                        verbose_name="run",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a screening against an edition",
                "verbose_name_plural": "parts of screenings against editions",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ScreeningHit",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("entry_key", models.CharField(max_length=100, verbose_name="listed party")),
                ("score", models.PositiveSmallIntegerField(verbose_name="score")),
                (
                    "strength",
                    models.CharField(
                        choices=[
                            ("WEAK", "weak: by an alias that the list calls weak"),
                            ("POSSIBLE", "possible"),
                            ("STRONG", "strong"),
                        ],
                        max_length=8,
                        verbose_name="strength",
                    ),
                ),
                ("explanation", bankops.core.sealed.SealedTextField(blank=True, verbose_name="explanation")),
                ("subject_matter", models.CharField(editable=False, max_length=64)),
                ("found_at", models.DateTimeField(verbose_name="found at")),
                ("opened_at", models.DateTimeField(verbose_name="open since")),
                ("lapsed_at", models.DateTimeField(null=True, verbose_name="lapsed at")),
                (
                    "lapsed_because",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("DELISTED", "the entry is no longer listed"),
                            ("DIFFERS", "the names no longer meet"),
                        ],
                        max_length=8,
                        verbose_name="why it lapsed",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("OPEN", "open"),
                            ("NEEDS_MORE", "more is needed"),
                            ("TRUE", "true: it is the listed party"),
                            ("FALSE", "false: it is somebody else"),
                        ],
                        default="OPEN",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("decided_by", models.CharField(blank=True, max_length=100, verbose_name="decided by")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("decided_entry", models.CharField(blank=True, editable=False, max_length=64)),
                ("decided_subject", models.CharField(blank=True, editable=False, max_length=64)),
                ("approval_request_id", models.UUIDField(editable=False, null=True, verbose_name="approval request")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="screening_hits",
                        to="accounts.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="risk.listentry",
                        verbose_name="entry",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.beneficialowner",
                        verbose_name="owner",
                    ),
                ),
                (
                    "watch_list",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="risk.watchlist",
                        verbose_name="list",
                    ),
                ),
            ],
            options={
                "verbose_name": "screening hit",
                "verbose_name_plural": "screening hits",
                "permissions": [
                    ("decide_hit", "Can decide a screening hit"),
                    ("clear_strong_hit", "Can have a strong screening hit cleared"),
                ],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("lapsed_at", None), ("state__in", ["OPEN", "NEEDS_MORE"])),
                        fields=["opened_at"],
                        name="hit_open",
                    ),
                    models.Index(fields=["watch_list", "entry_key"], name="hit_by_entry"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "owner", "watch_list", "entry_key"), name="hit_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["OPEN", "NEEDS_MORE", "TRUE", "FALSE"])),
                        name="hit_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("strength__in", ["WEAK", "POSSIBLE", "STRONG"])), name="hit_strength_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("score__lte", 1000)), name="hit_score_of_thousand"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "OPEN"),
                            models.Q(
                                ("decided_at__isnull", False),
                                models.Q(("decided_by", ""), _negated=True),
                                models.Q(("reason", ""), _negated=True),
                                models.Q(("decided_entry", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="hit_decision_on_record",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lapsed_at", None), ("lapsed_because", "")),
                            models.Q(
                                ("lapsed_at__isnull", False),
                                models.Q(("lapsed_because", ""), _negated=True),
                                models.Q(("state", "TRUE"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="hit_lapse_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OwnListMember",
            fields=[
                (
                    "id",
                    models.UUIDField(default=bankops.core.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "value_type",
                    models.CharField(
                        choices=[
                            ("ACCOUNT", "account"),
                            ("CUSTOMER", "customer"),
                            ("NAME", "name"),
                            ("COUNTRY", "country"),
                            ("DEVICE", "device"),
                            ("ADDRESS", "network address"),
                        ],
                        max_length=8,
                        verbose_name="what",
                    ),
                ),
                ("written", bankops.core.sealed.SealedTextField(verbose_name="value")),
                ("value", bankops.core.sealed.SealedTextField(verbose_name="as compared")),
                (
                    "value_index",
                    bankops.core.sealed.BlindIndexField(
                        context="risk.own_list",
                        editable=False,
                        normalise=risk.lists.values.indexed,
                        null=True,
                        of="value",
                    ),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("until", models.DateField(blank=True, null=True, verbose_name="last day")),
                ("added_at", models.DateTimeField(verbose_name="added at")),
                ("added_by", models.CharField(max_length=100, verbose_name="added by")),
                ("approval_request_id", models.UUIDField(editable=False, verbose_name="approval request")),
                ("removed_at", models.DateTimeField(null=True, verbose_name="taken off at")),
                ("removed_by", models.CharField(blank=True, max_length=100, verbose_name="taken off by")),
                ("removed_because", models.CharField(blank=True, max_length=500, verbose_name="why it was taken off")),
                (
                    "removal_request_id",
                    models.UUIDField(editable=False, null=True, verbose_name="approval request of the removal"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who answers for it",
                    ),
                ),
                (
                    "watch_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="risk.watchlist",
                        verbose_name="list",
                    ),
                ),
            ],
            options={
                "verbose_name": "member of an own list",
                "verbose_name_plural": "members of own lists",
                "permissions": [("reveal_list_member", "Can see what is on an own list in clear, with a reason")],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at", None)),
                        fields=("watch_list", "value_type", "value_index"),
                        name="member_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("value_type__in", ["ACCOUNT", "CUSTOMER", "NAME", "COUNTRY", "DEVICE", "ADDRESS"])
                        ),
                        name="member_type_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="member_says_why"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("removal_request_id", None), ("removed_at", None), ("removed_because", "")),
                            models.Q(
                                ("removal_request_id__isnull", False),
                                ("removed_at__isnull", False),
                                models.Q(("removed_because", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="member_removal_says_why",
                    ),
                ],
            },
        ),
        sql_file(HERE / "lists.sql"),
        _PIN,
    ]
