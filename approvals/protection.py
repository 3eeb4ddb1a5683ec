"""For migrations: make the database hold an operation to two people, whatever policies say."""

from __future__ import annotations

from django.db.migrations import RunSQL


def always_two(*keys: str) -> RunSQL:
    """Return the migration operation that adds operations to those which always need two people; see `Operation.always_two`.

    The migration depends on `approvals.0003_protected_operations`. Taken back, the rows stay: nothing uses them then.
    """
    rows = ", ".join(f"('{key}')" for key in keys)
    statement = f"INSERT INTO approvals_protectedoperation (key) VALUES {rows} ON CONFLICT DO NOTHING"  # noqa: S608 - our own
    return RunSQL(statement, RunSQL.noop)
