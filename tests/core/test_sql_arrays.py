"""Array literals: what goes to PostgreSQL comes back."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from bankops.core import sql_arrays
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
