"""Names are found by the beginnings of their words, whatever is in the text."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.models import Customer
from tests.accounts.factories import make_customer

pytestmark = pytest.mark.django_db

NAMES = ("Li Hua", "Wang Lihong", "Anna-Maria O'Brien", "李华", "Müller & Söhne GmbH", "Factory 12")


@pytest.fixture(autouse=True)
def customers() -> None:
    for name in NAMES:
        make_customer(name)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("li", {"Li Hua", "Wang Lihong"}),
        ("LI HU", {"Li Hua"}),
        ("hua li", {"Li Hua"}),
        ("hong", set()),
        ("李", {"李华"}),
        ("anna-m", {"Anna-Maria O'Brien"}),
        ("maria", {"Anna-Maria O'Brien"}),
        ("O'Br", {"Anna-Maria O'Brien"}),
        ("müll söh", {"Müller & Söhne GmbH"}),
        ("factory 1", {"Factory 12"}),
    ],
)
def test_every_word_begins_a_word_of_the_name(text: str, found: set[str]) -> None:
    assert set(Customer.objects.filter(name__words=text).values_list("name", flat=True)) == found


@pytest.mark.parametrize(
    "text", ["", " ", "&", "|", "!", "li:*", "'", "\\", "li' | 'wang", "(", "<->", "%", ":*", "' OR 1=1 --"]
)
def test_nothing_in_the_text_is_an_operator(text: str) -> None:
    found = set(Customer.objects.filter(name__words=text).values_list("name", flat=True))
    assert found <= {"Li Hua", "Wang Lihong"}
    assert len(found) < 3


def test_the_index_answers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "customer_by_words" in Customer.objects.filter(name__words="li").explain()
