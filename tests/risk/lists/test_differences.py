"""Which version of a list is not taken on unseen."""

from __future__ import annotations

import pytest

from risk.lists.difference import refuse_if_shrunken
from risk.lists.errors import ListEmpty, ListShrunken


@pytest.mark.parametrize("left", [90, 99, 100])
def test_a_list_may_lose_a_tenth(left: int) -> None:
    refuse_if_shrunken(name="OFAC", before=100, lost=100 - left, after=left)


def test_a_list_that_lost_more_is_refused_whatever_came_new() -> None:
    with pytest.raises(ListShrunken) as refused:
        refuse_if_shrunken(name="OFAC", before=100, lost=11, after=189)

    assert refused.value.context == {"name": "OFAC", "lost": 11, "before": 100, "allowed": 10}
    assert "10 %" in str(refused.value)


def test_an_empty_list_is_refused_also_when_there_was_none_before() -> None:
    with pytest.raises(ListEmpty):
        refuse_if_shrunken(name="OFAC", before=0, lost=0, after=0)
