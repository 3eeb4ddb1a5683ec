"""Write many new rows of one table at once, through PostgreSQL's COPY.

The ORM's `bulk_create` makes objects and one long statement, and spends several times longer on them than the database
does. COPY checks the same constraints and fires the same triggers. Like `bulk_create` it sends no signals and writes no
history, so it is not for tracked models.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import psycopg
from django.db import connection, models
from psycopg import sql

from bankops.core.db import transaction_required


@transaction_required
def copy_in(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Insert rows of `model` in the caller's transaction.

    :param fields: names as on an instance (`account_id`, not `account`). A key the database gives out may be left out;
        other fields may not, for their Python defaults do not apply.
    :param rows: values in the order of `fields`, as the column holds them: no enum members.
    :raises IntegrityError: when a constraint refuses one of them; none is written then.
    """
    column_of = {field.attname: field.column or field.attname for field in model._meta.concrete_fields}
    columns = sql.Composed([sql.Identifier(column_of[field]) for field in fields]).join(", ")
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(model._meta.db_table), columns)
    connection.ensure_connection()
    with (
        connection.wrap_database_errors,
        psycopg.Cursor(connection.connection) as cursor,
        cursor.copy(statement) as copy,
    ):
        for row in rows:
            copy.write_row(row)


def refresh_statistics(*written: type[models.Model]) -> None:
    """Let PostgreSQL look again at tables that have just grown a lot.

    Until it does (its own rounds come once a minute), it plans queries for the small tables they were before, and these
    can take minutes instead of seconds.
    """
    tables = sql.SQL(", ").join([sql.Identifier(model._meta.db_table) for model in written])
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("ANALYZE {}").format(tables))
