"""What a refusal leaves behind is written after everything else was taken back, once, by whoever turns it into an answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import transaction

from bankops.core import aftermath
from bankops.core.errors import Busy, ReasonRequired
from tests.accounts.factories import NOW


def noting(into: list[datetime]) -> Callable[[datetime], None]:
    return into.append


@pytest.mark.django_db
def test_it_is_written_once_with_what_the_refusal_was_raised_from() -> None:
    told: list[datetime] = []
    inner, outer = aftermath.leaving(Busy(), [noting(told)]), aftermath.leaving(ReasonRequired(), [noting(told)])
    outer.__cause__ = KeyError()
    outer.__cause__.__cause__ = inner
    aftermath.write_down(outer, now=NOW)
    assert told == [NOW, NOW]
    aftermath.write_down(outer, now=NOW)
    assert told == [NOW, NOW]


@pytest.mark.django_db
def test_one_that_was_raised_again_from_itself_is_written_once() -> None:
    told: list[datetime] = []
    refusal = aftermath.leaving(Busy(), [noting(told)])
    refusal.__cause__ = refusal
    aftermath.write_down(refusal, now=NOW)
    assert told == [NOW]


@pytest.mark.django_db
def test_what_goes_wrong_there_keeps_neither_the_next_nor_the_refusal() -> None:
    def broken(_now: datetime) -> None:
        raise KeyError

    told: list[datetime] = []
    aftermath.write_down(aftermath.leaving(Busy(), [broken, noting(told)]), now=NOW)
    assert told == [NOW]


@pytest.mark.django_db
def test_inside_somebodys_transaction_it_waits_for_who_ends_that_one() -> None:
    told: list[datetime] = []
    refusal = aftermath.leaving(Busy(), [noting(told)])
    with pytest.raises(Busy), transaction.atomic(), aftermath.written_afterwards(now=NOW):
        raise refusal
    assert told == []
    with pytest.raises(Busy), aftermath.written_afterwards(now=NOW), transaction.atomic():
        raise refusal
    assert told == [NOW]


def test_a_refusal_leaves_nothing_behind_unless_it_says_so() -> None:
    aftermath.leaving(Busy(), [noting([])])
    assert Busy().traces == ()
