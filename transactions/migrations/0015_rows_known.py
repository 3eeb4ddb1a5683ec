"""What comes by the thousand has its keys looked up all at once, instead of one by one by foreign keys."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from bankops.core.db import pinned_search_path, sql_file

HERE = Path(__file__).parent
_PIN = pinned_search_path("transactions").sql


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_partner_float"),
        ("partners", "0003_signing"),
        ("transactions", "0014_hold_metadata"),
    ]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, _PIN),  # last on the way back: what is left was pinned, and stays so
        migrations.AlterField(
            model_name="transaction",
            name="credit_account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.account",
                verbose_name="credit account",
            ),
        ),
        migrations.AlterField(
            model_name="transaction",
            name="debit_account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.account",
                verbose_name="debit account",
            ),
        ),
        migrations.AlterField(
            model_name="transaction",
            name="partner",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.partner",
                verbose_name="partner",
            ),
        ),
        migrations.AlterField(
            model_name="transactionevent",
            name="transaction",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="transactions.transaction",
            ),
        ),
        migrations.AlterField(
            model_name="transferbatchitem",
            name="batch",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="transactions.transferbatch",
                verbose_name="batch",
            ),
        ),
        migrations.AlterField(
            model_name="transferbatchitem",
            name="payee",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.account",
                verbose_name="payee",
            ),
        ),
        migrations.AlterField(
            model_name="transferbatchitem",
            name="payer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.account",
                verbose_name="payer",
            ),
        ),
        migrations.AlterField(
            model_name="transferbatchitem",
            name="transaction",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="batch_items",
                to="transactions.transaction",
                verbose_name="transaction",
            ),
        ),
        sql_file(HERE / "rows_known.sql"),
        migrations.RunSQL(_PIN, migrations.RunSQL.noop),
    ]
