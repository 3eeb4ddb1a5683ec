"""A change of a customer's data is one text, whatever order it was entered in, and reads back as it was."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import changes
from accounts.changes import Change, Ended
from accounts.customer_errors import ChangeUnreadable
from accounts.drafts import (
    SECTIONS,
    AddressDraft,
    ContactDraft,
    Draft,
    IdentifierDraft,
    OwnerDraft,
    TaxResidenceDraft,
)
from accounts.models import AddressType, ContactKind, ControlKind, IdentifierType
from tests.properties import examples

days = st.dates(date(1950, 1, 1), date(2050, 1, 1))
drafts: st.SearchStrategy[Draft] = st.one_of(
    st.builds(
        IdentifierDraft,
        st.sampled_from(IdentifierType),
        st.text(),
        st.text(),
        st.none() | days,
        st.none() | days,
    ),
    st.builds(ContactDraft, st.sampled_from(ContactKind), st.text(), st.booleans()),
    st.builds(AddressDraft, st.sampled_from(AddressType), st.text(), st.text(), st.text()),
    st.builds(TaxResidenceDraft, st.text(), days, st.text()),
    st.builds(OwnerDraft, st.sampled_from(ControlKind), st.none() | st.integers(1, 10_000), st.text(), st.text()),
)
wishes = st.builds(
    Change,
    st.dictionaries(st.sampled_from(changes.FIELDS), st.text()),
    st.lists(drafts, max_size=4, unique=True).map(tuple),
    st.lists(st.builds(Ended, st.sampled_from(SECTIONS), st.text()), max_size=4, unique=True).map(tuple),
)


@examples(200)
@given(wishes)
def test_what_is_written_is_read_again(change: Change) -> None:
    again = changes.read(changes.write(change))
    assert (again.fields, set(again.added), set(again.ended)) == (change.fields, set(change.added), set(change.ended))


@examples(50)
@given(wishes, st.randoms())
def test_the_order_of_entry_does_not_matter(change: Change, random: Any) -> None:
    added, ended = list(change.added), list(change.ended)
    random.shuffle(added)
    random.shuffle(ended)
    fields = dict(reversed(list(change.fields.items())))
    assert changes.write(Change(fields, tuple(added), tuple(ended))) == changes.write(change)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"fields": {}, "added": [{"section": "pets"}], "ended": []}',
        '{"fields": {}, "added": [{"section": "contacts", "kind": "PIGEON", "value": "x"}], "ended": []}',
        '{"fields": {}, "added": [{"section": "contacts", "wings": 2}], "ended": []}',
        '{"fields": {}, "added": [], "ended": ["contacts"]}',
        '{"fields": {"name": "Li Hua", "risk_rating": "LOW"}, "added": [], "ended": []}',  # an earlier version knew it
        '{"fields": ["name"], "added": [], "ended": []}',
    ],
)
def test_another_text_is_no_change(text: str) -> None:
    with pytest.raises(ChangeUnreadable):
        changes.read(text)


def test_a_change_without_anything_is_none() -> None:
    assert not Change()
    assert Change(ended=(Ended("contacts", "1"),))
