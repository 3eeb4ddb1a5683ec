"""Every function of ours in the database is tied to its schema: no temporary table can stand in for a real one."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_every_function_is_tied_to_its_schema() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname, coalesce(array_to_string(p.proconfig, ' '), '') LIKE '%search_path=%pg_temp%'"
            " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = current_schema()"
        )
        tied = dict(cursor.fetchall())
    assert len(tied) > 30
    assert [name for name, is_tied in tied.items() if not is_tied] == []
