"""Whether anything was left behind: a fingerprint of every table of the product.

What Django keeps for itself (sessions, migrations) and the counters of failed sign-ins do not count.

Most tries write nothing at all. PostgreSQL counts what a transaction wrote, also what it took back; only where that count
moved are the rows themselves compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import connection

_NOT_THE_BANKS = ("django_", "axes_", "auth_permission")
# A wrong code counts, and a right one is used up, whatever comes of the decision.
CODES = frozenset(
    {"staff_onetimecodedevice", "approvals_codelock", "approvals_proof", "approvals_proofsubject", "core_auditevent"}
)

Fingerprint = Mapping[str, tuple[int, int]]


def product_tables() -> list[str]:
    """Return every table whose rows the bank would miss."""
    return [table for table in connection.introspection.table_names() if not table.startswith(_NOT_THE_BANKS)]


class Counter:
    """Counts what this connection writes to some tables: asked twice for every try, so it looks the tables up only once."""

    def __init__(self, tables: Sequence[str]) -> None:
        counted = " + ".join(f"pg_stat_get_xact_tuples_{what}(t)" for what in ("inserted", "updated", "deleted"))
        with connection.cursor() as cursor:
            cursor.execute("SELECT array_agg(t::regclass::oid)::text FROM unnest(%s::text[]) t", [list(tables)])
            # The numbers stand in the statement, so that the server plans it once and nothing is sent along.
            self._sql = f"SELECT sum({counted}) FROM unnest('{cursor.fetchone()[0]}'::oid[]) t"  # noqa: S608 - our own words

    def written(self) -> int:
        """Return how many rows this connection has written or tried to write lately.

        Compare two of them taken within one transaction; by itself the figure says nothing.
        """
        with connection.cursor() as cursor:
            cursor.execute(self._sql)
            return int(cursor.fetchone()[0])


def require_counting() -> None:
    """Refuse a server that counts nothing: it would prove that nothing ever changes.

    :raises RuntimeError: when `track_counts` is off.
    """
    with connection.cursor() as cursor:
        cursor.execute("SHOW track_counts")
        if cursor.fetchone() != ("on",):
            raise RuntimeError("PostgreSQL's track_counts is off, so the matrix could not see what a try writes")


def fingerprint(tables: Sequence[str]) -> Fingerprint:
    """Return, for each table, how many rows it has and a sum over what stands in them."""
    parts = [
        f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM \"{table}\" t"  # noqa: S608 - a table's name
        for table in tables
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return {table: (int(count), int(total)) for table, count, total in cursor.fetchall()}


def changed(before: Fingerprint, after: Fingerprint) -> frozenset[str]:
    """Return the tables that are not as they were."""
    return frozenset(table for table in before if before[table] != after[table])
