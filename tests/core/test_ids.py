"""Ids that partners see."""

from __future__ import annotations

import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankops.core import ids
from bankops.core.errors import InvalidId
from tests.properties import examples


def test_uuid7_has_the_version_and_variant_of_rfc_9562_and_the_time_in_front() -> None:
    before = time.time_ns() // 1_000_000
    value = ids.uuid7()
    assert (value.version, value.variant) == (7, uuid.RFC_4122)
    assert before <= value.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_sort_by_age_and_do_not_repeat() -> None:
    values = [ids.uuid7() for _ in range(10_000)]
    assert values == sorted(values)
    assert [ids.encode("tr", value) for value in values] == sorted(ids.encode("tr", value) for value in values)
    assert len(set(values)) == 10_000


@pytest.mark.parametrize(("back", "in_order"), [(1_000_000, True), (999_000_000, True), (2_000_000_000, False)])
def test_ids_sort_by_age_though_the_clock_is_corrected(
    monkeypatch: pytest.MonkeyPatch, back: int, in_order: bool
) -> None:
    moment = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: moment)
    before = ids.uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: moment - back)
    later = [ids.uuid7(), ids.uuid7()]
    assert later == sorted(later)
    assert (before < later[0]) == in_order


@given(st.uuids(), st.sampled_from(["tr", "acc", "a_b"]))
@examples(200)
def test_an_id_is_read_back_in_either_case(value: uuid.UUID, prefix: str) -> None:
    text = ids.encode(prefix, value)
    assert len(text) == len(prefix) + 27
    assert ids.decode(prefix, text) == value
    assert ids.decode(prefix, f" {text.upper()} ") == value


@pytest.mark.parametrize(
    "text",
    [
        "acc_00000000000000000000000000",  # another kind of record
        "00000000000000000000000000",
        "tr_0000000000000000000000000",  # a letter short
        "tr_000000000000000000000000000",  # a letter long
        "tr_0000000000000000000000000i",  # I, L, O and U are not in the alphabet
        "tr_0000000000000000000000000u",
        "tr_8zzzzzzzzzzzzzzzzzzzzzzzzz",  # more than 128 bits
        "tr_0000000000000000000000000٣",
        "",
    ],
)
def test_what_is_not_an_id_of_this_kind_is_refused(text: str) -> None:
    with pytest.raises(InvalidId) as caught:
        ids.decode("tr", text)
    assert "tr_…" in str(caught.value)
