"""Array literals: what goes to PostgreSQL comes back."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from bankops.core import sql_arrays
from bankops.core.db import prepared
from bankops.core.errors import BankOpsError, UnstorableText
from tests.properties import examples

pytestmark = pytest.mark.django_db

storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


def from_postgres(literal: str, kind: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [literal])
        (values,) = cursor.fetchone()
        return list(values)


@given(
    st.lists(st.one_of(st.none(), storable, st.sampled_from(["", "NULL", "null", "{}", ",", '"', "\\", " x ", "\n"])))
)
@examples(300)
def test_any_text_comes_back(values: list[str | None]) -> None:
    assert from_postgres(sql_arrays.of_texts(values), "text") == values


@given(st.lists(st.binary(max_size=40)))
@examples(100)
def test_any_bytes_come_back(values: list[bytes]) -> None:
    assert [bytes(value) for value in from_postgres(sql_arrays.of_bytes(values), "bytea")] == values  # type: ignore[call-overload]


@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))), st.lists(st.booleans()))
@examples(100)
def test_numbers_and_flags_come_back(numbers: list[int | None], flags: list[bool]) -> None:
    assert from_postgres(sql_arrays.of_words(numbers), "bigint") == numbers
    assert from_postgres(sql_arrays.of_flags(flags), "boolean") == flags


@given(st.lists(st.dates()), st.lists(st.uuids()))
@examples(50)
def test_dates_and_uuids_come_back(dates: list[object], uuids: list[object]) -> None:
    assert from_postgres(sql_arrays.of_words(dates), "date") == dates
    assert from_postgres(sql_arrays.of_words(uuids), "uuid") == uuids


@pytest.mark.parametrize(("text", "code_point"), [("a\x00b", "U+0000"), ("\ud800", "U+D800"), ("ok\udfff", "U+DFFF")])
def test_text_that_postgresql_cannot_keep_is_refused_by_name(text: str, code_point: str) -> None:
    with pytest.raises(UnstorableText) as caught:
        sql_arrays.of_texts(["good", text])
    assert isinstance(caught.value, BankOpsError)
    assert code_point in str(caught.value)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 20])
def test_few_or_many_is_the_same_array(count: int) -> None:
    wanted = [UUID(int=number) for number in range(count)]
    written, parameters = sql_arrays.few_or_many("keys", wanted)
    assert prepared(f"SELECT {written}", parameters) == [(wanted,)]


def test_the_plan_of_a_few_is_kept() -> None:
    """Of an array it does not see the server assumes ten elements, and plans anew each time."""
    written, parameters = sql_arrays.few_or_many("keys", [UUID(int=1), UUID(int=2)])
    with connection.cursor() as cursor:
        for _time in range(12):
            prepared(f"SELECT count(*) FROM accounts_balance WHERE account_id = ANY ({written})", parameters)
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%accounts_balance%ARRAY[%'"
        )
        ((generic, custom),) = cursor.fetchall()
    assert generic > 0
    assert custom <= 5
